import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitCLI

@Suite("spankit capacity", .generousTimeLimit)
struct CapacityTests {
    /// Traces of two spans, one each 100 ms; every tenth trace has an error, every fifth takes three seconds.
    private static func traces(_ count: Int) throws -> String {
        try (0..<count).map { number in
            let start = 1_790_000_000_000_000_000 + number * 100_000_000
            let duration = number % 5 == 0 ? 3_000_000_000 : 20_000_000
            return try SampleLines.line(
                service: "shop",
                (0..<2).map { part in
                    var span = SampleLines.span("step \(part)", number: number, isError: part == 1 && number % 10 == 0)
                    span["traceId"] = String(format: "%032x", number + 1)
                    span["spanId"] = String(format: "%016x", 2 * number + part + 1)
                    span["parentSpanId"] = part == 0 ? nil : String(format: "%016x", 2 * number + 1)
                    span["startTimeUnixNano"] = "\(start)"
                    span["endTimeUnixNano"] = "\(start + duration)"
                    return span
                }
            )
        }.joined()
    }

    private func json(_ arguments: [String], _ text: String) async throws -> [String: Any] {
        try await withTemporaryDirectory { directory in
            try text.write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let run = try await SpanKitProcess(
                ["capacity", "x.jsonl", "--format", "json"] + arguments,
                in: directory
            ).finish()
            #expect(run.status == 0 && run.error == "", "\(run.error)")
            let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
            return try #require(object as? [String: Any])
        }
    }

    private func rows(_ document: [String: Any]) throws -> [String: [String: Double]] {
        let rows = try #require(document["rows"] as? [[String: Any]])
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                (row["stage"] as? String ?? "", row.compactMapValues { ($0 as? NSNumber)?.doubleValue })
            }
        )
    }

    @Test("The rate is that of the start times, and scales with the number of processes")
    func rate() async throws {
        let text = try Self.traces(3_000)
        let one = try await json([], text)
        // 6,000 spans in 300 s.
        let started = try #require(try rows(one)["started"]?["spans_per_second"])
        #expect((19.9...20.2).contains(started), "\(started)")
        #expect(one["span_count"] as? Int == 6_000)
        #expect(one["spans_per_trace"] as? Double == 2)
        let peak = try #require(one["peak_spans_per_second"] as? Double)
        #expect((19.9...20.2).contains(peak), "\(peak)")
        let many = try await json(["--processes", "100"], text)
        let all = try #require(try rows(many)["started"]?["spans_per_second"])
        #expect((all / started - 100).magnitude < 0.001)
    }

    @Test("A few wrong clocks do not change the rate")
    func wrongClocks() async throws {
        var wrong = SampleLines.span("wrong", number: 1)
        wrong["startTimeUnixNano"] = "1000000000000000000"
        wrong["endTimeUnixNano"] = "1000000000000000001"
        let text = try SampleLines.line(service: "shop", [wrong]) + Self.traces(3_000)
        let started = try #require(try rows(await json([], text))["started"]?["spans_per_second"])
        #expect((19.5...20.5).contains(started), "\(started)")
    }

    @Test("Sampling leaves what its rules keep")
    func sampling() async throws {
        let text = try Self.traces(1_000)
        let errors = try rows(await json(["--tail-sampling", "errors,otherwise=0"], text))
        #expect((try #require(errors["tail_sampled"]?["kept_fraction"]) - 0.1).magnitude < 1e-9)
        // Every fifth trace is slow, and these include those with an error.
        let slow = try rows(await json(["--tail-sampling", "errors,slow=2000,otherwise=0"], text))
        #expect((try #require(slow["tail_sampled"]?["kept_fraction"]) - 0.2).magnitude < 1e-9)
        let rest = try rows(await json(["--sampling", "0.5", "--tail-sampling", "slow=2000,otherwise=0.5"], text))
        #expect((try #require(rest["head_sampled"]?["kept_fraction"]) - 0.5).magnitude < 1e-9)
        #expect((try #require(rest["tail_sampled"]?["kept_fraction"]) - 0.3).magnitude < 1e-9)
    }

    @Test("The bytes are those of SpanKit's own requests")
    func bytes() async throws {
        let document = try await json([], try Self.traces(2_000))
        let plain = try #require(document["plain_bytes_per_span"] as? Double)
        let compressed = try #require(document["compressed_bytes_per_span"] as? Double)
        #expect((200...500).contains(plain), "\(plain)")
        #expect(compressed < plain / 4, "\(compressed)")
    }

    @Test("Metrics of the exporter tell rate, sampling and bytes")
    func metrics() async throws {
        func sum(_ name: String, _ points: [(value: Int, attributes: [String: String])]) -> [String: Any] {
            [
                "name": name, "unit": "1",
                "sum": [
                    "aggregationTemporality": 2, "isMonotonic": true,
                    "dataPoints": points.map { point in
                        [
                            "startTimeUnixNano": "1790000000000000000", "timeUnixNano": "1790000100000000000",
                            "asInt": "\(point.value)",
                            "attributes": point.attributes.map { ["key": $0.key, "value": ["stringValue": $0.value]] },
                        ] as [String: Any]
                    },
                ] as [String: Any],
            ]
        }
        let metrics = [
            sum(
                "otel.sdk.span.started",
                [
                    (30_000, ["otel.span.sampling_result": "RECORD_AND_SAMPLE"]),
                    (10_000, ["otel.span.sampling_result": "DROP"]),
                ]
            ), sum("otel.sdk.processor.span.processed", [(30_000, [:])]),
            sum("spankit.exporter.body", [(9_000_000, ["form": "plain"]), (1_200_000, ["form": "sent"])]),
        ]
        let object: [String: Any] = [
            "resourceMetrics": [["resource": [:], "scopeMetrics": [["scope": ["name": "x"], "metrics": metrics]]]]
        ]
        let line = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
        let document = try await json([], String(decoding: line, as: UTF8.self) + "\n")
        let rows = try rows(document)
        #expect(rows["started"]?["spans_per_second"] == 400)
        #expect(rows["head_sampled"]?["spans_per_second"] == 300)
        #expect(document["compressed_bytes_per_span"] as? Double == 40)
        #expect(document["plain_bytes_per_span"] as? Double == 300)
    }

    /// The number of started spans as a damaged exporter would write it.
    private static func metric(value: Double) -> String {
        """
        {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"otel.sdk.span.started","sum":{"aggregationTemporality":2,\
        "isMonotonic":true,"dataPoints":[{"startTimeUnixNano":"1790000000000000000","timeUnixNano":"1790000060000000000",\
        "asDouble":\(value)}]}}]}]}]}

        """
    }

    @Test("The largest inputs that are accepted give whole numbers, in text and JSON")
    func largest() async throws {
        let options = ["--processes", "100000000000", "--seconds", "1", "--days", "36500", "--decision-wait", "86400"]
        let document = try await json(options, try Self.traces(5))
        // 10 spans in each process.
        #expect(try rows(document)["started"]?["spans_per_second"] == 1e12)
        let storage = try #require(document["storage_bytes_low"] as? Double)
        #expect(abs(storage / (1e12 * 86_400 * 36_500 * 38) - 1) < 1e-9)
        try await withTemporaryDirectory { directory in
            try Self.traces(5).write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let run = try await SpanKitProcess(["capacity", "x.jsonl"] + options, in: directory).finish()
            #expect(run.status == 0 && run.output.contains("1 000 000 000 000"), "\(run.error)")
        }
    }

    @Test("One machine is enough up to its rate and its disk", arguments: [(1, true), (100_000, false)])
    func oneMachine(processes: Int, isEnough: Bool) async throws {
        let document = try await json(["--processes", "\(processes)"], try Self.traces(200))
        #expect(document["one_machine_is_enough"] as? Bool == isEnough)
        let growth = try #require(document["one_machine_growth"] as? Double)
        #expect((growth >= 1) == isEnough)
    }

    @Test(
        "What cannot be computed is refused in one line",
        arguments: [
            ([], "give either files of OTLP JSON lines or --spool DIR"),
            (["x.jsonl", "--spool", "."], "give either files of OTLP JSON lines or --spool DIR"),
            (["x.jsonl", "--sampling", "0"], "--sampling: 0.0 is not a probability above 0 and up to 1"),
            (["x.jsonl", "--tail-sampling", "eror"], "--tail-sampling: 'eror' is not one of errors"),
            (["x.jsonl"], "x.jsonl: the start times of the spans do not tell how long they took; give --seconds"),
            (["x.jsonl", "--seconds", "1e300"], "--seconds: 1e+300 is not a number of seconds above 0 and up to 10^9"),
            (["x.jsonl", "--seconds", "nan"], "--seconds: nan is not a number of seconds above 0 and up to 10^9"),
            (
                ["x.jsonl", "--seconds", "1e-300"],
                "the spans in this time, in all processes, are more than 10^12 a second"
            ),
            (
                ["x.jsonl", "--seconds", "1", "--processes", "\(Int.max)"],
                "the spans in this time, in all processes, are more than 10^12 a second"
            ),
            (["damaged.jsonl"], "damaged.jsonl: no spans, and no metric otel.sdk.span.started with a rate"),
            (["--spool", "."], ".: no running process there has made spans yet"),
        ] as [([String], String)]
    )
    func refused(arguments: [String], message: String) async throws {
        try await withTemporaryDirectory { directory in
            var span = SampleLines.span("one", number: 1)
            span["endTimeUnixNano"] = span["startTimeUnixNano"]
            try SampleLines.line(service: "shop", [span])
                .write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            try Self.metric(value: 1e300)
                .write(to: directory.appending(path: "damaged.jsonl"), atomically: true, encoding: .utf8)
            let run = try await SpanKitProcess(["capacity"] + arguments, in: directory).finish()
            #expect(run.status == 64 || run.status == 65)
            #expect(run.output == "")
            #expect(run.error.hasPrefix("spankit: \(message)"), "\(run.error)")
            #expect(run.error.split(separator: "\n").count == 1)
        }
    }
}
