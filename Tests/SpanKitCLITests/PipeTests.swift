import Foundation
import SpanKitPercentiles
import SpanKitRecording
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@Suite("Input from pipes", .generousTimeLimit)
struct PipeTests {
    private static let commands: [[String]] = [
        ["top"], ["top", "--by", "model"], ["tree"], ["slow"], ["errors"], ["critical"], ["analyze"], ["cardinality"],
        ["diff", "x.jsonl"], ["report", "--out", "out"], ["report", "--out", "out", "--before", "x.jsonl"],
        ["prom", "--out", "out.prom"],
    ]

    private static func lines(_ count: Int) throws -> String {
        try (0..<count).map { number in
            let attributes: KeyValuePairs<String, Any> = ["text": String(repeating: "x", count: 400)]
            return try SampleLines.line(
                service: "shop",
                [SampleLines.span("load \(number % 3)", number: number, attributes: attributes, isError: number == 1)]
            )
        }.joined()
    }

    private static let log = (0..<1_500).map { "2026-01-01 INFO worker \($0) ready {no: \"json\", nothing to say\n" }
        .joined()

    private static func results() throws -> String {
        var histogram = ExponentialHistogram()
        for duration in 1...20 { histogram.record(nanoseconds: UInt64(duration) * 1_000_000) }
        return String(
            decoding: try OperationsJSON([OperationSnapshot(name: "load", histogram: histogram)]).json(),
            as: UTF8.self
        )
    }

    private func put(_ text: String, _ name: String = "x.jsonl", in directory: URL) throws {
        try text.write(to: directory.appending(path: name), atomically: true, encoding: .utf8)
    }

    /// Runs a command and returns what it wrote.
    private func run(_ shell: String, in directory: URL) async throws -> [String] {
        for name in ["out", "out.prom"] { try? FileManager.default.removeItem(at: directory.appending(path: name)) }
        let run = try await SpanKitProcess(shell: shell, in: directory).finish()
        let files = try ["out", "out.prom"].map { directory.appending(path: $0) }
            .filter { FileManager.default.fileExists(atPath: $0.path) }
            .map { try String(contentsOf: $0, encoding: .utf8) }
            // The time of writing differs.
            .map {
                $0.split(separator: "\n").filter { !$0.contains("write_timestamp_seconds{") }.joined(separator: "\n")
            }
        return [run.output, run.error, "\(run.status)"] + files
    }

    /// Expects that every command gives the same for a FIFO, `<(…)`, `/dev/stdin` and `-` as for a file of the same name.
    private func expectSame(_ commands: [[String]], in directory: URL) async throws {
        try FileManager.default.createDirectory(at: directory.appending(path: "d"), withIntermediateDirectories: true)
        for command in commands.map({ $0.joined(separator: " ") }) {
            for (name, path, ways) in [
                (
                    "x.jsonl", "d/x.jsonl",
                    [
                        "rm -f d/x.jsonl; mkfifo d/x.jsonl; cat x.jsonl > d/x.jsonl & spankit \(command) d/x.jsonl",
                        "ln -sf /dev/stdin d/x.jsonl; cat x.jsonl | spankit \(command) d/x.jsonl",
                    ]
                ),
                ("63", "/dev/fd/63", ["spankit \(command) <(cat x.jsonl)"]),
                (
                    "standard input", "standard input",
                    ["cat x.jsonl | spankit \(command) -", "spankit \(command) - < x.jsonl"]
                ),
            ] {
                let file = "ln -f x.jsonl copy; ln -f copy '\(name)'; spankit \(command) '\(name)'"
                let expected = try await run(file, in: directory)
                #expect(expected[0] != "", "\(command): \(expected)")
                for way in ways {
                    let piped = try await run(way, in: directory).map { $0.replacing(path, with: name) }
                    let isSame = zip(piped, expected).map { $0 == $1 }
                    #expect(
                        piped.count == expected.count && !isSame.contains(false),
                        "\(way): \(isSame) \(piped.prefix(3))"
                    )
                }
            }
        }
    }

    @Test("Every command reads from a pipe what it reads from a file", arguments: [1, 400])
    func traces(count: Int) async throws {
        try await withTemporaryDirectory { directory in
            try put(try Self.lines(count), in: directory)
            try await expectSame(
                count == 1 ? [["top"], ["cardinality"], ["diff", "x.jsonl"]] : Self.commands,
                in: directory
            )
            let top = try await run("spankit top --format csv <(cat x.jsonl)", in: directory)
            #expect(top[0].contains("load 0,shop,\(count == 1 ? 1 : 134),"), "\(top)")
        }
    }

    @Test("Spans that follow 80 KB of other text are read by every command")
    func log() async throws {
        try await withTemporaryDirectory { directory in
            try put(Self.log + Self.lines(400), in: directory)
            #expect(Self.log.utf8.count > 80_000)
            try await expectSame([["top"], ["prom", "--out", "out.prom"], ["cardinality"]], in: directory)
            for command in ["top --format csv", "cardinality", "prom --out out.prom"] {
                let output = try await run("spankit \(command) x.jsonl", in: directory)
                #expect(["0", "65"].contains(output[2]) && output.joined().contains("load"), "\(command): \(output)")
                #expect(output[1].contains("x.jsonl: line 1, column 1: not an OTLP JSON object"))
            }
        }
    }

    @Test("A pipe that delivers one line after the other is read completely")
    func slow() async throws {
        try await withTemporaryDirectory { directory in
            try put(try Self.lines(30), in: directory)
            let slow = "<(while IFS= read -r l; do printf '%s\\n' \"$l\"; sleep 0.01; done < x.jsonl)"
            for command in ["top", "analyze", "diff x.jsonl", "slow --limit 30 --format csv"] {
                let expected = try await run("spankit \(command) <(cat x.jsonl)", in: directory)
                #expect(try await run("spankit \(command) \(slow)", in: directory) == expected)
            }
        }
    }

    @Test("A results file is read from a pipe once")
    func results() async throws {
        try await withTemporaryDirectory { directory in
            try put(try Self.results(), in: directory)
            try await expectSame(
                [
                    ["top"], ["diff", "x.jsonl"], ["summary"], ["report", "--out", "out"],
                    ["prom", "--out", "out.prom"],
                    ["report", "--before", "x.jsonl", "--out", "out"],
                ],
                in: directory
            )
            for command in ["tree", "slow"] {
                let refused = try await run("spankit \(command) <(cat x.jsonl)", in: directory)
                #expect(refused[1].contains("is a results file, which contains no traces"))
                #expect(refused[2] == "65")
            }
            let damaged = Gzip.compress(Array(try Self.results().utf8)) + [1, 2, 3]
            try Data(damaged).write(to: directory.appending(path: "damaged.gz"))
            for command in ["top", "diff x.jsonl"] {
                let noted = try await run("spankit \(command) damaged.gz", in: directory)
                #expect(noted[1].contains("damaged.gz: the gzip stream is followed by 3 bytes") && noted[2] == "0")
            }
            try put(try Self.lines(2), "t.jsonl", in: directory)
            let both = try await run("spankit top <(cat x.jsonl) <(cat t.jsonl)", in: directory)
            #expect(both[1].contains("give either results files or traces") && both[2] == "64")
            let traces = try await run("spankit summary <(cat t.jsonl)", in: directory)
            #expect(traces[1].contains("contains traces, not the results of a run") && traces[2] == "65")
        }
    }

    @Test("Metrics are read from a pipe")
    func metrics() async throws {
        try await withTemporaryDirectory { directory in
            try put("# TYPE up gauge\nup{job=\"a\"} 1\nup{job=\"b\"} 1\n", in: directory)
            try await expectSame([["prom", "check"], ["cardinality"]], in: directory)
            try put("{\"level\":\"info\"}\n{\"level\":\"info\"}\n", in: directory)
            let logs = try await run("spankit cardinality <(cat x.jsonl)", in: directory)
            #expect(logs[1].contains("is neither OTLP JSON nor a metrics file") && logs[2] == "65")
        }
    }

    @Test("Text after a gzip stream is read; other data after it is reported")
    func afterGzip() async throws {
        try await withTemporaryDirectory { directory in
            let lines = try Self.lines(5).split(separator: "\n").map { Array("\($0)\n".utf8) }
            let zipped = Gzip.compress(lines[0] + lines[1])
            let more = lines[2] + lines[3] + lines[4]
            for (bytes, count, note) in [
                (zipped + more, 5, ""), (zipped + [0, 0, 0] + Gzip.compress(more) + [0], 5, ""),
                (zipped + [1, 2, 3], 2, "x.jsonl: the gzip stream is followed by 3 bytes of other data"),
            ] {
                try Data(bytes).write(to: directory.appending(path: "x.jsonl"))
                let top = try await run("spankit top x.jsonl", in: directory)
                #expect(top[0].contains("\(count) spans"), "\(top)")
                #expect(note.isEmpty ? top[1].isEmpty : top[1].contains(note), "\(top[1])")
                try await expectSame([["top"], ["cardinality"]], in: directory)
            }
        }
    }

    @Test("Spans from a FIFO are sent")
    func ship() async throws {
        try await withTemporaryDirectory { directory in
            let server = try FaultServer(.ok)
            defer { server.stop() }
            try put(Self.log + Self.lines(400), in: directory)
            let ship = "mkfifo p; cat x.jsonl > p & spankit ship p --otlp-endpoint \(server.url)"
            let run = try await run(ship, in: directory)
            #expect(run[1].contains("400 of 400 spans delivered"), "\(run)")
        }
    }
}
