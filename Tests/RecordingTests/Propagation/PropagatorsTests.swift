import Testing

@testable import SpanKitRecording

@Suite("Propagators")
struct PropagatorsTests {
    private static let headers = [
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03", "tracestate": "a=1,b=2",
        "baggage": "tenant=acme",
    ]

    private func extract(_ propagators: Propagators) -> PropagatedContext {
        propagators.extract { name in Self.headers[name].map { [$0] } ?? [] }
    }

    private func inject(_ propagators: Propagators, _ context: PropagatedContext) -> [String: String] {
        var headers: [String: String] = [:]
        propagators.inject(context) { headers[$0] = $1 }
        return headers
    }

    @Test("all headers are passed on unchanged")
    func both() {
        #expect(inject(.default, extract(.default)) == Self.headers)
    }

    @Test("each propagator reads and writes its own headers only")
    func one() {
        #expect(extract(.traceContext).baggage == nil)
        #expect(extract(.baggage).parent == nil)
        #expect(Set(inject(.traceContext, extract(.default)).keys) == ["traceparent", "tracestate"])
        #expect(Set(inject(.baggage, extract(.default)).keys) == ["baggage"])
        #expect(inject([], extract(.default)).isEmpty)
        #expect(extract([]) == PropagatedContext())
    }

    @Test(
        "names are those of OTEL_PROPAGATORS",
        arguments: [
            ("tracecontext,baggage", Propagators.default), ("baggage", .baggage),
            ("TraceContext , tracecontext", .traceContext),
            ("none", Propagators()), ("", Propagators()), ("b3,baggage", .baggage),
        ]
    )
    func names(list: String, expected: Propagators) {
        var unknown: [String] = []
        #expect(Propagators(names: list) { unknown.append($0) } == expected)
        #expect(unknown == (list.hasPrefix("b3") ? ["b3"] : []))
    }

    @Test("a command reads its parent from the environment and passes its own span on")
    func environment() throws {
        let profiler = PerformanceProfiler(.on, log: .silent)
        let given = Dictionary(uniqueKeysWithValues: Self.headers.map { ($0.key.uppercased(), $0.value) })
        let incoming = Propagators.default.extract(environment: given.merging(["PATH": "/bin"]) { $1 })
        let span = profiler.startSpan("job", parent: incoming.parent.map { .context($0) } ?? .none)
        let handed = Propagators.default.environment(PropagatedContext(parent: span.context, baggage: incoming.baggage))
        profiler.end(span)
        let recorded = try #require(profiler.recordedSpans().first)
        #expect(recorded.parentSpanID?.description == "00f067aa0ba902b7")
        #expect(recorded.parentIsRemote)
        let own = recorded.context.spanID
        #expect(handed["TRACEPARENT"] == "00-4bf92f3577b34da6a3ce929d0e0e4736-\(own)-03")
        #expect(handed["TRACESTATE"] == "a=1,b=2")
        #expect(handed["BAGGAGE"] == "tenant=acme")
    }
}
