import Foundation
import SpanKitTestSupport
import Testing

/// Services, times and filters on the command line.
@Suite("Selections of spans", .generousTimeLimit)
struct SelectionTests {
    /// 2026-09-21 14:13:20 UTC.
    private static let origin = 1_790_000_000

    /// A line of OTLP JSON with one span.
    private static func line(
        trace: String,
        span: Int,
        parent: Int? = nil,
        service: String? = nil,
        name: String,
        second: Int,
        milliseconds: Int,
        kind: Int = 1,
        error: Bool = false,
        attributes: [(key: String, value: String)] = [],
        namespace: String? = nil
    ) -> String {
        func hexadecimal(_ number: Int) -> String {
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        func attribute(_ key: String, _ value: String) -> String {
            "{\"key\":\"\(key)\",\"value\":{\(Int(value) == nil ? "\"stringValue\":\"\(value)\"" : "\"intValue\":\"\(value)\"")}}"
        }
        let start = "\(origin + second)000000000"
        let end =
            "\(origin + second + milliseconds / 1_000)\(String("\(1_000 + milliseconds % 1_000)".dropFirst()))000000"
        let resource = [
            service.map { attribute("service.name", $0) }, namespace.map { attribute("service.namespace", $0) },
        ]
        .compactMap { $0 }.joined(separator: ",")
        let id = trace + String(repeating: "0", count: 31 - trace.count) + "1"
        return
            "{\"resourceSpans\":[{\"resource\":{\"attributes\":[\(resource)]},\"scopeSpans\":[{\"scope\":{},\"spans\":[{"
            + "\"traceId\":\"\(id)\",\"spanId\":\"\(hexadecimal(span))\","
            + (parent.map { "\"parentSpanId\":\"\(hexadecimal($0))\"," } ?? "")
            + "\"startTimeUnixNano\":\"\(start)\",\"endTimeUnixNano\":\"\(end)\",\"kind\":\(kind),"
            + (error ? "\"status\":{\"code\":2,\"message\":\"\(name) failed\"}," : "")
            + "\"attributes\":[\(attributes.map(attribute).joined(separator: ","))],"
            + "\"name\":\"\(name)\"}]}]}]}\n"
    }

    /// Two services with an operation of one name, in two traces.
    private static let sample =
        line(
            trace: "4a",
            span: 1,
            service: "shop",
            name: "GET /",
            second: 0,
            milliseconds: 900,
            kind: 2,
            attributes: [("http.response.status_code", "500")]
        )
        + line(
            trace: "4a",
            span: 2,
            parent: 1,
            service: "pay",
            name: "GET /",
            second: 0,
            milliseconds: 400,
            kind: 2,
            error: true
        )
        + line(
            trace: "4b",
            span: 3,
            service: "shop",
            name: "GET /",
            second: 60,
            milliseconds: 100,
            kind: 2,
            attributes: [("http.response.status_code", "200")]
        )
        + line(trace: "4b", span: 4, parent: 3, name: "work", second: 60, milliseconds: 50)

    private func run(_ arguments: [String], text: String = sample, zone: String = "UTC") async throws
        -> SpanKitProcess.Outcome
    {
        try await withTemporaryDirectory { directory in
            try Data(text.utf8).write(to: directory.appending(path: "x.jsonl"))
            return try await SpanKitProcess(arguments + ["x.jsonl"], in: directory, environment: ["TZ": zone]).finish()
        }
    }

    /// The rows of CSV without its header, each up to a column.
    private func rows(_ output: String, _ columns: Int) -> [String] {
        output.split(separator: "\n").dropFirst().map {
            $0.split(separator: ",", omittingEmptySubsequences: false).prefix(columns).joined(separator: ",")
        }
    }

    @Test("Operations of several services are listed separately, unless they are merged")
    func services() async throws {
        let top = try await run(["top", "--format", "csv", "--sort", "name"])
        #expect(rows(top.output, 4) == ["GET /,pay,1,1", "GET /,shop,2,0", "work,,1,0"])
        let merged = try await run(["top", "--format", "csv", "--sort", "name", "--merge-services"])
        #expect(rows(merged.output, 4) == ["GET /,,3,1", "work,,1,0"])
        #expect(try await run(["top"]).output.contains("unknown service"))
        #expect(try await !run(["top", "--merge-services"]).output.contains("Service"))
        let critical = try await run(["critical", "--format", "csv"])
        #expect(rows(critical.output, 3) == ["GET /,shop,550000000", "GET /,pay,400000000", "work,,50000000"])
        #expect(
            rows(try await run(["critical", "--merge-services", "--format", "csv"]).output, 3) == [
                "GET /,,950000000", "work,,50000000",
            ]
        )
        #expect(rows(try await run(["errors", "--format", "csv"]).output, 2) == ["pay,GET /"])
        #expect(rows(try await run(["errors", "--merge-services", "--format", "csv"]).output, 2) == [",GET /"])
        let slow = try await run(["slow", "--format", "json"])
        #expect(slow.output.contains("\"slowest_service\": \"shop\""), "\(slow.output)")
        let speedscope = try await run(["tree", "--format", "speedscope"])
        #expect(speedscope.output.contains("GET / (pay)") && speedscope.output.contains("GET / (shop)"))
    }

    @Test("diff compares the operations of different services separately")
    func diff() async throws {
        try await withTemporaryDirectory { directory in
            try Data(Self.sample.utf8).write(to: directory.appending(path: "x.jsonl"))
            let apart = try await SpanKitProcess.run("diff", "x.jsonl", "x.jsonl", "--format", "csv", in: directory)
            #expect(rows(apart.output, 2) == ["GET /,pay", "GET /,shop", "work,"])
            let merged = try await SpanKitProcess.run(
                "diff",
                "x.jsonl",
                "x.jsonl",
                "--merge-services",
                "--format",
                "csv",
                in: directory
            )
            #expect(rows(merged.output, 2) == ["GET /,", "work,"])
            let filtered = try await SpanKitProcess.run(
                "diff",
                "x.jsonl",
                "x.jsonl",
                "--where",
                "service=pay",
                "--format",
                "csv",
                "--fail-if",
                "max(GET /) > 300ms",
                in: directory
            )
            #expect(rows(filtered.output, 2) == ["GET /,"], "one service has no column of its own")
            #expect(
                filtered.complaints == [
                    "spankit: x.jsonl: 1 of 4 spans matches", "spankit: x.jsonl: 1 of 4 spans matches",
                    "spankit: max(GET /) is 400 ms, above 300 ms",
                ]
            )
        }
    }

    @Test("Spans are grouped by service, kind, status or an attribute")
    func grouping() async throws {
        func groups(_ key: String) async throws -> [String] {
            rows(try await run(["top", "--by", key, "--sort", "name", "--format", "csv"]).output, 3)
        }
        #expect(try await groups("service") == [",1,0", "pay,1,1", "shop,2,0"])
        #expect(try await groups("kind") == ["internal,1,0", "server,3,1"])
        #expect(try await groups("status") == ["error,1,1", "unset,3,0"])
        #expect(try await groups("http.response.status_code") == [",2,1", "200,1,0", "500,1,0"])
        let text = try await run(["top", "--by", "http.response.status_code"])
        #expect(text.output.contains("(no http.response.status_code)"), "\(text.output)")
        let wrong = try await run(["top", "--by", "servce"])
        #expect(wrong.error == "spankit: --by: no span has the attribute 'servce'\n")
    }

    @Test("Times are local with the zone's offset, or in UTC")
    func times() async throws {
        let local = try await run(["slow"], zone: "Europe/Berlin")
        #expect(local.output.contains("2026-09-21 16:13:20.000 +02:00"), "\(local.output)")
        let utc = try await run(["slow", "--utc"], zone: "Europe/Berlin")
        #expect(utc.output.contains("2026-09-21 14:13:20.000 UTC"), "\(utc.output)")
        for command in ["errors", "tree", "critical --trace 4a"] {
            let shown = try await run(command.split(separator: " ").map(String.init), zone: "America/St_Johns")
            #expect(shown.output.contains("2026-09-21 11:43:20.000 -02:30"), "\(shown.output)")
        }
        let markdown = try await run(["slow", "--format", "md"], zone: "Europe/Berlin")
        #expect(markdown.output.contains("16:13:20.000 +02:00"))
        let json = try await run(["slow", "--format", "json"], zone: "Europe/Berlin")
        #expect(json.output.contains("\"start_unix_ns\": 1790000000000000000"))
    }

    @Test("A filter selects spans for top and errors, and whole traces for slow, tree, critical and analyze")
    func filter() async throws {
        let filter = ["--where", "service=shop and duration>500ms"]
        let top = try await run(["top", "--format", "csv"] + filter)
        let header = try #require(top.output.split(separator: "\n").first).split(separator: ",").map(String.init)
        let own = try #require(header.firstIndex(of: "self_ns"))
        #expect(
            rows(top.output, own + 1).map { $0.split(separator: ",", omittingEmptySubsequences: false)[own] } == [
                "500000000"
            ]
        )
        #expect(top.error == "spankit: 1 of 4 spans matches\n")
        let slow = try await run(["slow", "--format", "csv"] + filter)
        #expect(rows(slow.output, 1) == ["4a000000000000000000000000000001"])
        #expect(slow.output.contains(",2,1,"), "both spans of the trace and its error count: \(slow.output)")
        for command in ["slow", "tree", "critical", "analyze"] {
            for format in ["text", "json"] {
                let shown = try await run([command, "--format", format] + filter)
                #expect(shown.error == "spankit: 1 of 4 spans matches, in 1 of 2 traces\n", "\(command)")
            }
        }
        let errors = try await run(["errors", "--format", "csv", "--where", "service=shop"])
        #expect(rows(errors.output, 1).isEmpty)
        #expect(errors.error == "spankit: 2 of 4 spans match\n")
    }

    @Test("An error counts at the innermost selected span that failed")
    func innermost() async throws {
        let text =
            Self.line(trace: "4", span: 1, service: "shop", name: "buy", second: 0, milliseconds: 9, error: true)
            + Self.line(
                trace: "4",
                span: 2,
                parent: 1,
                service: "shop",
                name: "call",
                second: 0,
                milliseconds: 8,
                error: true
            )
            + Self.line(
                trace: "4",
                span: 3,
                parent: 2,
                service: "pay",
                name: "charge",
                second: 0,
                milliseconds: 7,
                error: true
            )
            + Self.line(
                trace: "4",
                span: 4,
                parent: 3,
                service: "shop",
                name: "callback",
                second: 0,
                milliseconds: 6,
                error: true
            )
        func names(_ filter: String) async throws -> [String] {
            rows(try await run(["errors", "--format", "csv", "--where", filter], text: text).output, 2)
        }
        #expect(try await names("name!=\"\"") == ["shop,callback"])
        #expect(try await names("service=pay") == ["pay,charge"])
        #expect(
            try await names("name=buy or name=callback") == ["shop,callback"],
            "it was passed on through spans that are not selected"
        )
        #expect(try await names("name=buy") == ["shop,buy"])
    }

    @Test("--since and --until select spans by their start, in the zone of the output")
    func period() async throws {
        func count(_ options: [String], zone: String = "UTC") async throws -> String {
            try await run(["top", "--format", "csv"] + options, zone: zone).error
        }
        let second = "spankit: 2 of 4 spans match\n"
        #expect(try await count(["--since", "2026-09-21T14:14:00Z"]) == second)
        #expect(try await count(["--since", "2026-09-21 16:14:20"], zone: "Europe/Berlin") == second)
        #expect(try await count(["--since", "2026-09-21 14:14:20", "--utc"], zone: "Europe/Berlin") == second)
        #expect(try await count(["--until", "2026-09-21 16:14:20.000 +02:00"]) == second)
        #expect(try await count(["--until", "2026-09-21 14:14"]) == second)
        #expect(try await count(["--since", "2026-09-21", "--until", "2026-09-22"]) == "spankit: 4 of 4 spans match\n")
        let none = try await count(["--since", "15m"])
        #expect(
            none.hasPrefix(
                "spankit: 0 of 4 spans match\nspankit: the spans started 2026-09-21 14:13:20.000 – 14:14:20.000 UTC\n"
            )
        )
        let startless = Self.sample.replacing("\"startTimeUnixNano\":\"\(Self.origin + 60)000000000\",", with: "")
        let missing = try await run(["top", "--since", "2026-01-01", "--format", "csv"], text: startless)
        #expect(
            missing.complaints.contains("spankit: 2 spans have no start, so --since and --until leave them out"),
            "\(missing.error)"
        )
        for (options, error) in [
            (["--since", "yesterday"], "spankit: --since: 'yesterday' is not a time; give a time such as"),
            (["--until", "2026-02-30"], "spankit: --until: '2026-02-30' is not a time"),
            (["--since", "1h", "--until", "2h"], "spankit: --since ("),
            (["--where", "duration>5"], "spankit: --where: character 10: expected a duration with a unit"),
            (
                ["--trace", "xyz"],
                "spankit: --trace: 'xyz' is not the beginning of a trace id; give hexadecimal digits"
            ),
        ] {
            let wrong = try await run(["slow"] + options)
            #expect(wrong.status == 64 && wrong.output.isEmpty, "\(options)")
            #expect(wrong.error.hasPrefix(error) && wrong.error.split(separator: "\n").count == 1, "\(wrong.error)")
        }
    }

    @Test("--trace needs digits that only one id begins with")
    func trace() async throws {
        for command in ["tree", "slow", "top", "errors", "critical", "analyze"] {
            let several = try await run([command, "--trace", "4"])
            #expect(several.status == 65 && several.output.isEmpty)
            #expect(
                several.error
                    == "spankit: --trace: '4' is the beginning of 2 trace ids (4a000000000000000000000000000001, "
                    + "4b000000000000000000000000000001); give more digits\n"
            )
            let missing = try await run([command, "--trace", "5"])
            #expect(missing.status == 65 && missing.error == "spankit: there is no trace whose id begins with '5'\n")
            let one = try await run([command, "--trace", "4B"])
            #expect(one.status == 0 && one.error == "spankit: 2 of 4 spans match\n", "\(command): \(one.error)")
        }
        let many = (1...9).map { Self.line(trace: "c\($0)", span: 1, name: "x", second: 0, milliseconds: 1) }.joined()
        let error = try await run(["tree", "--trace", "c"], text: many).error
        #expect(
            error.contains("9 trace ids (c1") && error.contains("c5000000000000000000000000000001, …)")
                && !error.contains("c6")
        )
        let zipkin = Self.line(trace: "0000000000000000ab", span: 1, name: "x", second: 0, milliseconds: 1)
        #expect(try await run(["tree", "--trace", "ab"], text: zipkin).status == 0)
    }

    @Test("Attributes that no span has, and services in several namespaces, are reported")
    func said() async throws {
        let wrong = try await run([
            "slow", "--where", "http.stauts_code>=500 or http.response.status_code=1", "--format", "json",
        ])
        #expect(
            wrong.complaints == [
                "spankit: 0 of 4 spans match", "spankit: no span has the attribute 'http.stauts_code'",
            ]
        )
        #expect(try await run(["tree", "--where", "name=x"]).status == 65)
        let text = ["eu", "us"].enumerated().map {
            Self.line(
                trace: "c\($0.offset)",
                span: 1,
                service: "api",
                name: "x",
                second: 0,
                milliseconds: 1,
                namespace: $0.element
            )
        }.joined()
        let both = try await run(["top", "--format", "csv"], text: text)
        #expect(
            both.error
                == "spankit: service 'api' is in 2 namespaces (eu, us), which count as one; select one with "
                + "--where 'service.namespace=eu'\n"
        )
        let one = try await run(
            ["top", "--where", "service.namespace=eu", "--by", "service.namespace", "--format", "csv"],
            text: text
        )
        #expect(rows(one.output, 2) == ["eu,1"])
    }

    @Test("A results file has no spans to select")
    func results() async throws {
        try await withTemporaryDirectory { directory in
            let results = "{\"formatVersion\":1,\"operations\":[]}"
            try Data(results.utf8).write(to: directory.appending(path: "r.json"))
            try Data(Self.sample.utf8).write(to: directory.appending(path: "x.jsonl"))
            for arguments in [
                ["top", "r.json"], ["diff", "x.jsonl", "r.json"], ["analyze", "r.json"], ["report", "r.json"],
            ] {
                let run = try await SpanKitProcess(arguments + ["--where", "error"], in: directory).finish()
                #expect(run.status == 64, "\(arguments)")
                #expect(
                    run.error.contains("--where: r.json is a results file, which contains no spans to select"),
                    "\(run.error)"
                )
            }
        }
    }

    @Test("The shell completes the fields of a filter")
    func completion() async throws {
        let script = try await run(["--generate-completion-script", "bash"])
        #expect(script.output.contains("--where"))
    }
}
