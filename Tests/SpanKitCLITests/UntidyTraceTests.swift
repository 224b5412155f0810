import Foundation
import SpanKitInputs
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import SpanKitTestSupport
import Testing

/// Random dumps with repeated, cut, cyclic and timeless spans, against numbers that a program in Python computed on its own.
@Suite("Untidy traces", .generousTimeLimit)
struct UntidyTraceTests {
    /// What the Python program expects of one dump.
    private struct Expected: Decodable {
        struct Operation: Decodable {
            var service: String
            var name: String
            var count: UInt64
            var errors: UInt64
            var untimed: UInt64
            var total: UInt64
            var `self`: UInt64
            var max: UInt64?
            var critical: UInt64
        }

        struct Slow: Decodable {
            var traceId: String
            var duration: UInt64
            var spans: Int
            var errors: Int
        }

        /// The numbers of the spans for which the filter `where` is true.
        struct Selected: Decodable {
            var traces: Int
            var operations: [Operation]
        }

        var seed: Int
        var traces: Int
        var spans: Int
        var operations: [Operation]
        /// What traces would be shorter by without an operation.
        struct Impact: Decodable {
            var service: String
            var name: String
            var impact: UInt64
        }

        var slow: [Slow]
        var `where`: String
        var selected: Selected
        var impacts: [Impact]
    }

    private struct Key: Hashable, CustomStringConvertible {
        var service: ByteText
        var name: ByteText
        var description: String { "\(service.text)/\(name.text)" }

        init(service: ByteText, name: ByteText) {
            self.service = service
            self.name = name
        }

        init(_ row: Expected.Operation) {
            self.init(service: ByteText(row.service), name: ByteText(row.name))
        }
    }

    private struct Numbers: Equatable {
        var count: UInt64 = 0
        var errors: UInt64 = 0
        var untimed: UInt64 = 0
        var total: UInt64 = 0
        var own: UInt64 = 0
        var max: UInt64?
        var critical: UInt64 = 0

        init(_ row: Expected.Operation) {
            count = row.count
            errors = row.errors
            untimed = row.untimed
            total = row.total
            own = row.`self`
            max = row.max
            critical = row.critical
        }

        init(
            count: UInt64 = 0,
            errors: UInt64 = 0,
            untimed: UInt64 = 0,
            total: UInt64 = 0,
            own: UInt64 = 0,
            max: UInt64? = nil,
            critical: UInt64 = 0
        ) {
            self.count = count
            self.errors = errors
            self.untimed = untimed
            self.total = total
            self.own = own
            self.max = max
            self.critical = critical
        }

        /// The numbers of operations with one name in several services.
        mutating func add(_ other: Numbers) {
            count += other.count
            errors += other.errors
            untimed += other.untimed
            total += other.total
            own += other.own
            if let more = other.max { max = Swift.max(max ?? 0, more) }
            critical += other.critical
        }
    }

    /// What the Python program expects for many seeds.
    private func expectations(_ seeds: Range<Int>, in directory: URL) throws -> [Expected] {
        try lines(seeds, in: directory).map { try JSONDecoder().decode(Expected.self, from: $0) }
    }

    /// Runs the Python program for many seeds.
    /// - Parameter more: Additional arguments.
    /// - Returns: The lines of its output.
    private func lines(_ seeds: Range<Int>, in directory: URL, _ more: String...) throws -> [Data] {
        let process = Process()
        let output = directory.appending(path: "output")
        try Data().write(to: output)
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            [
                "python3", PackageFiles.url("Tests/SpanKitCLITests/Oracle/untidy.py").path, "\(seeds.lowerBound)",
                "\(seeds.count)", directory.path,
            ] + more
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try Data(contentsOf: output).split(separator: UInt8(ascii: "\n"))
    }

    /// `Oracle/mutations.py` drops, repeats, reorders, cuts and corrupts lines.
    @Test("Of damaged dumps, the numbers are right for what is left, or the damage is named")
    func mutations() async throws {
        try await withTemporaryDirectory { directory in
            let process = Process()
            let output = directory.appending(path: "output")
            try Data().write(to: output)
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [
                "python3", PackageFiles.url("Tests/SpanKitCLITests/Oracle/mutations.py").path, SpanKitProcess.program,
                "1",
                "20", directory.path,
            ]
            process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
            process.standardOutput = try FileHandle(forWritingTo: output)
            try process.run()
            process.waitUntilExit()
            let text = try String(contentsOf: output, encoding: .utf8)
            #expect(process.terminationStatus == 0, "\(text)")
            #expect(text.hasSuffix("100 dumps tried, 0 wrong results\n"), "\(text)")
        }
    }

    @Test("1,000 dumps in 100 files: each command has the numbers of another program", arguments: 0..<10)
    func documents(part: Int) async throws {
        try await withTemporaryDirectory { directory in
            let seeds = part * 100 + 2_001..<part * 100 + 2_101
            let wrong = try lines(seeds, in: directory, SpanKitProcess.program, "10").map {
                String(decoding: $0, as: UTF8.self)
            }
            #expect(wrong.isEmpty, "\(wrong.prefix(5).joined(separator: "\n"))")
        }
    }

    @Test(
        "Counts, errors, totals, self times, maxima and critical times are those of another program",
        arguments: 0..<10
    )
    func numbers(part: Int) async throws {
        try await withTemporaryDirectory { directory in
            let all = try expectations(part * 100 + 1..<part * 100 + 101, in: directory)
            #expect(all.count == 100)
            for expected in all { try compare(expected, directory.appending(path: "\(expected.seed).jsonl")) }
        }
    }

    private func compare(_ expected: Expected, _ file: URL) throws {
        var decoder = TraceDecoder()
        var assembler = TraceAssembler()
        var totals = TraceTotals()
        var patterns = TracePatterns()
        var numbers: [Key: Numbers] = [:]
        var slow: [String: Expected.Slow] = [:]
        func add(_ trace: Trace, _ names: NameTable) {
            totals.add(trace, names: names)
            patterns.add(trace)
            slow["\(trace.id)"] = Expected.Slow(
                traceId: "\(trace.id)",
                duration: trace.duration,
                spans: trace.spans.count,
                errors: trace.errorCount
            )
            let critical =
                trace.mainRoot.map { CriticalPath(of: trace, root: $0).times(spanCount: trace.spans.count) } ?? []
            for ((span, own), waited) in zip(zip(trace.spans, trace.selfTimes()), critical) {
                let key = Key(service: ByteText(names[span.service]), name: ByteText(names[span.name]))
                numbers[key, default: Numbers()].add(
                    Numbers(
                        count: 1,
                        errors: span.isError ? 1 : 0,
                        untimed: span.hasTimes ? 0 : 1,
                        total: span.duration,
                        own: own,
                        max: span.hasTimes ? span.duration : nil,
                        critical: waited
                    )
                )
            }
        }
        try decoder.decode([UInt8](Data(contentsOf: file))) { assembler.add($0, add) }
        decoder.finish { assembler.add($0, add) }
        assembler.finish(add)

        let seed = expected.seed
        #expect(slow.count == expected.traces, "seed \(seed)")
        for trace in expected.slow {
            let found = try #require(slow[trace.traceId], "seed \(seed)")
            #expect(found.duration == trace.duration, "seed \(seed), trace \(trace.traceId)")
            #expect(found.spans == trace.spans, "seed \(seed), trace \(trace.traceId)")
            #expect(found.errors == trace.errors, "seed \(seed), trace \(trace.traceId)")
        }
        let analysis = BottleneckAnalysis(sources: [], totals, patterns, names: assembler.names)
        let impacts = Dictionary(
            uniqueKeysWithValues: expected.impacts.map { (OperationKey(service: $0.service, name: $0.name), $0.impact) }
        )
        for operation in analysis.findings.map(\.operation) + analysis.others {
            let right = impacts[operation.key] ?? 0
            #expect(operation.impactNanoseconds == Double(right), "seed \(seed), \(operation.key.description)")
        }
        #expect(numbers.count == expected.operations.count, "seed \(seed)")
        var byName: [ByteText: Numbers] = [:]
        for row in expected.operations {
            let right = Numbers(row)
            byName[ByteText(row.name), default: Numbers()].add(right)
            let key = Key(row)
            #expect(numbers[key] == right, "seed \(seed), \(key)")
        }
        let byOperation = Dictionary(uniqueKeysWithValues: expected.operations.map { (Key($0), Numbers($0)) })
        compare(totals.byTime, byOperation, "seed \(seed)") {
            Key(service: $0.key.service ?? ByteText(""), name: $0.key.name)
        }
        compare(totals.mergingServices.byTime, byName, "seed \(seed), merged") { $0.key.name }
        try compareSelected(expected, file)
    }

    /// Compares `top` with a filter.
    private func compareSelected(_ expected: Expected, _ file: URL) throws {
        var selection = SpanSelection()
        selection.filter = try SpanFilter(expected.where)
        var decoder = TraceDecoder()
        var assembler = TraceAssembler()
        var totals = TraceTotals()
        func add(_ trace: Trace, _ names: NameTable) {
            if trace.hasSelection { totals.add(trace, names: names) }
        }
        func read(_ span: DecodedSpan) {
            assembler.add(span, as: selection.part(of: span), add)
        }
        try decoder.decode([UInt8](Data(contentsOf: file)), read)
        decoder.finish(read)
        assembler.finish(add)
        let comment = "seed \(expected.seed), \(expected.where)"
        #expect(totals.traceCount == expected.selected.traces, "\(comment)")
        let right = Dictionary(uniqueKeysWithValues: expected.selected.operations.map { (Key($0), Numbers($0)) })
        compare(totals.byTime, right, comment) { Key(service: $0.key.service ?? ByteText(""), name: $0.key.name) }
    }

    private func compare<Name: Hashable>(
        _ totals: [SpanTotals],
        _ expected: [Name: Numbers],
        _ comment: String,
        key: (SpanTotals) -> Name
    ) {
        #expect(totals.count == expected.count, "\(comment)")
        for one in totals {
            guard let right = expected[key(one)] else {
                Issue.record("\(comment): no operation \(one.key.description)")
                continue
            }
            let comment = "\(comment), \(one.key.description)"
            #expect(one.count == right.count, "\(comment)")
            #expect(one.errorCount == right.errors, "\(comment)")
            #expect(one.count - one.durations.count == right.untimed, "\(comment)")
            #expect(one.durations.sumNanoseconds == UInt128(right.total), "\(comment)")
            #expect(one.selfNanoseconds == UInt128(right.own), "\(comment)")
            #expect(one.durations.isEmpty || one.durations.maximumNanoseconds == right.max, "\(comment)")
        }
    }

    /// A line of OTLP JSON with one span.
    private func line(_ number: Int, name: String = "save", times: String? = nil, error: Bool = false) -> String {
        let start = 1_790_000_000_000_000_000 + number * 1_000_000_000
        let times = times ?? "\"startTimeUnixNano\":\"\(start)\",\"endTimeUnixNano\":\"\(start + number * 1_000)\","
        return "{\"resourceSpans\":[{\"resource\":{},\"scopeSpans\":[{\"scope\":{},\"spans\":[{"
            + "\"traceId\":\"0af7651916cd43dd8448eb211c8\(10_000 + number)\",\"spanId\":\"00f067aa0ba902b7\",\(times)"
            + (error ? "\"status\":{\"code\":2,\"message\":\"cause \(name)\"}," : "")
            + "\"name\":\"\(name)\"}]}]}]}\n"
    }

    @Test("Repeated spans count once and spans without times are left out of durations, in top and in prom")
    func repeatedAndUntimed() async throws {
        try await withTemporaryDirectory { directory in
            let text = line(1) + line(1) + line(2) + line(3, times: "\"startTimeUnixNano\":\"5\",")
            try Data(text.utf8).write(to: directory.appending(path: "x.jsonl"))
            let top = try await SpanKitProcess.run("top", "x.jsonl", "--format", "csv", in: directory)
            #expect(top.output.split(separator: "\n").last?.hasPrefix("save,,3,0,") == true, "\(top.output)")
            let notes = [
                "spankit: 1 repeated span was left out: equal to another span in all values",
                "spankit: 1 span has no start or no end ('save'); it is counted, but not included in any duration",
            ]
            #expect(top.complaints == notes)
            let prom = try await SpanKitProcess.run("prom", "x.jsonl", "--out", "x.prom", in: directory)
            #expect(prom.status == 0)
            #expect(prom.complaints == [notes[0], "spankit: 1 span has no start or no end ('save'); it is left out"])
            let metrics = PromTests.samples(
                try String(contentsOf: directory.appending(path: "x.prom"), encoding: .utf8)
            )
            let counts = metrics.filter { $0.key.hasPrefix("spankit_span_duration_seconds_count") }
            #expect(counts.map(\.value) == [2])
        }
    }

    @Test("JSON, CSV and Markdown are complete unless --limit is given, and then standard error says what is missing")
    func completeOutput() async throws {
        try await withTemporaryDirectory { directory in
            let text = (1...300).map {
                line(
                    $0,
                    name:
                        "operation \(String(UnicodeScalar(UInt8(97 + $0 % 26))))\(String(repeating: "x", count: $0 / 26))",
                    error: true
                )
            }.joined()
            try Data(text.utf8).write(to: directory.appending(path: "x.jsonl"))
            for (command, rows, title) in [
                ("slow", 300, "10 of 300 traces"), ("errors", 300, "20 of 300 causes"), ("top", 300, "40 of 300 names"),
                ("critical", 300, "40 of 300 operations"),
            ] {
                let whole = try await SpanKitProcess.run(command, "x.jsonl", "--format", "csv", in: directory)
                #expect(whole.output.split(separator: "\n").count == rows + 1, "\(command)")
                #expect(whole.error == "", "\(command)")
                let plain = try await SpanKitProcess.run(command, "x.jsonl", in: directory)
                #expect(
                    plain.output.split(separator: "\n").first?.contains(title) == true,
                    "\(command): \(plain.output)"
                )
                for format in ["json", "csv", "md"] {
                    let cut = try await SpanKitProcess.run(
                        command,
                        "x.jsonl",
                        "--limit",
                        "7",
                        "--format",
                        format,
                        in: directory
                    )
                    #expect(
                        cut.error == "spankit: 7 of \(rows) rows written; without --limit, all are written\n",
                        "\(command)"
                    )
                }
                let help = try await SpanKitProcess.run("help", command, in: directory)
                #expect(help.output.contains("as text,"), "\(command)")
            }
        }
    }
}
