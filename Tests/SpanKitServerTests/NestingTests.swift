import SpanKitRecording
import SpanKitServer
import Testing
import Tracing

@Suite("Nesting of spans of both APIs")
struct NestingTests {
    let run = TracedRun()
    private var profiler: PerformanceProfiler { run.profiler }

    @Test("withSpan inside of profile starts a child")
    func libraryInside() throws {
        withTracer(run.tracer) {
            profiler.profile("conversation") { withSpan("library") { _ in withSpan("deeper") { _ in } } }
        }
        try run.expect(["library"], below: "conversation")
        try run.expect(["deeper"], below: "library")
    }

    @Test("profile inside of withSpan starts a child")
    func profileInside() throws {
        run.tracer.withSpan("request", ofKind: .server) { _ in
            profiler.profile("step") { profiler.profile("substep") {} }
            profiler.startSpan("by hand").end()
            profiler.start("by hand, static").end()
        }
        try run.expect(["step", "by hand", "by hand, static"], below: "request")
        try run.expect(["substep"], below: "step")
    }

    @Test("inherited attributes reach spans of both APIs")
    func inheritedAttributes() throws {
        run.tracer.withSpan("outside") { _ in
            InheritedAttributes.with(["gen_ai.conversation.id": "s"]) {
                run.tracer.withSpan("message") { _ in
                    profiler.profile("step") { _ in
                        run.tracer.withSpan("library") { _ in profiler.profile("deep") {} }
                    }
                }
            }
        }
        try run.expect(["message"], below: "outside")
        try run.expect(["step"], below: "message")
        try run.expect(["library"], below: "step")
        try run.expect(["deep"], below: "library")
        for name in ["message", "step", "library", "deep", "outside"] {
            let value = try run.span(name).attributes.first { $0.key == "gen_ai.conversation.id" }?.value
            #expect(value == (name == "outside" ? nil : "s"), "\(name)")
        }
    }

    @Test("alternating spans nest, and the current span is restored")
    func alternating() throws {
        profiler.profile("1 native") {
            run.tracer.withSpan("2 ecosystem") { _ in
                profiler.profile("3 native") {
                    run.tracer.withSpan("4 ecosystem") { _ in
                        profiler.profile("5 native") {}
                        run.tracer.withSpan("5 ecosystem") { _ in }
                    }
                    run.tracer.withSpan("4 after") { _ in }
                    profiler.profile("4 after, native") {}
                }
                profiler.profile("3 after") {}
                run.tracer.withSpan("3 after, ecosystem") { _ in }
            }
            profiler.profile("2 after") {}
            run.tracer.withSpan("2 after, ecosystem") { _ in }
        }
        try run.expect(["2 ecosystem", "2 after", "2 after, ecosystem"], below: "1 native")
        try run.expect(["3 native", "3 after", "3 after, ecosystem"], below: "2 ecosystem")
        try run.expect(["4 ecosystem", "4 after", "4 after, native"], below: "3 native")
        try run.expect(["5 native", "5 ecosystem"], below: "4 ecosystem")
    }

    @Test("the same across await, task groups and actors")
    func alternatingInTasks() async throws {
        actor Store {
            func load(_ run: TracedRun) async {
                await run.tracer.withSpan("load") { _ in
                    await Task.yield()
                    run.profiler.profile("query") {}
                }
            }
        }
        await profiler.profile("conversation") {
            await run.tracer.withSpan("step") { _ in
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<4 {
                        group.addTask { [run] in
                            await run.profiler.profile("work") {
                                await run.tracer.withSpan("call \(number)") { _ in await Task.yield() }
                            }
                        }
                    }
                }
                await Store().load(run)
            }
        }
        try run.expect(["step"], below: "conversation")
        try run.expect(["load"], below: "step")
        try run.expect(["query"], below: "load")
        let step = try run.span("step")
        let work = run.spans.filter { $0.name == "work" }
        #expect(work.count == 4)
        #expect(work.allSatisfy { $0.parentSpanID == step.context.spanID })
        let calls = run.spans.filter { $0.name.hasPrefix("call ") }
        #expect(Set(calls.compactMap(\.parentSpanID)) == Set(work.map(\.context.spanID)))
    }

    @Test("other values in a context do not affect the parent")
    func otherValues() throws {
        enum UserKey: ServiceContextKey { typealias Value = String }
        run.tracer.withSpan("request") { _ in
            profiler.profile("step") {
                var context = ServiceContext.current ?? .topLevel
                context[UserKey.self] = "alice"
                ServiceContext.withValue(context) {
                    profiler.profile("native") {}
                    run.tracer.withSpan("ecosystem") { _ in }
                }
            }
        }
        try run.expect(["native", "ecosystem"], below: "step")
    }

    @Test("a passed context decides the parent")
    func explicit() throws {
        let other = run.tracer.startSpan("other")
        var remote = ServiceContext.topLevel
        remote.spanContext = SpanContext(
            traceID: TraceID(high: 1, low: 2),
            spanID: SpanID(rawValue: 3),
            traceFlags: .sampled,
            traceState: "vendor=value",
            isRemote: true
        )
        run.tracer.withSpan("request") { _ in
            profiler.profile("step") {
                run.tracer.withSpan("below other", context: other.context) { _ in }
                run.tracer.withSpan("below remote", context: remote) { _ in
                    profiler.profile("inside") {}
                }
                run.tracer.withSpan("root", context: .topLevel) { _ in }
                ServiceContext.withValue(other.context) { profiler.profile("native below other") {} }
                profiler.startSpan("native root", parent: .none).end()
            }
        }
        other.end()
        try run.expect(["below other", "native below other"], below: "other")
        let span = try run.span("below remote")
        #expect(span.parentSpanID == SpanID(rawValue: 3))
        #expect(span.parentIsRemote)
        #expect(span.context.traceState == "vendor=value")
        #expect(try run.span("inside").parentSpanID == span.context.spanID)
        #expect(try run.span("inside").context.traceState == "vendor=value")
        #expect(try run.span("root").parentSpanID == nil)
        #expect(try run.span("native root").parentSpanID == nil)
    }

    @Test("a span of the profiler can be the parent of a callback's span")
    func nativeParent() async throws {
        let span = profiler.start("native")
        var context = ServiceContext.topLevel
        context.spanContext = span.context
        await Task.detached { [context, run] in run.tracer.withSpan("callback", context: context) { _ in } }.value
        span.end()
        try run.expect(["callback"], below: "native")
    }

    @Test("a span of one API can be changed and ended by the other")
    func handles() throws {
        let span = run.tracer.startSpan("shared")
        span.handle.set("native", 1)
        span.attributes["ecosystem"] = 2
        #expect(profiler.end(span.handle))
        span.end()
        #expect(try run.span("shared").attributes == [Attribute("native", 1), Attribute("ecosystem", 2)])
        #expect(profiler.account.ignoredCalls == 1)
    }
}
