import ArgumentParser
import Foundation
import SpanKitPercentiles
import SpanKitReports
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitCLI

/// The contract of `--format json` and `csv`: docs/machine-output.md and the schemas in docs/schemas.
@Suite("Machine output", .generousTimeLimit)
struct MachineOutputTests {
    /// A run of a command. `HTTP://ACCEPTS`, `HTTP://REFUSES` and `HTTP://POSTPONES` stand for receivers.
    struct Run: Sendable, CustomTestStringConvertible {
        let name: String
        let schema: ReportSchema
        let arguments: [String]
        var status: Int32 = 0
        var environment: [String: String] = [:]
        var hasTable = true

        init(
            _ name: String,
            _ schema: ReportSchema,
            _ arguments: String...,
            status: Int32 = 0,
            environment: [String: String] = [:],
            hasTable: Bool = true
        ) {
            self.name = name
            self.schema = schema
            self.arguments = arguments
            self.status = status
            self.environment = environment
            self.hasTable = hasTable
        }

        var testDescription: String { name }
    }

    static let runs = [
        Run("top", .top, "top", "sample.jsonl"), Run("top-odd", .top, "top", "odd.jsonl"),
        Run("top-results", .top, "top", "results.json"),
        Run("top-limit", .top, "top", "--limit", "2", "sample.jsonl"),
        Run("metrics", .metrics, "top", "--by", "metric", "metrics.jsonl"),
        Run("metrics-none", .metrics, "top", "--by", "metric", "sample.jsonl"),
        Run("models", .models, "top", "--by", "model", "--prices", "prices.json", "sample.jsonl"),
        Run("models-none", .models, "top", "--by", "model", "odd.jsonl"),
        Run("top-groups", .topGroups, "top", "--by", "service", "sample.jsonl"),
        Run("top-groups-odd", .topGroups, "top", "--by", "list", "odd.jsonl"),
        Run("conversations", .conversations, "top", "--by", "conversation", "sample.jsonl"),
        Run("slow", .slow, "slow", "sample.jsonl"), Run("slow-odd", .slow, "slow", "odd.jsonl"),
        Run("errors", .errors, "errors", "sample.jsonl"), Run("errors-odd", .errors, "errors", "odd.jsonl"),
        Run("tree", .tree, "tree", "sample.jsonl"), Run("tree-odd", .tree, "tree", "--limit", "1", "odd.jsonl"),
        Run("tree-logs", .tree, "tree", "--trace", "27bb06c8", "sample.jsonl", "logs.jsonl"),
        Run("logs", .logs, "logs", "logs.jsonl"),
        Run("logs-odd", .logs, "logs", "--where", "not severity>=warn", "odd-logs.jsonl"),
        Run("critical", .critical, "critical", "sample.jsonl"),
        Run("critical-odd", .critical, "critical", "odd.jsonl"),
        Run("critical-path", .criticalPath, "critical", "--trace", "d07607857f60187acf59841b0a6e08f8", "sample.jsonl"),
        Run("critical-path-odd", .criticalPath, "critical", "--trace", "00000000000000000000000000000002", "odd.jsonl"),
        Run("diff", .diff, "diff", "--fail-if", "max(*) > 1ms", "sample.jsonl", "odd.jsonl", status: 1),
        Run("analyze", .analyze, "analyze", "sample.jsonl"), Run("analyze-odd", .analyze, "analyze", "odd.jsonl"),
        Run("summary", .summary, "summary", "results.json", hasTable: false),
        Run("live", .live, "live", "--once", "--spool", "spool"),
        Run("ship", .ship, "ship", "sample.jsonl", "--otlp-endpoint", "HTTP://ACCEPTS"),
        Run(
            "ship-refused",
            .ship,
            "ship",
            "odd.jsonl",
            "--timeout",
            "0.1",
            "--otlp-endpoint",
            "HTTP://POSTPONES",
            status: 69
        ),
        Run("ship-spool", .ship, "ship", "--spool", "spool", "--otlp-endpoint", "HTTP://ACCEPTS"),
        Run("doctor", .doctor, "doctor", "--otlp-endpoint", "HTTP://ACCEPTS"),
        Run("doctor-refused", .doctor, "doctor", "--otlp-endpoint", "HTTP://REFUSES", status: 69),
        Run("doctor-off", .doctor, "doctor", status: 64, environment: ["OTEL_SDK_DISABLED": "true"]),
        Run("settings", .settings, "doctor", "--settings", environment: ["OTEL_EXPORTER_OTLP_HEADERS": "a=secret"]),
        Run("redaction", .redaction, "doctor", "--redaction", environment: ["SPANKIT_REDACTION": "drop"]),
        Run("redaction-off", .redaction, "doctor", "--redaction", status: 64),
        Run("prom-check", .promCheck, "prom", "check", "a.prom", "b.prom", status: 1),
        Run("cardinality", .cardinality, "cardinality", "sample.jsonl", "a.prom", status: 65),
        Run("cardinality-rows", .cardinality, "cardinality", "--rows", "1", "sample.jsonl"),
        Run("sql", .sqlFiles, "sql"), Run("sql-one", .sqlFiles, "sql", "percentiles"),
    ]

    /// Spans that few programs write: without times, open, with an exception, with attributes of all types, with quotes and line
    /// feeds, and so long that the sum of their durations is not a `Double`.
    private static var odd: String {
        get throws {
            var bytes = SampleLines.span(
                "a \"quoted\", name\nof two lines",
                number: 1,
                nanoseconds: 9_007_199_254_740_993
            )
            bytes["attributes"] = [
                ["key": "bytes", "value": ["bytesValue": "AAEC"]], ["key": "nan", "value": ["doubleValue": "NaN"]],
                ["key": "big", "value": ["intValue": "9223372036854775807"]],
                ["key": "list", "value": ["arrayValue": ["values": [["boolValue": true], ["doubleValue": 1.5]]]]],
                ["key": "map", "value": ["kvlistValue": ["values": [["key": "a", "value": ["stringValue": "b"]]]]]],
                ["key": "twice", "value": ["intValue": "1"]], ["key": "twice", "value": ["stringValue": "last"]],
            ]
            bytes["events"] = [["timeUnixNano": "1790000000000000001", "name": "exception", "attributes": []]]
            bytes["links"] = [
                ["traceId": String(repeating: "ab", count: 16), "spanId": String(repeating: "cd", count: 8)]
            ]
            var untimed = SampleLines.span("no end", number: 1)
            untimed["spanId"] = "00000000000000ff"
            untimed["parentSpanId"] = "0000000000000002"
            untimed["endTimeUnixNano"] = "0"
            var open = SampleLines.span("open", number: 2)
            open["attributes"] = [["key": "spankit.unfinished", "value": ["boolValue": true]]]
            let failed = SampleLines.span("failed", number: 3, nanoseconds: 9_007_199_254_740_993, isError: true)
            return try SampleLines.line(service: "", [bytes, untimed, open, failed])
        }
    }

    private static func writeSamples(in directory: URL) throws {
        try Golden.text("metrics_all_types.json")
            .write(to: directory.appending(path: "metrics.jsonl"), atomically: true, encoding: .utf8)
        var histogram = ExponentialHistogram()
        for number in 1...200 { histogram.record(nanoseconds: UInt64(number) * 1_000) }
        let results = try OperationsJSON([OperationSnapshot(name: "GET /", histogram: histogram)]).json()
        let files = [
            ("sample.jsonl", try PackageFiles.text("docs/samples/requests.jsonl")), ("odd.jsonl", try odd),
            ("logs.jsonl", try PackageFiles.text("docs/samples/logs.jsonl")),
            ("odd-logs.jsonl", try Golden.text("odd-logs.jsonl")),
            ("results.json", String(decoding: results, as: UTF8.self)),
            (
                "prices.json",
                #"{"version": "1", "currency": "USD", "models": {"claude-sonnet-4-5": {"input": 3, "output": 15}}}"#
            ),
            ("a.prom", "# HELP a h\n# TYPE a gauge\na 1\na 1\n"), ("b.prom", "# HELP a h\n# TYPE a counter\na 1\n"),
        ]
        for (name, text) in files { try Data(text.utf8).write(to: directory.appending(path: name)) }
        try FileManager.default.createDirectory(
            at: directory.appending(path: "spool"),
            withIntermediateDirectories: false
        )
    }

    @Test(
        "The JSON of every command is valid, its schema notices every change, and CSV has the same values",
        .needs(.schemas)
    )
    func schemas() async throws {
        try await withTemporaryDirectory { directory in
            try Self.writeSamples(in: directory)
            let receiver = try FaultServer(.ok)
            defer { receiver.stop() }
            let refused = try RefusedPort()
            // It gets one request. The number of attempts at a refusing port within a time varies.
            let postponing = try FaultServer(.unavailable(.seconds(3_600)))
            defer { postponing.stop() }
            let receivers = [
                "HTTP://ACCEPTS": receiver.url, "HTTP://REFUSES": refused.url, "HTTP://POSTPONES": postponing.url,
            ]
            var paths: [String] = []
            for run in Self.runs {
                for format in run.hasTable ? ["json", "csv", "md"] : ["json"] {
                    let arguments = run.arguments.map { receivers[$0] ?? $0 }
                    let outcome = try await SpanKitProcess(
                        arguments + ["--format", format],
                        in: directory,
                        environment: run.environment
                    ).finish()
                    #expect(outcome.status == run.status, "\(run.name) \(format): \(outcome.error)")
                    #expect(!outcome.output.isEmpty, "\(run.name) \(format)")
                    let path = directory.appending(path: "\(run.name).\(format)")
                    try Data(outcome.output.utf8).write(to: path)
                    guard format == "json" else { continue }
                    let document = try outcome.document()
                    #expect(document["schema"] as? String == run.schema.rawValue, "\(run.name)")
                    paths.append(path.path)
                    if run.arguments.contains("--limit") || run.arguments.contains("--rows") {
                        #expect(document["truncated"] as? Bool == true, "\(run.name)")
                        #expect(document["total"] as? Int ?? 0 > (try outcome.rows().count), "\(run.name)")
                        #expect(outcome.error.contains("all are written"), "\(run.name): \(outcome.error)")
                    } else if run.hasTable {
                        #expect(document["truncated"] as? Bool == false, "\(run.name)")
                    }
                }
            }
            for name in ["profile", "summary"] {
                let words =
                    name == "profile"
                    ? ["--latency-scale", "0", "--scenario", "refinement"] : try resultsFiles(in: directory).map(\.path)
                let outcome = try await SpanKitProcess([name] + words + ["--format", "json"], in: directory).finish()
                #expect(outcome.status == 0, "\(name): \(outcome.error)")
                let path = directory.appending(path: "\(name)-of-run.json")
                try Data(outcome.output.utf8).write(to: path)
                paths.append(path.path)
            }
            let complaints = try await SchemaJudge.complaints(about: paths)
            #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
        }
    }

    @Test("Every schema has a file that names it, and every shape is written by a test")
    func files() throws {
        let names = try PackageFiles.paths(in: "docs/schemas", suffix: ".json").map {
            URL(filePath: $0).lastPathComponent
        }
        #expect(Set(names) == Set(ReportSchema.allCases.map(\.fileName)))
        for schema in ReportSchema.allCases {
            let text = try PackageFiles.text("docs/schemas/\(schema.fileName)")
            let file = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(file["$id"] as? String == schema.rawValue)
            #expect(file["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
            let properties = try #require(file["properties"] as? [String: [String: Any]])
            #expect(properties["schema"]?["const"] as? String == schema.rawValue)
        }
        // ProfileTests writes the one of `spankit profile`, and SQLCommandTests that of the rows of a query.
        #expect(Set(Self.runs.map(\.schema)).union([.profile, .sql]) == Set(ReportSchema.allCases))
    }

    @Test("Every command that reports something has --format json; the others write a file")
    func commands() {
        func leaves(_ command: any ParsableCommand.Type, _ path: [String]) -> [[String]] {
            let below = command.configuration.subcommands
            return below.isEmpty ? [path] : below.flatMap { leaves($0, path + [$0.configuration.commandName ?? ""]) }
        }
        let writers = [["report"], ["prom", "make"]]
        for path in leaves(SpanKitCommand.self, []) {
            let isTested = Self.runs.contains { $0.arguments.starts(with: path) }
            #expect(isTested != writers.contains(path), "\(path)")
        }
    }

    @Test("The keys of a schema say the unit of their values")
    func units() throws {
        func check(_ schema: Any, _ key: String, in name: String) {
            guard let schema = schema as? [String: Any] else { return }
            let types = schema["type"] as? [String] ?? (schema["type"] as? String).map { [$0] } ?? []
            func expectation(_ suffix: String, _ isRight: Bool) {
                if key.hasSuffix(suffix) { #expect(isRight, "\(name): \(key)") }
            }
            expectation("_ns", types.first == "integer")
            expectation("_bytes", types.first == "integer")
            expectation("_count", types.first == "integer")
            expectation("_fraction", types.first == "number" && schema["maximum"] as? Int == 1)
            expectation("_ratio", types.first == "number")
            if key.hasPrefix("is_") { #expect(types == ["boolean"], "\(name): \(key)") }
            for (key, part) in schema["properties"] as? [String: Any] ?? [:] {
                #expect(key.wholeMatch(of: #/[a-z][a-z0-9]*(_[a-z0-9]+)*/#) != nil, "\(name): \(key)")
                check(part, key, in: name)
            }
            check(schema["items"] ?? 0, "", in: name)
        }
        // Results files have their own, older names: docs/results-file.md.
        for schema in ReportSchema.allCases where schema != .profile && schema != .summary {
            let text = try PackageFiles.text("docs/schemas/\(schema.fileName)")
            check(try JSONSerialization.jsonObject(with: Data(text.utf8)), "", in: schema.rawValue)
        }
    }

    @Test("Whole numbers keep all digits, attributes keep their types, and an unset status is unset")
    func values() async throws {
        try await withTemporaryDirectory { directory in
            try Self.writeSamples(in: directory)
            let top = try await SpanKitProcess.run("top", "odd.jsonl", "--format", "csv", in: directory)
            #expect(top.output.contains(",9007199254740993,9007199254740993,"), "\(top.output)")
            let tree = try await SpanKitProcess.run(
                "tree",
                "odd.jsonl",
                "--trace",
                "2",
                "--format",
                "json",
                in: directory
            )
            #expect(tree.status == 65)
            let id = String(format: "%032x", 2)
            let json = try await SpanKitProcess.run(
                "tree",
                "odd.jsonl",
                "--trace",
                id,
                "--format",
                "json",
                in: directory
            )
            #expect(json.output.contains("\"duration_ns\": 9007199254740993,"))
            #expect(json.output.contains("\"big\": 9223372036854775807,"))
            let rows = try json.rows()
            let compact = json.output.filter { !$0.isWhitespace }
            for member in [
                #""bytes":{"base64":"AAEC"}"#, #""nan":"NaN""#, #""list":[true,1.5]"#, #""map":{"a":"b"}"#,
                #""twice":"last""#,
            ] { #expect(compact.contains(member), "\(compact)") }
            #expect(rows.map { $0["status"] as? String } == ["unset", "unset"])
            #expect(rows.map { $0["is_error"] as? Bool } == [true, false], "an exception and no status")
            #expect(rows[1]["duration_ns"] is NSNull && rows[1]["start_unix_ns"] is NSNull)
        }
    }

    @Test("A complete document is written even if a condition of --fail-if cannot be checked")
    func unknownCondition() async throws {
        try await withTemporaryDirectory { directory in
            try Self.writeSamples(in: directory)
            let run = try await SpanKitProcess.run(
                "diff",
                "--fail-if",
                "p95(nothing) > 2x",
                "sample.jsonl",
                "sample.jsonl",
                "--format",
                "json",
                in: directory
            )
            #expect(run.status == 65)
            #expect(run.error.contains("--fail-if"))
            #expect(try run.rows().count == 8)
        }
    }
}
