import SpanKitPlatform
import SpanKitRecording
import SpanKitServer
import SpanKitTestSupport
import Testing
import Tracing

@Suite("Tracers of libraries")
struct TracerScopeTests {
    private enum Tenant: ServiceContextKey {
        typealias Value = String
    }

    @Test("spans of a library's tracer have its scope, and nest with those of the program")
    func scope() throws {
        var configuration = TelemetryConfiguration()
        configuration.exporters = []
        configuration.shutsDownAtExit = false
        let telemetry = Telemetry.start(configuration, log: .silent)
        let library = telemetry.tracer(
            "lib",
            version: "1.2",
            schemaURL: "https://example.com",
            attributes: ["channel": "beta"]
        )
        for _ in 0..<2 {
            telemetry.tracer.withSpan("program") { _ in
                library.withSpan("library") { _ in telemetry.profiler.profile("native") {} }
            }
        }
        var context = ServiceContext.topLevel
        context[Tenant.self] = "acme"
        library.startSpan("with a context", context: context).end()
        let scope = InstrumentationScope(
            name: "lib",
            version: "1.2",
            attributes: [Attribute("channel", "beta")],
            schemaURL: "https://example.com"
        )
        let spans = telemetry.profiler.recordedSpans()
        #expect(
            spans.map(\.name) == ["native", "library", "program", "native", "library", "program", "with a context"]
        )
        #expect(spans.map(\.scope) == [nil, scope, nil, nil, scope, nil, scope])
        #expect(spans[1].parentSpanID == spans[2].context.spanID && spans[0].parentSpanID == spans[1].context.spanID)
        let own = telemetry.configuration.scope
        #expect(telemetry.profiler(own.name, version: own.version) === telemetry.profiler)
    }

    @Test("when a span starts, a processor sees the parent and its context, even if it is not the current one")
    func parentContext() throws {
        struct Seen: Equatable {
            var name: String
            var tenant: String?
            var parent: SpanContext?
        }
        let seen = Locked<[Seen]>([])
        var recording = RecordingConfiguration()
        recording.spanProcessors = [
            SpanProcessor(
                "tenant",
                onStart: { span in
                    let tenant = ServiceContext.current?[Tenant.self]
                    if let tenant { span.set("tenant", tenant) }
                    let start = span.snapshot()
                    seen.withLock { $0.append(Seen(name: start?.name ?? "", tenant: tenant, parent: start?.parent)) }
                }
            )
        ]
        let run = TracedRun(recording)
        var acme = ServiceContext.topLevel
        acme[Tenant.self] = "acme"
        var request: ServiceContext?
        run.tracer.withSpan("request", context: acme) { span in
            request = span.context
            run.tracer.withSpan("query") { _ in }
            run.profiler.profile("native") {}
        }
        run.tracer.withSpan("other") { _ in
            run.tracer.startSpan("later", context: request ?? .topLevel).end()
            #expect(ServiceContext.current?[Tenant.self] == nil)
        }
        let requestSpan = try run.span("request").context
        #expect(
            seen.withLock { $0 } == [
                Seen(name: "request", tenant: "acme", parent: nil),
                Seen(name: "query", tenant: "acme", parent: requestSpan),
                Seen(name: "native", tenant: "acme", parent: requestSpan),
                Seen(name: "other", tenant: nil, parent: nil),
                Seen(name: "later", tenant: "acme", parent: requestSpan),
            ]
        )
        #expect(try run.span("later")["tenant"] == .string("acme"))
        try run.expect(["query", "native", "later"], below: "request")
    }

    @Test(
        "a processor can copy entries of the baggage that the parent's context has, and no others are copied",
        arguments: [
            ("tenant.id=acme,secret=x", ["tenant.id": "acme"]), ("tenant.id=a%20b", ["tenant.id": "a b"]),
            ("secret=x", [:]), ("", [:]),
        ] as [(String, [String: AttributeValue])]
    )
    func baggage(header: String, expected: [String: AttributeValue]) throws {
        var recording = RecordingConfiguration()
        recording.spanProcessors = [
            SpanProcessor(
                "baggage",
                onStart: { span in
                    let entries = ServiceContext.current?.baggage?.entries ?? []
                    for entry in entries where entry.key == "tenant.id" { span.set(entry.key, entry.value) }
                }
            )
        ]
        let run = TracedRun(recording)
        var incoming = ServiceContext.topLevel
        run.tracer.extract(["baggage": header], into: &incoming, using: Headers())
        run.tracer.withSpan("request", context: incoming) { _ in run.profiler.profile("native") {} }
        for name in ["request", "native"] {
            let attributes = try run.span(name).attributes
            #expect(Dictionary(attributes.map { ($0.key, $0.value) }) { $1 } == expected)
        }
    }
}
