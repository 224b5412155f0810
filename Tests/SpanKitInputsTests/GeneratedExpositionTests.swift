import Foundation
import SpanKitInputs
import SpanKitPrometheusText
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

/// A node_exporter to compare with: the installed one, and those in `SPANKIT_NODE_EXPORTERS`.
struct RealNodeExporter: Sendable, CustomTestStringConvertible {
    let version: String
    let program: String?

    var testDescription: String { version }

    /// The versions whose rules differ. `SPANKIT_NODE_EXPORTERS="1.9.0=PATH 1.11.1=PATH"` names programs.
    static let all: [RealNodeExporter] = {
        let named = (ProcessInfo.processInfo.environment["SPANKIT_NODE_EXPORTERS"] ?? "").split(separator: " ")
        var programs: [String: String] = [:]
        for pair in named {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { programs[parts[0]] = parts[1] }
        }
        if let installed = Equipment.nodeExporter.path, let version = version(of: installed), programs[version] == nil {
            programs[version] = installed
        }
        let known = ["1.5.0", "1.9.0", "1.11.1"]
        return Set(known + programs.keys).sorted { $0.compare($1, options: .numeric) == .orderedAscending }
            .map { RealNodeExporter(version: $0, program: programs[$0]) }
    }()

    private static func version(of program: String) -> String? {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: program)
        process.arguments = ["--version"]
        process.standardOutput = pipe
        process.standardError = pipe
        guard (try? process.run()) != nil else { return nil }
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.firstMatch(of: #/version (\d+\.\d+\.\d+)/#).map { String($0.output.1) }
    }
}

@Suite("Generated metrics files", .needs(.nodeExporter), .generousTimeLimit)
struct GeneratedExpositionTests {
    /// What becomes of a directory. The order is that of the checks.
    private enum Fate: Equatable {
        case panics
        /// The files without an error.
        case reads(Set<String>, isComplete: Bool)
    }

    @Test("Each version treats generated files as predicted", arguments: RealNodeExporter.all)
    func agreement(real: RealNodeExporter) async throws {
        guard let program = real.program else {
            try Test.cancel("node_exporter \(real.version) is not installed, nor in SPANKIT_NODE_EXPORTERS")
        }
        let version = try #require(NodeExporterVersion(real.version))
        let directory = TemporaryFolder()
        var exporter = try await NodeExporter(directory: directory.path, program: program)
        var generator = UntidyExposition(seed: 17)
        var counts: [String: Int] = [:]
        for round in 0..<(FuzzRounds.isUsual ? 1_000 : FuzzRounds.count) {
            let files = generator.directory()
            for name in ["x.prom", "y.prom", "z.prom"] {
                try? FileManager.default.removeItem(atPath: "\(directory.path)/\(name)")
            }
            for (name, text) in files { try directory.put(name, text) }
            let predicted = predict(files, version)
            let answer = try? exporter.metrics()
            let actual = answer.map { observe($0, files, in: directory.path) } ?? .panics
            counts[Self.kind(predicted), default: 0] += 1
            let texts = files.map { "\($0.file): \(String(decoding: $0.text, as: UTF8.self).debugDescription)" }
            #expect(
                actual == predicted || isInvisible(predicted, actual, files, version),
                "round \(round), \(version)\n\(texts.joined(separator: "\n"))"
            )
            if answer == nil { exporter = try await NodeExporter(directory: directory.path, program: program) }
        }
        // Every fate was among the inputs.
        #expect(counts.count == 4, "\(counts)")
    }

    /// Whether all that differs cannot be seen in the samples of an answer: a lost type, a repeated series, or a part that was added.
    private func isInvisible(
        _ predicted: Fate,
        _ actual: Fate,
        _ files: [(file: String, text: [UInt8])],
        _ version: NodeExporterVersion
    ) -> Bool {
        guard case .reads(let expected, false) = predicted, case .reads(expected, true) = actual else { return false }
        return files.filter { expected.contains($0.file) }.flatMap {
            ExpositionText.problems(in: $0.text, for: version)
        }
        .filter(\.outcome.losesSomething)
        .allSatisfy { problem in
            ["stay untyped", "series", "is missing and becomes 0"].contains(where: problem.reason.contains)
        }
    }

    private static func kind(_ fate: Fate) -> String {
        switch fate {
        case .panics: "panics"
        case .reads(let files, _) where files.isEmpty: "loses all files"
        case .reads(_, let isComplete): isComplete ? "serves" : "drops or changes"
        }
    }

    private func predict(_ files: [(file: String, text: [UInt8])], _ version: NodeExporterVersion) -> Fate {
        let outcomes = files.map { ($0.file, ExpositionText.outcome(of: $0.text, for: version)) }
        let conflicts = ExpositionText.conflicts(in: files, for: version)
        if outcomes.contains(where: { $0.1 == .panics }) || conflicts.contains(where: { $0.outcome == .panics }) {
            return .panics
        }
        let read = outcomes.filter { $0.1 != .losesFile }
        let isComplete = conflicts.isEmpty && read.allSatisfy { $0.1.map { !$0.losesSomething } ?? true }
        return .reads(Set(read.map(\.0)), isComplete: isComplete)
    }

    private func observe(
        _ answer: String,
        _ files: [(file: String, text: [UInt8])],
        in directory: String
    ) -> Fate {
        let read = files.filter { Served(answer, file: "\(directory)/\($0.file)").hasModificationTime }
        let served = Set(answer.split(separator: "\n").compactMap { WrittenSample($0) })
        let isComplete = read.allSatisfy { file in
            String(decoding: file.text, as: UTF8.self).split(separator: "\n").allSatisfy { line in
                let text = line.drop { $0 == " " || $0 == "\t" }
                return text.isEmpty || text.hasPrefix("#") || WrittenSample(text).map(served.contains) ?? false
            }
        }
        return .reads(Set(read.map(\.file)), isComplete: isComplete)
    }
}

/// A sample as the line says, without any rule of a reader: name, labels that are not empty, and value.
private struct WrittenSample: Hashable {
    private var name = ""
    private var labels: [String: String] = [:]
    private var value = 0.0

    /// Nil if the line is not of the form `name{label="text",…} value` or `{name,label="text",…} value`. Names can be quoted.
    init?(_ line: Substring) {
        var rest = line
        func skipBlanks() { rest = rest.drop { $0 == " " || $0 == "\t" } }
        guard let first = Self.word(&rest) else { return nil }
        name = first
        skipBlanks()
        if rest.first == "{" {
            rest.removeFirst()
            skipBlanks()
            while rest.first != "}" {
                guard let key = Self.word(&rest) else { return nil }
                skipBlanks()
                if rest.first == "=" {
                    rest.removeFirst()
                    skipBlanks()
                    guard rest.first == "\"", let text = Self.word(&rest) else { return nil }
                    if !text.isEmpty { labels[key] = Self.normal(key, text) }
                } else {
                    guard name.isEmpty else { return nil }
                    name = key
                }
                skipBlanks()
                if rest.first == "," { rest.removeFirst() } else if rest.first != "}" { return nil }
                skipBlanks()
            }
            rest.removeFirst()
        }
        let words = rest.split { $0 == " " || $0 == "\t" }
        guard !name.isEmpty, let number = words.first.flatMap({ Double($0) }), words.count <= 2 else { return nil }
        // NaN is equal to nothing, not even itself.
        value = number.isNaN ? .greatestFiniteMagnitude : number
    }

    /// node_exporter writes the bounds of buckets and quantiles as numbers.
    private static func normal(_ key: String, _ text: String) -> String {
        guard key == "le" || key == "quantile", let bound = Double(text) else { return text }
        return "\(bound)"
    }

    /// Reads a word, of which parts can be quoted. Nil if a quoted part has no end.
    private static func word(_ rest: inout Substring) -> String? {
        var text = ""
        var isQuoted = false
        while let next = rest.first, isQuoted || !"{}=, \t".contains(next) {
            rest.removeFirst()
            switch (next, isQuoted) {
            case ("\"", _): isQuoted.toggle()
            case ("\\", true):
                guard let escaped = rest.popFirst() else { return nil }
                text.append(escaped == "n" ? "\n" : escaped)
            default: text.append(next)
            }
        }
        return isQuoted ? nil : text
    }
}
