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
            ("none", []), ("", []), ("ottrace,baggage", .baggage), ("b3multi,b3,B3,xray", [.b3Multi, .b3, .xray]),
            ("jaeger,tracecontext", [.jaeger, .traceContext]),
        ] as [(String, Propagators)]
    )
    func names(list: String, expected: Propagators) {
        var unknown: [String] = []
        var propagators: Propagators = []
        propagators.append(names: list) { unknown.append($0) }
        #expect(propagators == expected)
        #expect(unknown == (list.hasPrefix("ottrace") ? ["ottrace"] : []))
    }

    @Test("all propagators write, and the last valid parent wins")
    func order() {
        let b3 = "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1"
        let headers = Self.headers.merging(["b3": b3]) { $1 }
        func parent(_ propagators: Propagators, _ headers: [String: String]) -> String? {
            propagators.extract { headers[$0].map { [$0] } ?? [] }.parent?.traceID.description
        }
        #expect(parent([.traceContext, .b3], headers) == "80f198ee56343ba864fe8b2a57d3eff7")
        #expect(parent([.b3, .traceContext], headers) == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(parent([.traceContext, .b3], Self.headers) == "4bf92f3577b34da6a3ce929d0e0e4736")
        let sent = inject([.traceContext, .b3, .b3Multi, .jaeger, .xray, .baggage], extract(.default))
        #expect(
            Set(sent.keys) == [
                "traceparent", "tracestate", "baggage", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled",
                "uber-trace-id", "x-amzn-trace-id",
            ]
        )
    }

    @Test(
        "invalid headers of one format leave the parent of another",
        arguments: [
            (StandardPropagator.b3, "b3", "0"), (.b3Multi, "x-b3-traceid", "x"),
            (.jaeger, "uber-trace-id", "0:1c8:0:1"), (.xray, "x-amzn-trace-id", "Root=2-0-0"),
            (.traceContext, "traceparent", "00-0-0-00"), (.baggage, "baggage", "="),
        ]
    )
    func invalid(propagator: StandardPropagator, header: String, value: String) throws {
        let good: [(StandardPropagator, String, String)] = [
            (.traceContext, "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            (.b3, "b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1"),
        ]
        let (other, goodHeader, goodValue) = try #require(good.first { $0.0 != propagator })
        let headers = [goodHeader: goodValue, header: value]
        for propagators in [Propagators([other, propagator]), Propagators([propagator, other])] {
            let context = propagators.extract { name in headers[name].map { [$0] } ?? [] }
            #expect(context.parent?.traceID.description == "4bf92f3577b34da6a3ce929d0e0e4736")
            #expect(context.baggage?.entries.isEmpty ?? true)
        }
    }

    @Test("a program's own propagator works together with the others")
    func own() {
        struct Company: ContextPropagator {
            let name = "company"
            func extract(_ values: (String) -> [String], into context: inout PropagatedContext) {
                guard let id = values("x-company-trace").first.flatMap({ TraceID(hex: $0) }) else { return }
                context.parent = SpanContext(traceID: id, spanID: SpanID(rawValue: 1), isRemote: true)
            }
            func inject(_ context: PropagatedContext, _ set: (String, String) -> Void) {
                if let parent = context.parent { set("x-company-trace", "\(parent.traceID)") }
            }
        }
        let propagators = Propagators([StandardPropagator.traceContext, Company(), Company()])
        #expect(propagators.elements.map(\.name) == ["tracecontext", "company"])
        let sent = inject(propagators, extract(.traceContext))
        #expect(sent["x-company-trace"] == "4bf92f3577b34da6a3ce929d0e0e4736")
        let read = propagators.extract { sent[$0].map { [$0] } ?? [] }
        #expect(read.parent?.spanID.rawValue == 1)
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

    @Test("variables have no characters that a shell refuses, and AWS Lambda's variable is read")
    func variables() {
        let xray = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
        let read = Propagators([StandardPropagator.xray]).extract(environment: ["_X_AMZN_TRACE_ID": xray])
        #expect(read.parent?.traceID.description == "5759e988bd862e3fe1be46a994272793")
        let handed = Propagators([StandardPropagator.xray, StandardPropagator.b3Multi]).environment(read)
        #expect(Set(handed.keys) == ["X_AMZN_TRACE_ID", "X_B3_TRACEID", "X_B3_SPANID", "X_B3_SAMPLED"])
    }
}
