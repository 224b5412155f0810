import Foundation
import SpanKitTestSupport
import Testing

@Suite("Listing log records", .generousTimeLimit)
struct LogsCommandTests {
    private func run(_ files: [String: String], _ arguments: String...) async throws -> SpanKitProcess.Outcome {
        try await withTemporaryDirectory { directory in
            for (name, text) in files { try Data(text.utf8).write(to: directory.appending(path: name)) }
            let environment = ["COLUMNS": "100", "TZ": "UTC", "LANG": "C.UTF-8"]
            return try await SpanKitProcess(arguments, in: directory, environment: environment).finish()
        }
    }

    private static func line(_ body: String, at time: Int = 0, severity: Int = 9, more: String = "") -> String {
        let time = time == 0 ? "" : "\"timeUnixNano\":\"\(1_790_000_000_000_000_000 + time)\","
        return "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\(time)\"severityNumber\":\(severity),\(more)"
            + "\"body\":{\"stringValue\":\"\(body)\"}}]}]}]}\n"
    }

    private static var sample: String {
        get throws { try PackageFiles.text("docs/samples/logs.jsonl") }
    }

    private static var spans: String {
        get throws { try PackageFiles.text("docs/samples/requests.jsonl") }
    }

    @Test("Text, Markdown and CSV equal the golden files")
    func golden() async throws {
        for (format, name) in [("text", "txt"), ("md", "md"), ("csv", "csv")] {
            let outcome = try await run(["logs.jsonl": try Self.sample], "logs", "logs.jsonl", "--format", format)
            #expect(outcome.status == 0 && outcome.error == "", "\(outcome.error)")
            try Golden.expect(outcome.output, "logs.\(name)")
        }
        for (arguments, name) in [
            (["--trace", "27bb06c8"], "tree-logs"), (["--trace", "27bb06c8", "--full"], "tree-logs-full"),
        ] {
            let outcome = try await withTemporaryDirectory { directory in
                try Data(try Self.sample.utf8).write(to: directory.appending(path: "logs.jsonl"))
                try Data(try Self.spans.utf8).write(to: directory.appending(path: "spans.jsonl"))
                return try await SpanKitProcess(
                    ["tree", "spans.jsonl", "logs.jsonl"] + arguments,
                    in: directory,
                    environment: ["COLUMNS": "100", "TZ": "UTC", "LANG": "C.UTF-8"]
                ).finish()
            }
            try Golden.expect(outcome.output, "\(name).txt")
        }
    }

    @Test("Options select records, and standard error says how many")
    func selection() async throws {
        let files = ["logs.jsonl": try Self.sample]
        let severe = try await run(files, "logs", "logs.jsonl", "--severity", "error", "--where", "service=coach")
        #expect(severe.complaints == ["spankit: 2 of 9 log records match"])
        #expect(severe.output.contains("giving up") && severe.output.contains("monthly budget"))
        let trace = try await run(files, "logs", "logs.jsonl", "--trace", "27bb06c8", "--format", "json")
        #expect(try trace.rows().count == 3)
        let period = try await run(
            files,
            "logs",
            "logs.jsonl",
            "--since",
            "2026-09-21 14:14:00Z",
            "--until",
            "2026-09-21 14:14:10Z"
        )
        #expect(period.complaints == ["spankit: 3 of 9 log records match"])
        let nothing = try await run(files, "logs", "logs.jsonl", "--where", "name=x")
        #expect(nothing.status == 0 && nothing.output == "No log records.\n")
        #expect(
            nothing.complaints == [
                "spankit: 0 of 9 log records match", "spankit: no log record has the attribute 'name'",
            ]
        )
        let wrong = try await run(files, "logs", "logs.jsonl", "--severity", "loud")
        #expect(
            wrong.status == 64 && wrong.error.contains("--severity: 'loud' is not a level; give one of trace, debug")
        )
        let unknown = try await run(files, "logs", "logs.jsonl", "--trace", "ffff")
        #expect(unknown.status == 65 && unknown.error.contains("there is no trace whose id begins with 'ffff'"))
    }

    @Test("What is left out because of a limit, a missing level, a missing time or another signal is reported")
    func leftOut() async throws {
        let text =
            (1...1_200).map { Self.line("m\($0).", at: 1_201 - $0) }.joined() + Self.line("odd", severity: 0)
        let files = ["x.jsonl": text, "spans.jsonl": try Self.spans]
        let plain = try await run(files, "logs", "x.jsonl")
        #expect(plain.output.split(separator: "\n").count == 1_000)
        #expect(plain.output.hasSuffix("m1.\n"))
        #expect(
            plain.complaints == [
                "spankit: 1 log record has no time; it follows the previous record of the input",
                "spankit: the latest 1 000 of 1 201 log records are shown; --limit shows more",
            ],
            "\(plain.error)"
        )
        let json = try await run(files, "logs", "x.jsonl", "--limit", "7", "--format", "json")
        #expect(try json.rows().count == 7)
        #expect(json.error.contains("7 of 1 201 rows written; without --limit, all are written"))
        let level = try await run(files, "logs", "x.jsonl", "--severity", "info", "--limit", "1")
        #expect(level.error.contains("1 log record has no level, so --severity leaves it out"))
        let both = try await run(files, "logs", "x.jsonl", "spans.jsonl", "--limit", "1")
        #expect(both.error.contains("267 spans are left out; only log records are listed"))
        let spans = try await run(files, "logs", "spans.jsonl")
        #expect(spans.status == 65)
        #expect(
            spans.error.contains(
                "the input contains no log records; show its spans with 'spankit tree' or 'spankit top'"
            )
        )
        let tree = try await run(files, "tree", "x.jsonl")
        #expect(tree.status == 65)
        #expect(tree.error.contains("the input contains no spans; list its log records with 'spankit logs'"))
        let top = try await run(files, "top", "spans.jsonl", "x.jsonl")
        #expect(top.error.contains("1 201 objects with logs are left out; only spans and metrics are read"))
        let report = try await run(files, "report", "spans.jsonl", "x.jsonl")
        #expect(report.error.contains("1 201 log records are not on the page: without a trace in the input"))
    }

    @Test("Damaged lines are skipped and named; compressed input and standard input are read")
    func damaged() async throws {
        let text =
            Self.line("one", at: 1) + "plain text\n" + String(Self.line("cut").dropLast(20)) + "\n"
            + Self.line("two", at: 2)
        let outcome = try await run(["x.jsonl": text], "logs", "x.jsonl", "--format", "json")
        #expect(try outcome.rows().map { $0["body"] as? String } == ["one", "two"])
        #expect(outcome.error.contains("x.jsonl: line 2, column 1: not an OTLP JSON object"), "\(outcome.error)")
        #expect(outcome.error.contains("x.jsonl: line 3"), "\(outcome.error)")
        try await withTemporaryDirectory { directory in
            try Data(text.utf8).write(to: directory.appending(path: "x.jsonl"))
            let piped = try await SpanKitProcess(
                shell: "gzip -c x.jsonl | spankit logs - --format json",
                in: directory
            ).finish()
            #expect(try piped.rows().count == 2, "\(piped.error)")
            // Bodies of requests in a spool.
            let spool = directory.appending(path: "spool/p-1")
            try FileManager.default.createDirectory(at: spool, withIntermediateDirectories: true)
            try Data(Self.line("in the spool", at: 1).utf8).write(to: spool.appending(path: "1.json"))
            let read = try await SpanKitProcess.run("logs", "--spool", "spool", "--format", "json", in: directory)
            #expect(try read.rows().map { $0["body"] as? String } == ["in the spool"], "\(read.error)")
        }
    }

    // MARK: Following

    private func append(_ text: String, to file: URL) throws {
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    @Test("--follow prints records as they are written, also after the file is replaced")
    func follow() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "x.jsonl")
            try Data(
                (Self.line("second", at: 2) + Self.line("first", at: 1) + Self.line("low", at: 3, severity: 5)).utf8
            )
            .write(to: file)
            let process = try SpanKitProcess(["logs", "--follow", "--severity", "info", "x.jsonl"], in: directory)
            try process.start()
            try await process.waitForOutput("the records in the file") { $0.contains("second") }
            // A line may be written in parts.
            let line = Self.line("third", at: 4)
            try append(String(line.prefix(40)), to: file)
            try append(String(line.dropFirst(40)) + "not JSON\n", to: file)
            try await process.waitForOutput("a new record") { $0.contains("third") }
            try await process.waitForError(containing: "not an OTLP JSON object")
            let replacement = directory.appending(path: "new.jsonl")
            try Data(Self.line("fourth", at: 5).utf8).write(to: replacement)
            #expect(rename(replacement.path, file.path) == 0)
            try await process.waitForOutput("a record of the new file") { $0.contains("fourth") }
            try Data().write(to: file)
            try await process.waitForError(containing: "the file was emptied")
            try append(Self.line("fifth", at: 6), to: file)
            try await process.waitForOutput("a record behind the emptied part") { $0.contains("fifth") }
            process.send(SIGINT)
            let outcome = try await process.end()
            let order = ["first", "second", "third", "fourth", "fifth"]
            let found = outcome.output.split(separator: "\n").compactMap { line in order.first { line.contains($0) } }
            #expect(found == order && !outcome.output.contains("low"), "\(outcome.output)")
            #expect(outcome.status == 0 && outcome.error.contains("the file was replaced; reading it from its start"))
            #expect(outcome.error.contains("5 of 6 log records match"), "\(outcome.error)")
        }
    }

    @Test("--follow of standard input ends with it, and writes JSON lines")
    func followInput() async throws {
        try await withTemporaryDirectory { directory in
            try Data((Self.line("one", at: 1) + Self.line("two", at: 2)).utf8).write(
                to: directory.appending(path: "x.jsonl")
            )
            let shell = "(head -n 1 x.jsonl; sleep 0.3; tail -n 1 x.jsonl) | spankit logs --follow --format json -"
            let outcome = try await SpanKitProcess(shell: shell, in: directory).finish()
            let bodies = try outcome.output.split(separator: "\n").map { line in
                try (JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["body"] as? String
            }
            #expect(bodies == ["one", "two"] && outcome.status == 0, "\(outcome.error)")
            for (arguments, reason) in [
                (["--follow"], "--follow needs files, or '-' for standard input"),
                (["--follow", "--format", "csv", "x.jsonl"], "--follow writes text or JSON lines, not csv"),
                (["--follow", "missing"], "missing: "),
            ] {
                let wrong = try await SpanKitProcess(["logs"] + arguments, in: directory).finish()
                #expect([64, 65].contains(wrong.status) && wrong.error.contains(reason), "\(wrong.error)")
            }
            let gzip = try await SpanKitProcess(shell: "gzip x.jsonl; spankit logs --follow x.jsonl.gz", in: directory)
                .finish()
            #expect(gzip.status == 65 && gzip.error.contains("x.jsonl.gz: is compressed"), "\(gzip.error)")
        }
    }

    // MARK: Other programs

    @Test("100 dumps: logs, tree and errors give the same results as another program", arguments: 0..<4)
    func oracle(part: Int) async throws {
        try await withTemporaryDirectory { directory in
            let process = Process()
            let output = directory.appending(path: "output")
            try Data().write(to: output)
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [
                "python3", PackageFiles.url("Tests/SpanKitCLITests/Oracle/logs.py").path, "\(part * 25 + 1)", "25",
                directory.path, SpanKitProcess.program,
            ]
            process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
            process.standardOutput = try FileHandle(forWritingTo: output)
            try process.run()
            process.waitUntilExit()
            let text = try String(contentsOf: output, encoding: .utf8)
            #expect(process.terminationStatus == 0 && text.isEmpty, "\(text.prefix(3_000))")
        }
    }

    // MARK: The page

    @Test("The page shows the records of a span as text, whatever they contain, and finds them", .needs(.chromium))
    func page() async throws {
        let hostile = "<img src=x onerror=\\\"window.hacked=1\\\"></script><script>window.hacked=2</script>"
        let ids = "\"traceId\":\"27bb06c8ba9d4d5a520fa7c9d5f0555e\",\"spanId\":\"e221a599bfd89b77\","
        let lost = "\"traceId\":\"27bb06c8ba9d4d5a520fa7c9d5f0555e\",\"spanId\":\"00000000000000ff\","
        let attributes =
            "\"attributes\":[{\"key\":\"\(hostile)\",\"value\":{\"stringValue\":\"\(hostile)\"}}],\"eventName\":\"\(hostile)\","
        let logs =
            try Self.sample + Self.line(hostile, at: 46_400_000_000, more: ids + attributes)
            + Self.line("of a lost span", at: 46_500_000_000, more: lost)
        try await withTemporaryDirectory { directory in
            try Data(logs.utf8).write(to: directory.appending(path: "logs.jsonl"))
            try Data(try Self.spans.utf8).write(to: directory.appending(path: "spans.jsonl"))
            let run = try await SpanKitProcess.run("report", "spans.jsonl", "logs.jsonl", in: directory)
            #expect(run.status == 0, "\(run.error)")
            let visit = try await PageVisit(
                directory.appending(path: "report.html"),
                driver: """
                    const find=(query)=>{const {hits,problem}=matchingSpans(query);return problem?[problem]:[...hits.keys()].filter(s=>hits[s]).map(idOf)};
                    verdict.body=find("giving");verdict.event=find("onerror");verdict.attribute=find("retry_after_ms=500");
                    const span=[...store.names.keys()].find(s=>idOf(s)==="e221a599bfd89b77");
                    location.hash=`#trace=27bb06c8ba9d4d5a520fa7c9d5f0555e&span=e221a599bfd89b77`;
                    showDetails(span);
                    verdict.details=document.querySelector("#details").textContent;
                    verdict.bodies=[...document.querySelectorAll("#details p.body")].map(p=>p.textContent);
                    const root=rootOf(traceOfSpan(span));showDetails(root);
                    verdict.root=document.querySelector("#details").textContent;
                    verdict.hacked=String(window.hacked);verdict.images=document.querySelectorAll("img").length;
                    """
            )
            #expect(visit.problems.isEmpty, "\(visit.problems)")
            for query in ["body", "event", "attribute"] {
                #expect(
                    visit.verdict[query] as? [String] == ["e221a599bfd89b77"],
                    "\(query): \(visit.verdict[query] ?? "")"
                )
            }
            let details = visit.text("details")
            #expect(details.contains("Log records") && details.contains("logger coach.model"), "\(details)")
            let bodies = visit.verdict["bodies"] as? [String] ?? []
            #expect(bodies.count == 3 && bodies.contains { $0.contains("last answer: 529") }, "\(bodies)")
            #expect(bodies.contains { $0.hasPrefix("<img src=x") })
            #expect(
                visit.text("root").contains("of a lost span") && visit.text("root").contains("in no span of the trace")
            )
            #expect(visit.text("hacked") == "undefined" && visit.number("images") == 0)
        }
    }
}
