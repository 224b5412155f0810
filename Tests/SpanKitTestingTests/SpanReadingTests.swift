import Logging
import SpanKitServer
import SpanKitTesting
import Testing
import Tracing

private struct CardDeclined: Error, CustomStringConvertible {
    var description: String { "declined" }
}

@Suite("Reading spans, log lines and metrics")
struct SpanReadingTests {
    @Test("attributes are read as Swift types, and are nil for another type")
    func attributes() throws {
        try SpanRecorder.record { recorder in
            recorder.profiler.profile("work") { span in
                span.set("int", 7)
                span.set("big", 300)
                span.set("double", 0.5)
                span.set("bool", true)
                span.set("text", "seven")
                span.set("ints", [1, 2])
                span.set("texts", ["a", "b"])
                span.set("doubles", [0.5])
                span.set("bools", [true])
                span.set("bytes", [UInt8(1), 2])
                span.set("empty", [String]())
            }
            let attributes = try recorder.spans.single("work").attributes
            #expect(attributes["int"] == 7)
            #expect(attributes["int", as: Int.self] == 7)
            #expect(attributes["int", as: UInt8.self] == 7)
            #expect(attributes["big", as: UInt8.self] == nil)
            #expect(attributes["int", as: Double.self] == nil)
            #expect(attributes["int", as: String.self] == nil)
            #expect(attributes["double", as: Double.self] == 0.5)
            #expect(attributes["double", as: Float.self] == 0.5)
            #expect(attributes["double", as: Int.self] == nil)
            #expect(attributes["bool", as: Bool.self] == true)
            #expect(attributes["bool", as: Int.self] == nil)
            #expect(attributes["text", as: String.self] == "seven")
            #expect(attributes["ints", as: [Int].self] == [1, 2])
            #expect(attributes["ints", as: [String].self] == nil)
            #expect(attributes["texts", as: [String].self] == ["a", "b"])
            #expect(attributes["doubles", as: [Double].self] == [0.5])
            #expect(attributes["bools", as: [Bool].self] == [true])
            #expect(attributes["bytes", as: [UInt8].self] == [1, 2])
            #expect(attributes["empty", as: [String].self] == [])
            #expect(attributes["missing"] == nil)
            #expect(attributes["missing", as: Int.self] == nil)
        }
    }

    @Test("spans of the profiler and of withSpan are in one tree, with status, errors and events")
    func tree() throws {
        try SpanRecorder.record { recorder in
            #expect(throws: CardDeclined.self) {
                try recorder.profiler.profile("checkout") {
                    try withSpan("charge", ofKind: .client) { span in
                        span.addEvent("retry")
                        throw CardDeclined()
                    }
                }
            }
            let charge = try recorder.spans.single("charge")
            let checkout = try recorder.spans.single("checkout")
            #expect(charge.parent?.name == "checkout")
            #expect(checkout.parent == nil)
            #expect(checkout.children.map(\.name) == ["charge"])
            #expect(charge.kind == .client)
            #expect(charge.status == .error)
            #expect(charge.events.map(\.name) == ["retry", "exception"])
            let error = try #require(charge.errors.first)
            #expect(error.type.hasSuffix("CardDeclined"))
            #expect(error.message == "declined")
            #expect(checkout.status == .error)
            #expect(checkout.errors.map(\.message) == [""])
            #expect(charge.duration >= .zero)
            #expect(recorder.profiler.statistics(for: "checkout")?.count == 1)
        }
    }

    @Test("a log line has its level, metadata, error, label and span")
    func logs() throws {
        try SpanRecorder.record { recorder in
            var logger = Logger(label: "shop", metadataProvider: .spanKit)
            logger[metadataKey: "region"] = "eu"
            logger.info("outside")
            withSpan("work") { _ in
                logger.trace("details", metadata: ["region": "us"])
                logger.logLevel = .warning
                logger.info("below the level that the code set")
                recorder.profiler.profile("inner") { logger.error("failed", error: CardDeclined()) }
            }
            #expect(recorder.logs.map(\.level) == [.info, .trace, .error])
            #expect(recorder.logs.map(\.label) == ["shop", "shop", "shop"])
            #expect(recorder.logs[0].span == nil)
            #expect(recorder.logs[0].description == "info: outside [region: eu]")
            let work = try recorder.spans.single("work")
            #expect(recorder.logs[1].span?.traceID == work.context.traceID)
            #expect(recorder.logs[1].metadata["region"] == "us")
            #expect(recorder.logs[1].metadata["trace_id"] == "\(work.context.traceID)")
            #expect(work.logs.map(\.message) == ["details"])
            #expect(recorder.logs[2].error is CardDeclined)
            try #expect(recorder.spans.single("inner").logs.map(\.message) == ["failed"])
        }
    }

    @Test("metrics have values for exactly the given attributes")
    func metrics() {
        SpanRecorder.record { recorder in
            let requests = recorder.metrics.counter("http.server.requests")
            requests.add(2, attributes: ["http.route": "/"])
            requests.add(1, attributes: ["http.route": "/", "error.type": "500"])
            recorder.metrics.gauge("queue.length").set(4)
            recorder.telemetry.metrics.histogram("duration").record(0.1)
            #expect(recorder.metrics.value("http.server.requests", ["http.route": "/"]) == 2)
            #expect(recorder.metrics.value("http.server.requests", ["error.type": "500", "http.route": "/"]) == 1)
            #expect(recorder.metrics.value("http.server.requests") == nil)
            #expect(recorder.metrics.value("queue.length") == 4)
            #expect(recorder.metrics.count("duration") == 1)
            #expect(recorder.metrics.value("duration") == nil)
            #expect(recorder.metrics.count("queue.length") == nil)
            #expect(recorder.metrics.value("other") == nil)
        }
    }

    @Test("the configuration decides what is recorded, but nothing is exported")
    func configuration() async {
        var configuration = TelemetryConfiguration()
        configuration.recording.sampler = AlwaysOffSampler()
        await SpanRecorder.record(configuration) { recorder in
            withSpan("not sampled") { _ in }
            #expect(recorder.spans.isEmpty)
            #expect(recorder.profiler.statistics(for: "not sampled")?.count == 1)
            let account = await recorder.telemetry.flush(within: .zero)
            #expect(account == ShippingAccount())
        }
    }

    @Test("context is read from headers and written to them")
    func propagation() throws {
        try SpanRecorder.record { recorder in
            var context = ServiceContext.topLevel
            let incoming = ["traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]
            InstrumentationSystem.instrument.extract(incoming, into: &context, using: Headers())
            var outgoing: [String: String] = [:]
            withSpan("request", context: context) { span in
                InstrumentationSystem.instrument.inject(span.context, into: &outgoing, using: Headers())
            }
            let request = try recorder.spans.single("request")
            #expect(request.context.traceID.description == "0af7651916cd43dd8448eb211c80319c")
            #expect(request.parentIsRemote)
            #expect(request.parent == nil)
            #expect(outgoing["traceparent"]?.contains("\(request.context.spanID)") == true)
        }
    }
}

private struct Headers: Extractor, Injector {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
}
