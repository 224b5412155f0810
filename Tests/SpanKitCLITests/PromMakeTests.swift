import Foundation
import SpanKitTestSupport
import Testing

@Suite("spankit prom make", .generousTimeLimit)
struct PromMakeTests {
    @Test("A run's OTLP lines give the metrics that the run wrote")
    func sameAsTheRun() async throws {
        try await withTemporaryDirectory { directory in
            let run = try await SpanKitProcess.run(
                "profile",
                "--latency-scale",
                "0",
                "--quiet",
                "--otlp-file",
                "spans.jsonl",
                "--prom",
                "run.prom",
                in: directory
            )
            #expect(run.status == 0, "\(run.error)")
            let make = try await SpanKitProcess.run("prom", "spans.jsonl", "--out", "lines.prom", in: directory)
            #expect(make.status == 0 && make.error == "" && make.output == "lines.prom\n", "\(make.error)")
            func samples(_ name: String) throws -> [String: Double] {
                let text = try String(contentsOf: directory.appending(path: name), encoding: .utf8)
                return PromTests.samples(text).filter { series, _ in
                    series.hasPrefix("spankit_span") && !series.contains("quantile=")
                }
            }
            let ours = try samples("run.prom")
            let theirs = try samples("lines.prom")
            #expect(ours.count == theirs.count && ours.count > 500)
            for (series, value) in ours {
                let other = try #require(
                    theirs[series.replacing("process=\"run\"", with: "process=\"okr-coach\"")],
                    "\(series)"
                )
                // Times on the wire are whole nanoseconds: a duration may differ by one, and one at an edge fall beside it.
                let slack = series.contains("_sum") ? 1e-6 : series.contains("_bucket") ? 1 : 0
                #expect(abs(other - value) <= slack, "\(series)")
            }
        }
    }

    @Test("Quantiles are those of all spans in the input, whenever they were recorded")
    func quantiles() async throws {
        try await withTemporaryDirectory { directory in
            let spans = (1...100).map { number in
                """
                {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"\(String(1_000 + number, radix: 16).padded)","name":"op",\
                "startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"\(1_700_000_000_000_000_000 + number * 1_000_000)"}
                """
            }
            try "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[\(spans.joined(separator: ","))]}]}]}\n"
                .write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let make = try await SpanKitProcess.run("prom", "x.jsonl", "--out", "x.prom", in: directory)
            #expect(make.status == 0, "\(make.error)")
            let samples = PromTests.samples(
                try String(contentsOf: directory.appending(path: "x.prom"), encoding: .utf8)
            )
            for (quantile, seconds) in [("0.5", 0.050), ("0.9", 0.090), ("0.95", 0.095), ("0.99", 0.099)] {
                let series =
                    "spankit_span_duration_quantile_seconds{operation=\"op\",process=\"unknown_service\",quantile=\"\(quantile)\"}"
                let value = try #require(samples[series], "\(samples.keys.filter { $0.contains("quantile") })")
                // The engine's buckets are 0.27 % wide.
                #expect(abs(value - seconds) <= 0.003 * seconds + 0.001, "\(quantile): \(value)")
            }
        }
    }

    @Test("Model calls become GenAI metrics by model, without prompts and ids")
    func languageModels() async throws {
        try await withTemporaryDirectory { directory in
            var calls = (0..<10).map { SampleLines.call("large", number: $0, seconds: 2, input: 800, output: 100) }
            calls.append(SampleLines.call("large", number: 10, seconds: 0.5, input: 800, output: 0, isError: true))
            calls.append(SampleLines.call("small", number: 11, seconds: 0.01, input: 20, output: 5))
            let text =
                try SampleLines.line(service: "coach", calls)
                + SampleLines.line(service: "shop", [SampleLines.span("pay", number: 12, isError: true)])
            try text.write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let gzip = try await Command.run(.shell, ["-c", "gzip \"$0\"", directory.appending(path: "x.jsonl").path])
            #expect(gzip.status == 0)
            let make = try await SpanKitProcess.run("prom", "x.jsonl.gz", "--out", "x.prom", in: directory)
            #expect(make.status == 0, "\(make.error)")
            let written = try String(contentsOf: directory.appending(path: "x.prom"), encoding: .utf8)
            let samples = PromTests.samples(written)
            let large =
                "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"anthropic\",gen_ai_request_model=\"large\""
            let input = "\(large),gen_ai_token_type=\"input\",process=\"coach\""
            #expect(samples["gen_ai_client_token_usage_sum{\(input)}"] == 8_800)
            #expect(
                samples[
                    "gen_ai_client_token_usage_bucket{\(large),gen_ai_token_type=\"input\",le=\"1024\",process=\"coach\"}"
                ] == 11
            )
            #expect(samples["gen_ai_client_operation_duration_seconds_count{\(large),process=\"coach\"}"] == 10)
            let failed = "error_type=\"_OTHER\",\(large),process=\"coach\""
            #expect(samples["gen_ai_client_operation_duration_seconds_count{\(failed)}"] == 1)
            #expect(
                samples["gen_ai_client_operation_duration_seconds_bucket{\(large),le=\"1.28\",process=\"coach\"}"] == 0
            )
            #expect(samples["spankit_span_errors_total{operation=\"pay\",process=\"shop\"}"] == 1)
            #expect(!written.contains("secret") && !written.contains("c-1"))
            let check = try await SpanKitProcess.run("prom", "check", "x.prom", in: directory)
            #expect(check.status == 0, "\(check.output)")
        }
    }

    @Test(
        "Model calls are counted as in 'spankit top': no agents, no nested calls"
    )
    func sameCallsAsTop() async throws {
        try await withTemporaryDirectory { directory in
            func span(_ id: Int, parent: Int, _ operation: String) -> [String: Any] {
                var span = SampleLines.call("large", operation, number: 0, seconds: 1, input: 800, output: 100)
                span["spanId"] = String(format: "%016x", id)
                if parent > 0 { span["parentSpanId"] = String(format: "%016x", parent) }
                return span
            }
            // The calls come before the agent that made them, as exporters write them.
            let spans = [
                span(3, parent: 2, "chat"), span(2, parent: 1, "chat"), span(5, parent: 4, "embeddings"),
                span(4, parent: 1, "execute_tool"), span(1, parent: 0, "invoke_agent"),
            ]
            try SampleLines.line(service: "coach", spans)
                .write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let make = try await SpanKitProcess.run("prom", "x.jsonl", "--out", "x.prom", in: directory)
            #expect(make.status == 0 && make.error == "", "\(make.error)")
            let text = try String(contentsOf: directory.appending(path: "x.prom"), encoding: .utf8)
            func sum(_ family: String) -> Double {
                PromTests.samples(text).filter { $0.key.hasPrefix(family) }.values.reduce(0, +)
            }
            let top = try await SpanKitProcess.run("top", "x.jsonl", "--by", "model", "--format", "csv", in: directory)
            #expect(top.output.contains("\nlarge,2,0,1600,"), "\(top.output)")
            #expect(sum("gen_ai_client_operation_duration_seconds_count{") == 2, "the outer chat, and the embeddings")
            #expect(sum("gen_ai_client_token_usage_sum{") == 2 * (800 + 100))
            #expect(sum("spankit_span_duration_seconds_count{") == 5, "spans are all spans")
        }
    }

    @Test("Requested attributes become labels; ids are refused")
    func attributes() async throws {
        try await withTemporaryDirectory { directory in
            let spans = (0..<6).map { number in
                SampleLines.span("pay", number: number, attributes: ["shop.region": number < 4 ? "eu" : "us"])
            }
            try SampleLines.line(service: "shop", spans)
                .write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let make = try await SpanKitProcess.run(
                "prom",
                "x.jsonl",
                "--out",
                "x.prom",
                "--attribute",
                "shop.region",
                in: directory
            )
            #expect(make.status == 0, "\(make.error)")
            let text = try String(contentsOf: directory.appending(path: "x.prom"), encoding: .utf8)
            let count = "spankit_span_duration_seconds_count{operation=\"pay\",process=\"shop\",shop_region="
            #expect(text.contains("\(count)\"eu\"} 4\n") && text.contains("\(count)\"us\"} 2\n"))
            let refused = try await SpanKitProcess.run(
                "prom",
                "x.jsonl",
                "--out",
                "x.prom",
                "--attribute",
                "user.id",
                in: directory
            )
            #expect(refused.status == 64)
            #expect(refused.error.contains("'user.id' contains ids or content"))
        }
    }

    @Test("Damage is reported, and the rest is written; without spans nothing is written")
    func damage() async throws {
        try await withTemporaryDirectory { directory in
            func put(_ name: String, _ text: String) throws {
                try text.write(to: directory.appending(path: name), atomically: true, encoding: .utf8)
            }
            let good = try SampleLines.line(service: "shop", [SampleLines.span("pay", number: 1)])
            let other = try SampleLines.line(service: "shop", [SampleLines.span("pay", number: 2)])
            try put("torn.jsonl", good + good.prefix(good.count / 2) + "\n" + other)
            let torn = try await SpanKitProcess.run("prom", "torn.jsonl", "--out", "torn.prom", in: directory)
            #expect(torn.status == 65 && torn.error.hasPrefix("spankit: torn.jsonl: line 2, column "), "\(torn.error)")
            let text = try String(contentsOf: directory.appending(path: "torn.prom"), encoding: .utf8)
            #expect(text.contains("spankit_span_duration_seconds_count{operation=\"pay\",process=\"shop\"} 2\n"))
            for (name, content, message) in [
                ("empty.jsonl", "", "contains neither spans nor metrics nor results"),
                ("logs.jsonl", "{\"resourceLogs\":[]}\n", "no spans or metrics found, so nothing was written"),
                ("text.txt", "hello\n", "contains neither spans nor metrics nor results"),
                ("other.json", "{\"a\":1}", "is this a file that spankit profile wrote?"),
            ] {
                try put(name, content)
                let make = try await SpanKitProcess.run("prom", name, "--out", "none.prom", in: directory)
                #expect(make.status == 65 && make.error.contains(message), "\(name): \(make.error)")
                #expect(!FileManager.default.fileExists(atPath: directory.appending(path: "none.prom").path))
            }
        }
    }

    @Test("Unusual names and durations are served and shown on one line each", .needs(.nodeExporter))
    func hostile() async throws {
        try await withTemporaryDirectory { directory in
            let names = [
                "say \"hi\" \\ C:\\dir", "two\nlines\r\n", "🎯 größe", String(repeating: "long ", count: 2_000), "",
                "a\u{0}b",
                "\u{1B}[31mred", "__overflow__", "le", "{}=,",
            ]
            let durations: [UInt64] = [0, 1, 144_000_000_000_000]
            var spans: [[String: Any]] = []
            for (number, name) in names.enumerated() {
                for duration in durations {
                    spans.append(
                        SampleLines.span(name, number: number, nanoseconds: duration, attributes: [name: name])
                    )
                }
            }
            // Ends before it starts: a clock that was set back.
            var backwards = SampleLines.span("backwards", number: 99)
            backwards["endTimeUnixNano"] = "1"
            spans.append(backwards)
            try SampleLines.line(service: "a\"b\n\u{0}", spans)
                .write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let make = try await SpanKitProcess.run("prom", "x.jsonl", "--out", "x.prom", in: directory)
            #expect(make.status == 65, "one span had to be changed, which is said")
            #expect(make.error.contains("the span 'backwards' ends before it starts; its duration is read as 0"))
            let exporter = try await NodeExporter(directory: directory.path)
            defer { exporter.stop() }
            let served = PromTests.samples(try exporter.metrics())
            #expect(served["node_textfile_scrape_error"] == 0)
            let counts = served.filter { $0.key.hasPrefix("spankit_span_duration_seconds_count") }
            #expect(counts.values.reduce(0, +) == Double(spans.count))
            #expect(counts.count == names.count + 1)
            let report = try await SpanKitProcess.run("cardinality", "x.jsonl", "x.prom", in: directory)
            #expect(report.status == 65, "\(report.error)")
            #expect(!report.output.contains("\u{1B}") && !report.output.contains("\u{0}"))
            for line in report.output.split(separator: "\n") { #expect(line.count <= 120, "\(line)") }
        }
    }

    @Test("Standard input works like a file")
    func standardInput() async throws {
        try await withTemporaryDirectory { directory in
            try SampleLines.line(service: "shop", [SampleLines.span("pay", number: 1)])
                .write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let make = try await SpanKitProcess(shell: "spankit prom - --out x.prom < x.jsonl", in: directory).finish()
            #expect(make.status == 0, "\(make.error)")
            let report = try await SpanKitProcess(shell: "cat x.jsonl | spankit cardinality -", in: directory).finish()
            #expect(report.status == 0 && report.output.hasPrefix("1 span name in 1 span\n"), "\(report.output)")
        }
    }

    @Test("Twenty thousand names are capped, and the totals stay exact")
    func manyNames() async throws {
        try await withTemporaryDirectory { directory in
            var text = ""
            for hundred in 0..<200 {
                let spans = (0..<100).map { SampleLines.span("GET /users/\(hundred * 100 + $0)", number: $0) }
                text += try SampleLines.line(service: "shop", spans)
            }
            try text.write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let make = try await SpanKitProcess.run("prom", "x.jsonl", "--out", "x.prom", in: directory)
            #expect(make.status == 0, "\(make.error)")
            let written = try String(contentsOf: directory.appending(path: "x.prom"), encoding: .utf8)
            let counts = PromTests.samples(written).filter { $0.key.hasPrefix("spankit_span_duration_seconds_count") }
            #expect(counts.count == 501)
            #expect(counts.values.reduce(0, +) == 20_000)
            #expect(written.contains("spankit_span_overflow_total{process=\"shop\"} 19500\n"))
        }
    }
}

extension String {
    /// A span id of 16 digits.
    fileprivate var padded: String { String(repeating: "0", count: 16 - count) + self }
}
