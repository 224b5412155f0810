import Foundation
import GRDB
import SpanKitOTLP
import SpanKitTestSupport
import Testing

@testable import SpanKitServe
@testable import SpanKitStore

@Suite("Real senders", .needs(.codecs), .generousTimeLimit)
struct RealSenderTests {
    /// Records with the official SDK for Python and exports three signals as JSON.
    private static let sender = """
        import logging, sys
        from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.exporter.otlp.json.http._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.json.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
        from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.trace import Link, SpanKind, Status, StatusCode
        base = sys.argv[1]
        resource = Resource.create({"service.name": "python shop", "host.cpus": 4, "tags": ["a", "b"]})
        traces = TracerProvider(resource=resource)
        traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=base + "/v1/traces")))
        logs = LoggerProvider(resource=resource)
        logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(endpoint=base + "/v1/logs")))
        reader = PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=base + "/v1/metrics"), export_interval_millis=3600000)
        metrics = MeterProvider(resource=resource, metric_readers=[reader])
        tracer = traces.get_tracer("shop", "1.2")
        meter = metrics.get_meter("shop")
        log = logging.getLogger("shop")
        log.addHandler(LoggingHandler(logger_provider=logs))
        log.setLevel(logging.INFO)
        orders = meter.create_counter("orders", unit="{order}", description="Orders.")
        latency = meter.create_histogram("latency", unit="s")
        for number in range(50):
            with tracer.start_as_current_span("POST /orders", kind=SpanKind.SERVER, attributes={"number": number, "share": 0.5,
                    "ok": True, "names": ["x", "y\\u00e9"]}) as parent:
                with tracer.start_as_current_span("SELECT", links=[Link(parent.get_span_context(), {"why": "test"})]) as child:
                    child.add_event("row", {"count": 3})
                    if number % 10 == 0:
                        child.set_status(Status(StatusCode.ERROR, "declined"))
                        log.error("card declined %d", number)
                orders.add(1, {"kind": str(number % 3)})
                latency.record(number / 7)
        traces.shutdown(); logs.shutdown(); metrics.shutdown()
        """

    /// The stored message of a signal.
    private func stored(_ signal: ProtobufJudge.Signal, _ store: Store) async throws -> [UInt8] {
        try await store.read { database in
            switch signal {
            case .traces, .logs:
                let table = signal == .traces ? "span" : "record"
                let parts = try Row.fetchAll(database, sql: "SELECT resource, scope, body FROM \(table) ORDER BY id")
                    .map { OTLPAssembly.Part(resource: $0[0], scope: $0[1], body: $0.bytes(2)) }
                return try OTLPAssembly.message(parts, database)
            case .metrics:
                let points = try Row.fetchAll(database, sql: "SELECT stream, body FROM point ORDER BY id")
                    .map { OTLPAssembly.Point(stream: $0[0], body: $0.bytes(1)) }
                return try OTLPAssembly.metrics(points, database)
            }
        }
    }

    @Test("what the official SDK sends in JSON, and the same in protobuf, comes back as it was sent")
    func keepsWhatThePythonSDKSends() async throws {
        let recorder = try FaultServer(.ok)
        let run = try await Command.run(.codecs, ["-c", Self.sender, recorder.url])
        #expect(run.status == 0, "\(run.error)")
        let requests = recorder.requests.filter { $0.path.hasPrefix("/v1/") }
        for signal in [ProtobufJudge.Signal.traces, .logs, .metrics] {
            let sent = try requests.filter { $0.path.hasSuffix("/\(signal.rawValue)") }
                .map { try #require(ProtobufJudge.Body($0)) }
            #expect(sent.count == 1, "\(signal)")
            let expected = try await ProtobufJudge.judge(sent, as: signal)
            #expect(!expected.messages.isEmpty)
            for isProtobuf in [false, true] {
                let server = try await RunningBackend()
                for (body, message) in zip(sent, expected.messages) {
                    guard case .json(let json) = body else { continue }
                    let answer = try await server.exchange(
                        "POST",
                        "/v1/\(signal.rawValue)",
                        headers: ["Content-Type: application/\(isProtobuf ? "x-protobuf" : "json")"],
                        body: isProtobuf ? Self.bytes(message) : json
                    )
                    #expect(answer.status == 200)
                    #expect(answer.text == (isProtobuf ? "" : "{}"))
                }
                let back = try await ProtobufJudge.judge(
                    [.protobuf(try await stored(signal, server.store))],
                    as: signal
                )
                #expect(back.complaints == expected.complaints)
                #expect(back.messages == expected.messages, "\(signal), protobuf: \(isProtobuf)")
                try await server.stop()
            }
        }
    }

    @Test("the official SDK sends to a running server without an error")
    func receivesFromThePythonSDK() async throws {
        let server = try await RunningBackend()
        let run = try await Command.run(.codecs, ["-c", Self.sender, "http://127.0.0.1:\(server.port)"])
        #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
        let counts = server.store.counts
        #expect(counts.traces == 50 && counts.spans == 100 && counts.logs == 5 && counts.points == 4)
        try await server.stop()
    }

    @Test("what a collector forwards comes back as it was sent", .needs(.rotel))
    func receivesFromACollector() async throws {
        let recorder = try FaultServer(.ok)
        let run = try await Command.run(.codecs, ["-c", Self.sender, recorder.url])
        #expect(run.status == 0, "\(run.error)")
        let server = try await RunningBackend()
        let rotel = try await Receiver.rotel(forwardingTo: server.url)
        defer { rotel.stop() }
        // This collector loses the values of metrics in JSON.
        let requests = recorder.requests.filter { ["/v1/traces", "/v1/logs"].contains($0.path) }
        for request in requests {
            let body = try #require(request.decodedBody)
            let answer = try await onThread {
                try HTTPExchange(
                    "POST",
                    port: rotel.port,
                    path: request.path,
                    headers: ["Content-Type: application/json"],
                    body: body
                )
            }
            #expect(answer.status == 200, "\(request.path): \(answer.text)")
        }
        try await eventually("everything is forwarded", server.store.counts) {
            $0.spans == 100 && $0.logs == 5
        }
        for signal in [ProtobufJudge.Signal.traces, .logs] {
            let sent = try requests.filter { $0.path.hasSuffix("/\(signal.rawValue)") }
                .map { try #require(ProtobufJudge.Body($0)) }
            let before = try await ProtobufJudge.judge(sent, as: signal)
            let answer = try await server.get("/api/export", ["signals": signal.rawValue])
            let after = try await ProtobufJudge.judge([.jsonLines(answer.body)], as: signal)
            let spans = [before, after].map { $0.spans.sorted { $0.spanID < $1.spanID } }
            #expect(spans[0] == spans[1])
            let records = [before, after].map { $0.logRecords.sorted { $0.nanoseconds < $1.nanoseconds } }
            #expect(records[0] == records[1])
            #expect(!before.spans.isEmpty || !before.logRecords.isEmpty)
        }
        try await server.stop()
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = Array(hexadecimal.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2)
            .compactMap { UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) }
    }
}
