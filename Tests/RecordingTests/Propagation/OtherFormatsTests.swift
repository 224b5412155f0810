import Testing

@testable import SpanKitRecording

@Suite("B3, Jaeger and X-Ray headers")
struct OtherFormatsTests {
    private static let trace = "80f198ee56343ba864fe8b2a57d3eff7"
    private static let span = "e457b5a2e4d86bd1"
    private static let short = "000000000000000064fe8b2a57d3eff7"

    /// What a parent is expected to be: ids and flags.
    private func text(_ context: SpanContext?) -> String {
        guard let context else { return "none" }
        #expect(context.isRemote)
        #expect(context.traceState.isEmpty)
        let names: [(TraceFlags, String)] = [(.sampled, "sampled"), (.debug, "debug"), (.random, "random")]
        return "\(context.traceID) \(context.spanID)"
            + names.filter { context.traceFlags.contains($0.0) }.map { " \($0.1)" }.joined()
    }

    private func values(_ headers: [String: String]) -> (String) -> [String] {
        { name in headers[name].map { [$0] } ?? [] }
    }

    @Test(
        "b3 in one header",
        arguments: [
            ("\(trace)-\(span)-1-05e3ac9a4f6e3b90", "\(trace) \(span) sampled"),
            ("\(trace)-\(span)-1", "\(trace) \(span) sampled"), (" \(trace)-\(span)-0\t", "\(trace) \(span)"),
            ("64fe8b2a57d3eff7-\(span)-d", "\(short) \(span) sampled debug"), ("\(trace)-\(span)", "\(trace) \(span)"),
            ("80F198EE56343BA864FE8B2A57D3EFF7-E457B5A2E4D86BD1-1", "\(trace) \(span) sampled"),
            ("0", "none"), ("1", "none"), ("d", "none"), ("x", "none"), ("", "none"), ("-", "none"),
            ("00000000000000000000000000000000-\(span)-1", "none"), ("\(trace)-0000000000000000-1", "none"),
            ("0f198ee56343ba864fe8b2a57d3eff7-\(span)-1", "none"), ("\(trace)-\(span)-x", "none"),
            ("\(trace)-57b5a2e4d86bd1-1", "none"), ("g0f198ee56343ba864fe8b2a57d3eff7-\(span)-1", "none"),
        ]
    )
    func single(header: String, expected: String) {
        #expect(text(B3Propagator.extract(values(["b3": header]))) == expected)
    }

    @Test(
        "b3 in several headers, if the single one is missing or invalid",
        arguments: [
            (["x-b3-sampled": "1"], "\(trace) \(span) sampled"), (["x-b3-sampled": "true"], "\(trace) \(span) sampled"),
            (["x-b3-sampled": "0"], "\(trace) \(span)"), (["x-b3-sampled": "false"], "\(trace) \(span)"),
            ([:], "\(trace) \(span)"), (["x-b3-flags": "1"], "\(trace) \(span) sampled debug"),
            (["x-b3-flags": "1", "x-b3-sampled": "0"], "\(trace) \(span) sampled debug"),
            (["x-b3-flags": "0", "x-b3-sampled": "1"], "\(trace) \(span) sampled"),
            (["x-b3-spanid": "0000000000000000"], "none"), (["x-b3-traceid": "64fe8b2a57d3eff7"], "\(short) \(span)"),
            (["b3": "0", "x-b3-sampled": "1"], "\(trace) \(span) sampled"),
            (["b3": "64fe8b2a57d3eff7-\(span)-0", "x-b3-sampled": "1"], "\(short) \(span)"),
            (["b3": "x", "x-b3-sampled": "1"], "\(trace) \(span) sampled"),
            (["b3": "00000000000000000000000000000000-\(span)-1"], "\(trace) \(span)"),
            (["b3": "0f198ee56343ba864fe8b2a57d3eff7-\(span)-1"], "\(trace) \(span)"),
            (["x-b3-traceid": "0f198ee56343ba864fe8b2a57d3eff7"], "none"), (["x-b3-spanid": "1c8"], "none"),
            (["x-b3-parentspanid": "05e3ac9a4f6e3b90", "x-b3-sampled": "1"], "\(trace) \(span) sampled"),
        ]
    )
    func multiple(headers: [String: String], expected: String) {
        let all = ["x-b3-traceid": Self.trace, "x-b3-spanid": Self.span].merging(headers) { $1 }
        #expect(text(B3Propagator.extract(values(all))) == expected)
    }

    @Test(
        "Jaeger",
        arguments: [
            ("7b:1c8:0:3", "0000000000000000000000000000007b 00000000000001c8 sampled debug"),
            ("7b:1c8:0:0", "0000000000000000000000000000007b 00000000000001c8"),
            ("7b:1c8:0:2", "0000000000000000000000000000007b 00000000000001c8 sampled debug"),
            ("7B:1C8:0:01", "0000000000000000000000000000007b 00000000000001c8 sampled"),
            ("\(trace):\(span):0:1", "\(trace) \(span) sampled"), ("\(trace)%3A\(span)%3a0%3A0", "\(trace) \(span)"),
            ("\(trace):\(span):05e3ac9a4f6e3b90:1", "\(trace) \(span) sampled"),
            ("0:1c8:0:1", "none"), ("7b:1c8:1", "none"), ("7b:1c8:0:zz", "none"), ("7b:1c8:0:", "none"),
            ("7b:0:0:1", "none"), ("1\(trace):1:0:1", "none"), ("7b:1\(span):0:1", "none"), (":::", "none"),
            ("7b:1c8:0:1:2", "none"), ("7b%3", "none"),
        ]
    )
    func jaeger(header: String, expected: String) {
        #expect(text(JaegerPropagator.extract(values(["uber-trace-id": header]))) == expected)
    }

    @Test(
        "X-Ray",
        arguments: [
            (
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
                "5759e988bd862e3fe1be46a994272793 53995c3f42cd8ad8 sampled"
            ),
            (
                "Self=1-67891234-12456789abcdef012345678; Sampled=0 ; Parent=53995c3f42cd8ad8;Lineage=a:1;Root=1-5759e988-bd862e3fe1be46a994272793",
                "5759e988bd862e3fe1be46a994272793 53995c3f42cd8ad8"
            ),
            (
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=?",
                "5759e988bd862e3fe1be46a994272793 53995c3f42cd8ad8"
            ),
            ("Root=1-5759e988-bd862e3fe1be46a994272793", "none"), ("Parent=53995c3f42cd8ad8", "none"),
            ("Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8", "none"),
            ("Root=1-5759e988-bd862e3fe1be46a99427279;Parent=53995c3f42cd8ad8", "none"),
            ("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad", "none"), ("", "none"), (";=;", "none"),
        ]
    )
    func xray(header: String, expected: String) {
        #expect(text(XRayPropagator.extract(values(["x-amzn-trace-id": header]))) == expected)
    }

    @Test("several headers of one name are no parent")
    func repeated() {
        let headers = [
            "b3": "\(Self.trace)-\(Self.span)-1", "uber-trace-id": "7b:1c8:0:3",
            "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        ]
        let twice: (String) -> [String] = { name in headers[name].map { [$0, $0] } ?? [] }
        #expect(B3Propagator.extract(twice) == nil)
        #expect(JaegerPropagator.extract(twice) == nil)
        #expect(XRayPropagator.extract(twice) == nil)
    }

    @Test(
        "headers of a span that was started below a parent keep debug and the decision",
        arguments: [
            ("d", "d", "0:3", "1"), ("1", "1", "0:1", "1"), ("0", "0", "0:0", "0"),
        ]
    )
    func passedOn(given: String, b3: String, jaeger: String, xray: String) throws {
        let profiler = PerformanceProfiler(.on, log: .silent)
        let parent = try #require(B3Propagator.extract(values(["b3": "\(Self.trace)-\(Self.span)-\(given)"])))
        let span = profiler.startSpan("handle", parent: .context(parent))
        let inner = profiler.startSpan("query", parent: .context(span.context))
        var sent: [String: String] = [:]
        let all: Propagators = [.traceContext, .b3, .b3Multi, .jaeger, .xray]
        all.inject(PropagatedContext(parent: inner.context)) { sent[$0] = $1 }
        let id = inner.context.spanID
        #expect(sent["b3"] == "\(Self.trace)-\(id)-\(b3)")
        #expect(sent["x-b3-traceid"] == Self.trace)
        #expect(sent["x-b3-spanid"] == "\(id)")
        #expect(sent["x-b3-flags"] == (b3 == "d" ? "1" : nil))
        #expect(sent["x-b3-sampled"] == (b3 == "d" ? nil : b3))
        #expect(sent["x-b3-parentspanid"] == nil && id != parent.spanID)
        #expect(sent["uber-trace-id"] == "\(Self.trace):\(id):\(jaeger)")
        #expect(sent["x-amzn-trace-id"] == "Root=1-80f198ee-56343ba864fe8b2a57d3eff7;Parent=\(id);Sampled=\(xray)")
        #expect(sent["traceparent"] == "00-\(Self.trace)-\(id)-0\(b3 == "0" ? "0" : "1")")
        profiler.end(inner)
        profiler.end(span)
    }

    @Test("an invalid context is not written")
    func invalid() {
        var sent: [String: String] = [:]
        let all: Propagators = [.b3, .b3Multi, .jaeger, .xray]
        all.inject(PropagatedContext(parent: SpanContext(traceID: .invalid, spanID: SpanID(rawValue: 1)))) {
            sent[$0] = $1
        }
        #expect(sent.isEmpty)
    }
}
