import Foundation
import SpanKitReports
import SpanKitTestSupport
import Testing

@Suite("Invalid and hostile input", .generousTimeLimit)
struct BadInputTests {
    private static let commands: [[String]] = [
        ["top"], ["top", "--by", "model"], ["tree"], ["tree", "--full"], ["tree", "--format", "speedscope"], ["slow"],
        ["errors"], ["critical"], ["analyze"], ["report", "--out", "r.html"],
    ]

    /// A line of spans `(id, parent, name, start, end)` in milliseconds, of one trace.
    private static func line(
        _ spans: [(id: Int, parent: Int, name: String, start: Int, end: Int)],
        service: String = "shop"
    ) throws -> String {
        let base: Int64 = 1_790_000_000_000_000_000
        return try SampleLines.line(
            service: service,
            spans.map { span in
                var object: [String: Any] = [
                    "traceId": String(format: "%032x", 0xABC), "spanId": String(format: "%016x", span.id),
                    "name": span.name, "kind": 1, "startTimeUnixNano": "\(base + Int64(span.start) * 1_000_000)",
                    "endTimeUnixNano": "\(base + Int64(span.end) * 1_000_000)",
                    "status": ["code": 2, "message": span.name],
                ]
                if span.parent > 0 { object["parentSpanId"] = String(format: "%016x", span.parent) }
                return object
            }
        )
    }

    private static let hostile = "\u{1B}[2J\u{1B}]0;owned\u{7}</script><img src=x onerror=alert(1)>\u{202E}|`"

    /// What is in the file, and the right self time of each name in milliseconds.
    private static let files: [(name: String, text: @Sendable () throws -> String, own: [String: Double])] = [
        ("one span", { try line([(1, 0, "a", 0, 10)]) }, ["a": 10]),
        ("an orphan", { try line([(1, 0, "a", 0, 10), (2, 99, "b", 2, 5)]) }, ["a": 10, "b": 3]),
        (
            "a cycle", { try line([(1, 3, "a", 0, 10), (2, 1, "b", 1, 9), (3, 2, "c", 2, 8)]) },
            ["a": 2, "b": 2, "c": 6]
        ),
        ("its own parent", { try line([(1, 1, "a", 0, 10)]) }, ["a": 10]),
        ("a child outside its parent", { try line([(1, 0, "a", 0, 10), (2, 1, "b", 8, 30)]) }, ["a": 8, "b": 22]),
        ("a child before its parent", { try line([(1, 0, "a", 10, 20), (2, 1, "b", 0, 4)]) }, ["a": 10, "b": 4]),
        ("a negative duration", { try line([(1, 0, "a", 0, 10), (2, 1, "b", 6, 2)]) }, ["a": 10, "b": 0]),
        (
            "clocks an hour apart",
            { try line([(1, 0, "a", 0, 10)]) + line([(2, 1, "b", -3_600_000, -3_599_996)], service: "stock") },
            ["a": 10, "b": 4]
        ),
        (
            "ids that come twice", { try line([(1, 0, "a", 0, 10), (2, 1, "b", 2, 5)]) + line([(2, 1, "b", 2, 5)]) },
            ["a": 7, "b": 3]
        ),
        ("names that give orders", { try line([(1, 0, hostile, 0, 10), (2, 1, "", 2, 5)]) }, [hostile: 7, "": 3]),
        (
            "times of no sense",
            { try line([(1, 0, "a", 0, 10)]).replacing("1790000000010000000", with: "18446744073709551615") }, [:]
        ),
    ]

    @Test("The numbers are right, and the output contains no control characters", arguments: files.indices)
    func oddities(number: Int) async throws {
        let (name, text, own) = Self.files[number]
        try await withTemporaryDirectory { directory in
            try text().write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            for command in Self.commands {
                let run = try await SpanKitProcess(command + ["x.jsonl"], in: directory).finish()
                #expect(run.status == 0, "\(name), \(command): \(run.status) \(run.error)")
                let controls = (run.output + run.error).unicodeScalars.filter {
                    $0.value < 0x20 && $0 != "\n" || (0x7F..<0xA0).contains($0.value) || $0 == "\u{202E}"
                }
                #expect(controls.isEmpty, "\(name), \(command): \(controls)")
            }
            let json = try await SpanKitProcess.run("top", "x.jsonl", "--format", "json", in: directory)
            let rows = try json.rows()
            for (span, milliseconds) in own {
                let row = try #require(rows.first { $0["name"] as? String == span }, "\(name): \(span)")
                #expect(row["self_ns"] as? Double == milliseconds * 1_000_000, "\(name): \(span)")
                #expect(row["count"] as? Double == 1)
            }
            let same = try await SpanKitProcess.run("diff", "x.jsonl", "x.jsonl", in: directory)
            #expect(same.status == 0 && same.output.contains("Too few runs to compare"), "\(same.output)")
            let page = try String(contentsOf: directory.appending(path: "r.html"), encoding: .utf8)
            #expect(!page.contains("<img") && !page.contains("\u{1B}"))
        }
    }

    @Test("Ten thousand nested spans")
    func deep() async throws {
        try await withTemporaryDirectory { directory in
            let depth = 10_000
            let spans = (1...depth).map { (id: $0, parent: $0 - 1, name: "level", start: $0, end: 2 * depth - $0 + 1) }
            try Self.line(spans).write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            for command in Self.commands {
                let run = try await SpanKitProcess(command + ["x.jsonl"], in: directory).finish()
                #expect(run.status == 0, "\(command): \(run.status) \(run.error)")
            }
            let top = try await SpanKitProcess.run("top", "x.jsonl", "--format", "csv", in: directory)
            #expect(top.output.contains("\nlevel,shop,10000,10000,"))
            #expect(top.output.contains(",\(2 * depth - 1)000000,1"), "self times add up to the root: \(top.output)")
        }
    }

    @Test("Garbage between spans is reported and does not affect them")
    func garbage() async throws {
        try await withTemporaryDirectory { directory in
            var random = SplitMix64(seed: 5)
            let noise = (0..<4_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            let good = Array(try Self.line([(1, 0, "a", 0, 10)]).utf8)
            let more = Array(try Self.line([(2, 1, "b", 2, 5)]).utf8)
            let torn = Array(more.prefix(more.count / 2))
            for (file, bytes) in [
                ("between.jsonl", good + noise + [0x0A] + more), ("torn.jsonl", good + more + torn),
                ("cut.jsonl.gz", Array(Gzip.compress(good + more + noise).dropLast(40))),
            ] {
                try Data(bytes).write(to: directory.appending(path: file))
                let run = try await SpanKitProcess.run("top", file, "--format", "csv", in: directory)
                #expect(run.status == 0, "\(file): \(run.error)")
                #expect(
                    run.output.contains("\na,shop,1,1,") && run.output.contains("\nb,shop,1,1,"),
                    "\(file): \(run.output)"
                )
                let lines = run.error.split(separator: "\n")
                #expect((1...7).contains(lines.count), "\(file): \(run.error)")
                #expect(lines.allSatisfy { $0.hasPrefix("spankit: \(file): ") || $0.contains(file) }, "\(run.error)")
            }
            try Data(noise).write(to: directory.appending(path: "noise"))
            for command in Self.commands + [["diff", "noise"]] {
                let run = try await SpanKitProcess(command + ["noise"], in: directory).finish()
                #expect(run.status == 65, "\(command): \(run.status)")
                #expect(run.error.hasPrefix("spankit: noise: "), "\(command): \(run.error)")
            }
        }
    }

    @Test("A file that is still being written is read up to its end")
    func growing() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "x.jsonl")
            try Data().write(to: file)
            let writer = try FileHandle(forWritingTo: file)
            let lines = try (0..<3_000).map {
                Data(try SampleLines.line(service: "shop", [SampleLines.span("work", number: $0)]).utf8)
            }
            async let writing: Void = {
                for line in lines {
                    // In two pieces, so that a reader meets half a line.
                    try writer.write(contentsOf: line.prefix(100))
                    try writer.write(contentsOf: line.dropFirst(100))
                    usleep(200)
                }
            }()
            var last = 0
            for _ in 0..<6 {
                let run = try await SpanKitProcess.run("top", "x.jsonl", "--format", "json", in: directory)
                #expect([0, 65].contains(run.status), "\(run.error)")
                let rows = run.status == 0 ? try run.rows() : []
                let count = Int(rows.first?["count"] as? Double ?? 0)
                #expect(count >= last && count <= 3_000)
                #expect(rows.count <= 1, "half a line is not a span: \(rows)")
                last = count
            }
            try await writing
            let whole = try await SpanKitProcess.run("top", "x.jsonl", "--format", "csv", in: directory)
            #expect(whole.error == "" && whole.output.contains("\nwork,shop,3000,0,"))
        }
    }

    @Test("The error for a file without traces says what to do")
    func otherFiles() async throws {
        try await withTemporaryDirectory { directory in
            _ = try await SpanKitProcess.run(
                "profile",
                "--latency-scale",
                "0",
                "--scenario",
                "1",
                "--quiet",
                in: directory
            )
            let results = try #require(try resultsFiles(in: directory).first).lastPathComponent
            for command in [["tree"], ["slow"], ["errors"], ["critical"]] {
                let run = try await SpanKitProcess(command + [results], in: directory).finish()
                #expect(run.status == 65, "\(command)")
                #expect(
                    run.error
                        == "spankit: \(results): is a results file, which contains no traces; give OTLP JSON lines, or use 'spankit top'\n",
                    "\(run.error)"
                )
            }
            let top = try await SpanKitProcess.run("top", results, "--format", "csv", in: directory)
            #expect(top.status == 0, "\(top.error)")
            #expect(top.output.contains("\nconversation_processing_total,,3,0,"))
            let page = try await SpanKitProcess.run("report", results, in: directory)
            #expect(page.status == 0, "\(page.error)")
        }
    }
}
