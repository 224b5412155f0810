import Foundation
import SpanKitReports
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@Suite("Commands that read traces")
struct TraceCommandTests {
    /// A run's traces as OTLP JSON lines, and its results file.
    private func recordRun(in directory: URL) async throws -> (traces: String, results: String) {
        let run = try await SpanKitProcess.run(
            "profile",
            "--otlp-file",
            "t.jsonl",
            "--latency-scale",
            "0",
            "--quiet",
            in: directory
        )
        #expect(run.status == 0, "\(run.error)")
        return ("t.jsonl", run.output.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test("A run's file gives the same counts plain, compressed and piped, and as a results file")
    func inputs() async throws {
        try await withTemporaryDirectory { directory in
            let (traces, results) = try await recordRun(in: directory)
            let file = directory.appending(path: traces)
            let zipped = Gzip.compress([UInt8](try Data(contentsOf: file)))
            try Data(zipped).write(to: directory.appending(path: "t.jsonl.gz"))
            let plain = try await SpanKitProcess.run("top", traces, "--format", "csv", in: directory)
            let unzipped = try await SpanKitProcess.run("top", "t.jsonl.gz", "--format", "csv", in: directory)
            let piped = try await SpanKitProcess(shell: "cat t.jsonl | spankit top - --format csv", in: directory)
                .finish()
            #expect(plain.status == 0)
            #expect(plain.output.contains("conversation_processing_total,okr-coach,39,0,"))
            #expect(plain.output == unzipped.output)
            #expect(plain.output == piped.output)
            let diff = try await SpanKitProcess.run("diff", traces, results, "--format", "csv", in: directory)
            #expect(diff.status == 0)
            #expect(diff.output.contains("step_1_load_session,,no_change"), "\(diff.output)")
        }
    }

    @Test("A file gives the same numbers in the table, as JSON, on the HTML page and as metrics")
    func sameNumbers() async throws {
        try await withTemporaryDirectory { directory in
            let (traces, _) = try await recordRun(in: directory)
            let json = try await SpanKitProcess.run("top", traces, "--format", "json", in: directory)
            let rows = try json.rows()
            #expect(rows.count == 14)
            let report = try await SpanKitProcess.run("report", traces, "--out", "r.html", in: directory)
            #expect(report.status == 0)
            let page = try String(contentsOf: directory.appending(path: "r.html"), encoding: .utf8)
            let start = try #require(page.range(of: "<script type=\"application/json\" id=\"data\">"))
            let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
            let embedded = try JSONSerialization.jsonObject(with: Data(page[start.upperBound..<end.lowerBound].utf8))
            let onPage = try #require((embedded as? [String: Any])?["operations"] as? [[String: Any]])
            let table = try await SpanKitProcess.run("top", traces, "--format", "csv", in: directory)
            let prom = try await SpanKitProcess.run("prom", traces, "--out", "x.prom", in: directory)
            #expect(prom.status == 0, "\(prom.error)")
            let metrics = PromTests.samples(
                try String(contentsOf: directory.appending(path: "x.prom"), encoding: .utf8)
            )
            for (row, other) in zip(rows, onPage) {
                let name = try #require(row["name"] as? String)
                let count = try #require(row["count"] as? Double)
                let total = try #require(row["total_ns"] as? Double)
                #expect(NSDictionary(dictionary: row) == NSDictionary(dictionary: other))
                #expect(table.output.contains("\n\(name),okr-coach,\(Int(count)),"))
                let written = metrics.filter { $0.key.contains("operation=\"\(name)\"") }
                let counted = written.first { $0.key.hasPrefix("spankit_span_duration_seconds_count") }
                let summed = written.first { $0.key.hasPrefix("spankit_span_duration_seconds_sum") }
                #expect(counted?.value == count)
                #expect(abs((summed?.value ?? 0) - total / 1e9) < 1e-9)
            }
        }
    }

    @Test("Tokens, time to the first token and costs, by model and by conversation")
    func models() async throws {
        try await withTemporaryDirectory { directory in
            let (traces, _) = try await recordRun(in: directory)
            try #"{"version": "2026-11", "currency": "EUR", "models": {"offline": {"input": 3, "output": 15}}}"#
                .write(to: directory.appending(path: "prices.json"), atomically: true, encoding: .utf8)
            func rows(_ by: String) async throws -> [[String: Any]] {
                let run = try await SpanKitProcess.run(
                    "top",
                    traces,
                    "--by",
                    by,
                    "--prices",
                    "prices.json",
                    "--format",
                    "json",
                    in: directory
                )
                #expect(run.status == 0, "\(run.error)")
                return try run.rows()
            }
            let models = try await rows("model")
            #expect(models.map { $0["name"] as? String } == ["offline"])
            let model = try #require(models.first)
            let (input, output) = (model["input_tokens"] as? Double ?? 0, model["output_tokens"] as? Double ?? 0)
            #expect(model["call_count"] as? Double == 39)
            #expect(input > 1_000 && output > 100)
            #expect(abs((model["cost"] as? Double ?? 0) - (input * 3 + output * 15) / 1_000_000) < 1e-9)
            #expect(model["currency"] as? String == "EUR")
            let costs = try #require(model["costs"] as? [[String: Any]])
            #expect(costs.map { $0["price_table_version"] as? String } == ["2026-11"])
            #expect(model["first_token_p50_ns"] as? Double ?? 0 > 0)
            let conversations = try await rows("conversation")
            #expect(conversations.count == 8)
            #expect(conversations.reduce(0) { $0 + ($1["input_tokens"] as? Double ?? 0) } == input)
            let text = try await SpanKitProcess.run("top", traces, in: directory)
            #expect(text.output.contains("\nLanguage models  39 calls\n"))
            let bad = try await SpanKitProcess.run("top", traces, "--prices", traces, in: directory)
            #expect(bad.status == 65)
            #expect(bad.error.hasPrefix("spankit: --prices: \(traces): is not a price table"), "\(bad.error)")
        }
    }

    @Test("A waterfall uses a wide terminal, a report of operations does not", arguments: [80, 120])
    func widths(columns: Int) async throws {
        try await withTemporaryDirectory { directory in
            let (traces, results) = try await recordRun(in: directory)
            func widest(_ command: String) async throws -> Int {
                let run = try await SpanKitProcess(
                    shell: "declare -fx spankit; SHELL=$(command -v bash) timeout 170 "
                        + "script -qec 'stty cols \(columns); spankit \(command)' /dev/null",
                    in: directory,
                    environment: ["TERM": "xterm"]
                ).finish()
                #expect(run.output.contains("\u{1B}[36m"), "bars have a colour: \(run.output) \(run.error)")
                let plain = run.output.replacing(#/\x{1B}\[[0-9;]*m/#, with: "")
                return plain.split(whereSeparator: \.isNewline).map { displayWidth($0) }.max() ?? 0
            }
            let (tree, summary) = (try await widest("tree \(traces)"), try await widest("summary \(results)"))
            #expect(tree <= columns && tree > columns - 12)
            #expect(summary <= min(columns, 100))
        }
    }

    @Test("Input from a slow pipe is read completely")
    func slowPipe() async throws {
        try await withTemporaryDirectory { directory in
            let (traces, _) = try await recordRun(in: directory)
            let server = try FaultServer(.ok)
            defer { server.stop() }
            let run = try await SpanKitProcess(
                shell:
                    "(head -c 4000 \(traces); sleep 1; tail -c +4001 \(traces)) | spankit ship - --otlp-endpoint \(server.url)",
                in: directory
            )
            .finish()
            #expect(run.status == 0, "\(run.error)")
            #expect(run.error.contains("546 of 546 spans delivered"))
        }
    }

    @Test("Every report of a run is printed")
    func views() async throws {
        try await withTemporaryDirectory { directory in
            let (traces, _) = try await recordRun(in: directory)
            for (arguments, expected) in [
                (["top"], "Operations by self time  546 spans · 39 traces"), (["tree"], "├ step_1_load_session"),
                (["slow", "--limit", "3"], "Slowest traces  3 of 39 traces"), (["errors"], "No errors."),
                (["critical"], "Critical path  39 traces"), (["diff", traces], "No change."),
            ] {
                let run = try await SpanKitProcess(arguments + [traces], in: directory).finish()
                #expect(run.status == 0, "\(arguments): \(run.error)")
                #expect(run.output.contains(expected), "\(arguments): \(run.output)")
                #expect(run.error == "")
            }
            let slow = try await SpanKitProcess.run("slow", traces, "--limit", "1", "--format", "csv", in: directory)
            let id = try #require(slow.output.split(separator: "\n").last?.split(separator: ",").first).prefix(9)
            let tree = try await SpanKitProcess.run(
                "tree",
                traces,
                "--trace",
                "\(id)",
                "--format",
                "json",
                in: directory
            )
            #expect(try tree.rows().count == 14)
            let path = try await SpanKitProcess.run("critical", traces, "--trace", "\(id)", in: directory)
            #expect(path.output.contains("step_7_claude_api_call"))
        }
    }

    @Test("A run is analyzed from its results and its traces, as text and as Markdown")
    func analyze() async throws {
        try await withTemporaryDirectory { directory in
            let (traces, results) = try await recordRun(in: directory)
            let screen = try await SpanKitProcess.run("analyze", results, in: directory)
            #expect(screen.status == 0, "\(screen.error)")
            let rows = screen.output.split(separator: "\n")
            #expect(rows.dropFirst(3).first?.hasPrefix("step_7_claude_api_call") == true)
            #expect(screen.output.contains("Hypotheses"))
            let file = try await SpanKitProcess.run(
                "analyze",
                results,
                traces,
                "--out",
                "BOTTLENECK_ANALYSIS.md",
                in: directory
            )
            #expect(file.status == 0)
            let text = try String(contentsOf: directory.appending(path: "BOTTLENECK_ANALYSIS.md"), encoding: .utf8)
            #expect(text.hasPrefix("# Bottleneck analysis\n"))
            let unwritable = try await SpanKitProcess.run("analyze", results, "--out", "no/such/dir.md", in: directory)
            #expect(unwritable.status == 73)
            let nothing = try await SpanKitProcess.run("analyze", "BOTTLENECK_ANALYSIS.md", in: directory)
            #expect(nothing.status == 65)
        }
    }

    @Test("Runs that are too short to compare are reported as such")
    func tooFewRuns() async throws {
        try await withTemporaryDirectory { directory in
            for (name, count) in [("a.jsonl", 12), ("b.jsonl", 5)] {
                try SampleLines.line(service: "s", (0..<count).map { SampleLines.span("load", number: $0) })
                    .write(to: directory.appending(path: name), atomically: true, encoding: .utf8)
            }
            let diff = try await SpanKitProcess.run("diff", "a.jsonl", "b.jsonl", in: directory)
            #expect(diff.output.contains("Too few runs to compare (fewer than 20)."), "\(diff.output)")
            #expect(!diff.output.contains("No change"))
            let report = try await SpanKitProcess.run("report", "b.jsonl", "--before", "a.jsonl", in: directory)
            #expect(report.status == 0)
            let page = try String(contentsOf: directory.appending(path: "report.html"), encoding: .utf8)
            #expect(page.contains("<p>Too few runs to compare (fewer than 20) since a.jsonl.</p>"))
        }
    }

    @Test("A condition that is true gives status 1 and one line; an invalid one gives status 64")
    func conditions() async throws {
        try await withTemporaryDirectory { directory in
            let (traces, _) = try await recordRun(in: directory)
            let fine = try await SpanKitProcess.run(
                "diff",
                traces,
                traces,
                "--fail-if",
                "p95(*) > 1.2x",
                "--fail-if",
                "errors(*) > 0",
                in: directory
            )
            #expect(fine.status == 0)
            let slow = try await SpanKitProcess.run(
                "diff",
                traces,
                traces,
                "--fail-if",
                "max(step_2_load_messages) > 1ns",
                in: directory
            )
            #expect(slow.status == 1)
            #expect(slow.error.hasPrefix("spankit: max(step_2_load_messages) is "))
            let wrong = try await SpanKitProcess.run("diff", traces, traces, "--fail-if", "slow", in: directory)
            #expect(wrong.status == 64)
            #expect(wrong.error.split(separator: "\n").count == 1)
            let missing = try await SpanKitProcess.run(
                "diff",
                traces,
                traces,
                "--fail-if",
                "p95(absent) > 1s",
                in: directory
            )
            #expect(missing.status == 65)
        }
    }

    @Test(
        "Input that cannot be read gives one line and status 65",
        arguments: [
            ("missing.jsonl", nil), ("garbage", "\u{1}\u{2}\u{3}\n"), (".", nil), ("torn", "{\"resourceSpans\":[{"),
        ]
    )
    func badInput(name: String, content: String?) async throws {
        try await withTemporaryDirectory { directory in
            if let content { try Data(content.utf8).write(to: directory.appending(path: name)) }
            for command in ["top", "tree", "slow", "errors", "critical"] {
                let run = try await SpanKitProcess.run(command, name, in: directory)
                #expect(run.status == 65, "\(command) \(name)")
                #expect(run.error.hasPrefix("spankit: "))
            }
        }
    }

    @Test(
        "Without spans, nothing is printed and no file is replaced",
        arguments: ["top", "tree", "slow", "errors", "critical", "report", "analyze"]
    )
    func emptyInput(command: String) async throws {
        try await withTemporaryDirectory { directory in
            let page = directory.appending(path: "report.html")
            try Data("yesterday's".utf8).write(to: page)
            try Data().write(to: directory.appending(path: "empty.jsonl"))
            let inputs = command == "analyze" ? [["empty.jsonl"]] : [["empty.jsonl"], []]
            for input in inputs {
                let run = try await SpanKitProcess([command] + input, in: directory).finish()
                #expect(run.status == 65, "\(input)")
                #expect(run.output == "")
                #expect(run.error.contains("no spans") || run.error.contains("no results or spans"), "\(run.error)")
                #expect(try String(contentsOf: page, encoding: .utf8) == "yesterday's")
            }
        }
    }

    @Test("The error for a path that cannot be written contains the reason; a pipe is not replaced")
    func outputs() async throws {
        try await withTemporaryDirectory { directory in
            try SampleLines.line(service: "s", [SampleLines.span("load", number: 1)])
                .write(to: directory.appending(path: "t.jsonl"), atomically: true, encoding: .utf8)
            for command in ["report", "analyze"] {
                for (out, reason) in [
                    (".", ".: is a directory; give the path of a file"),
                    ("missing/x", "missing/: no such file or directory; create the directory first"),
                ] {
                    let run = try await SpanKitProcess.run(command, "t.jsonl", "--out", out, in: directory)
                    #expect(run.status == 73)
                    #expect(run.error == "spankit: --out: \(reason)\n")
                }
                let piped = try await SpanKitProcess(
                    shell: "mkfifo p; cat p > got & spankit \(command) t.jsonl --out p; wait; test -p p && rm p",
                    in: directory
                ).finish()
                #expect(piped.status == 0, "\(piped.error)")
                let got = try String(contentsOf: directory.appending(path: "got"), encoding: .utf8)
                #expect(got.contains("load"))
            }
            let summary = try await SpanKitProcess.run("summary", "t.jsonl", in: directory)
            #expect(summary.status == 65)
            #expect(summary.error == "spankit: t.jsonl: contains traces, not the results of a run; use 'spankit top'\n")
        }
    }

    @Test("Reading a spool does not change it")
    func spool() async throws {
        try await withTemporaryDirectory { directory in
            let refused = try RefusedPort()
            let run = try await SpanKitProcess.run(
                "profile",
                "--latency-scale",
                "0",
                "--spool",
                "spool",
                "--otlp-endpoint",
                refused.url,
                "--quiet",
                in: directory
            )
            #expect(run.status == 0, "\(run.error)")
            for _ in 0..<2 {
                let top = try await SpanKitProcess.run("top", "--spool", "spool", "--format", "csv", in: directory)
                #expect(top.status == 0, "\(top.error)")
                #expect(top.output.contains("conversation_processing_total,okr-coach,39,0,"), "\(top.output)")
            }
            let none = try await SpanKitProcess.run("top", "--spool", "nowhere", in: directory)
            #expect(none.status == 65)
        }
    }
}
