import SpanKitOTLP
import SpanKitPrometheusText

/// A family or series of which node_exporter serves only one of two files in a directory.
public struct ExpositionConflict: Sendable, Equatable, CustomStringConvertible {
    /// What the files disagree about.
    public enum Subject: String, Sendable {
        /// Different descriptions: the later family is dropped.
        case help = "HELP"
        /// Different types: the later family is dropped.
        case type = "TYPE"
        /// The same series: the later sample is dropped.
        case series = "series"
    }

    /// The name of the family.
    public let family: String
    /// What the files disagree about.
    public let subject: Subject
    /// The two files in the order in which node_exporter reads them. It drops from the second one.
    public let files: [String]

    /// One line: what is dropped, where, and what to do.
    public var description: String {
        switch subject {
        case .help, .type:
            "\(family) has one \(subject.rawValue) in \(files[0]) and another in \(files[1]); "
                + "node_exporter drops that of \(files[1]); make them the same"
        case .series:
            "\(family) has the same series in \(files[0]) and \(files[1]); "
                + "node_exporter drops that of \(files[1]); tell them apart by a label"
        }
    }
}

extension ExpositionText {
    /// The conflicts between the files of one directory, at most one for each family and file.
    ///
    /// Errors within a file are not reported here; ``ExpositionReader`` finds them.
    public static func conflicts(in files: [(file: String, text: [UInt8])]) -> [ExpositionConflict] {
        struct First {
            var file: String
            var family: ScannedFamily
            /// The file that has each series.
            var owners: [String: String]
        }
        var seen: [String: First] = [:]
        var conflicts: [ExpositionConflict] = []
        for (file, text) in files.sorted(by: { $0.file < $1.file }) {
            for (name, family) in ScannedFamily.all(in: text) where !family.series.isEmpty {
                guard let first = seen[name] else {
                    let owners = Dictionary(family.series.map { ($0, file) }) { first, _ in first }
                    seen[name] = First(file: file, family: family, owners: owners)
                    continue
                }
                func add(_ subject: ExpositionConflict.Subject, _ other: String) {
                    conflicts.append(.init(family: name, subject: subject, files: [other, file]))
                }
                if first.family.type != family.type {
                    add(.type, first.file)
                } else if first.family.help != family.help {
                    add(.help, first.file)
                } else if let other = family.series.lazy.compactMap({ first.owners[$0] }).first {
                    add(.series, other)
                }
                for series in family.series where first.owners[series] == nil { seen[name]?.owners[series] = file }
            }
        }
        return conflicts
    }
}

/// A family, read without parsing its samples: enough to compare files.
private struct ScannedFamily {
    var type: Metric.Kind?
    var help = ""
    /// The samples' names and labels, the labels in one order.
    var series: [String] = []

    /// The families in the order of their first lines.
    static func all(in text: [UInt8]) -> [(name: String, family: ScannedFamily)] {
        var families: [String: ScannedFamily] = [:]
        var names: [String] = []
        func change(_ name: String, _ body: (inout ScannedFamily) -> Void) {
            if families[name] == nil { names.append(name) }
            body(&families[name, default: ScannedFamily()])
        }
        func string(_ bytes: ArraySlice<UInt8>?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }
        for line in text.split(separator: UInt8(ascii: "\n")) {
            if line.first == UInt8(ascii: "#") {
                let words = line.split(separator: UInt8(ascii: " "), maxSplits: 3)
                guard words.count > 2 else { continue }
                let rest = string(words.count > 3 ? words[3] : nil)
                if words[1].elementsEqual("HELP".utf8) { change(string(words[2])) { $0.help = rest } }
                if words[1].elementsEqual("TYPE".utf8) {
                    change(string(words[2])) { $0.type = Metric.Kind(typeText: rest.lowercased()) }
                }
                continue
            }
            let end = line.lastIndex(of: UInt8(ascii: "}")) ?? line.firstIndex(of: UInt8(ascii: " ")) ?? line.endIndex
            let parts = line[..<end].split(separator: UInt8(ascii: "{"), maxSplits: 1)
            guard let name = parts.first.map({ string($0.split(separator: UInt8(ascii: " ")).first) }) else { continue }
            change(family(of: name, families)) { family in
                // Good enough to compare: a comma within a value splits it in the same way in both files.
                let labels = parts.dropFirst().first?.split { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") } ?? []
                family.type = family.type ?? .unknown
                family.series.append("\(name){\(labels.map { string($0) }.sorted().joined(separator: ","))")
            }
        }
        return names.map { ($0, families[$0, default: ScannedFamily()]) }
    }

    /// `x_count` belongs to `x` if that is a histogram or a summary.
    private static func family(of sample: String, _ families: [String: ScannedFamily]) -> String {
        guard families[sample] == nil, let underscore = sample.utf8.lastIndex(of: UInt8(ascii: "_")) else {
            return sample
        }
        let base = String(sample[..<underscore])
        return families[base]?.type?.suffixes.contains(String(sample[underscore...])) == true ? base : sample
    }
}

extension Metric.Kind {
    /// The kind that a `# TYPE` line names; nil if the format has no such type.
    init?(typeText: String) {
        switch typeText {
        case "counter": self = .sum(isMonotonic: true)
        case "gauge": self = .gauge
        case "histogram": self = .histogram
        case "summary": self = .summary
        case "untyped": self = .unknown
        default: return nil
        }
    }
}
