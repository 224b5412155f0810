import SpanKitRecording
import SpanKitServer
import Testing
import Tracing

@Suite("Propagation")
struct InstrumentTests {
    let run = TracedRun()
    private let incoming = [
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03", "tracestate": "a=1",
        "baggage": "tenant=acme,user=Am%C3%A9lie",
    ]

    private func extract(_ headers: [String: String], into context: ServiceContext = .topLevel) -> ServiceContext {
        var context = context
        run.tracer.extract(headers, into: &context, using: Headers())
        return context
    }

    private func inject(_ context: ServiceContext) -> [String: String] {
        var headers: [String: String] = [:]
        run.tracer.inject(context, into: &headers, using: Headers())
        return headers
    }

    @Test("a server continues the caller's trace, and its client propagates it")
    func through() throws {
        var outgoing: [String: String] = [:]
        run.tracer.withSpan("GET /coach", context: extract(incoming), ofKind: .server) { _ in
            run.profiler.profile("step") {
                run.tracer.withSpan("POST", ofKind: .client) { outgoing = inject($0.context) }
            }
        }
        let server = try run.span("GET /coach")
        #expect(server.context.traceID.description == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(server.parentSpanID?.description == "00f067aa0ba902b7")
        #expect(server.parentIsRemote)
        #expect(server.context.traceFlags == [.sampled, .random])
        try run.expect(["step"], below: "GET /coach")
        try run.expect(["POST"], below: "step")
        let client = try run.span("POST").context.spanID
        #expect(outgoing["traceparent"] == "00-4bf92f3577b34da6a3ce929d0e0e4736-\(client)-03")
        #expect(outgoing["tracestate"] == "a=1")
        #expect(outgoing["baggage"] == "tenant=acme,user=Am%C3%A9lie")
    }

    @Test("a middleware may bind the context instead of passing it")
    func bound() throws {
        ServiceContext.withValue(extract(incoming)) {
            run.tracer.withSpan("ecosystem") { _ in }
            run.profiler.profile("native") {}
        }
        for name in ["ecosystem", "native"] {
            #expect(try run.span(name).parentSpanID?.description == "00f067aa0ba902b7")
            #expect(try run.span(name).parentIsRemote)
            #expect(try run.span(name).context.traceState == "a=1")
        }
    }

    @Test("the current span of the profiler is injected")
    func native() throws {
        let headers = run.profiler.profile("native") { inject(ServiceContext.current ?? .topLevel) }
        let span = try run.span("native").context
        #expect(headers["traceparent"] == "00-\(span.traceID)-\(span.spanID)-03")
    }

    @Test("without a span only baggage is injected")
    func nothing() {
        #expect(inject(.topLevel).isEmpty)
        var context = ServiceContext.topLevel
        context.baggage = ["a": "b"]
        #expect(inject(context) == ["baggage": "a=b"])
    }

    @Test("an invalid header does not change the context")
    func invalid() {
        let context = extract(incoming)
        let again = extract(["traceparent": "00-zz", "baggage": "!"], into: context)
        #expect(again.spanContext == context.spanContext)
        #expect(again.baggage == context.baggage)
        #expect(extract([:]).isEmpty)
    }

    @Test("the caller's sampling decision is followed")
    func unsampled() {
        let headers = ["traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"]
        run.tracer.withSpan("server", context: extract(headers)) { span in
            #expect(!span.isRecording)
            #expect(inject(span.context)["traceparent"]?.hasSuffix("-00") == true)
        }
        #expect(run.spans.isEmpty)
    }

    @Test("disabled propagators neither read nor write")
    func chosen() {
        let tracer = SpanKitTracer(run.profiler, propagators: .baggage)
        var context = ServiceContext.topLevel
        tracer.extract(incoming, into: &context, using: Headers())
        #expect(context.spanContext == nil)
        #expect(context.baggage?["tenant"] == "acme")
        var headers: [String: String] = [:]
        tracer.withSpan("client", context: context) { tracer.inject($0.context, into: &headers, using: Headers()) }
        #expect(headers.keys.sorted() == ["baggage"])
    }

    @Test("a process without recording propagates the incoming context")
    func passThrough() {
        let tracer = SpanKitTracer(PerformanceProfiler(.off))
        var context = ServiceContext.topLevel
        tracer.extract(incoming, into: &context, using: Headers())
        var headers: [String: String] = [:]
        tracer.withSpan("nothing", context: context) { tracer.inject($0.context, into: &headers, using: Headers()) }
        #expect(headers == incoming)
    }
}
