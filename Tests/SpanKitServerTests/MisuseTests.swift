import SpanKitRecording
import SpanKitServer
import Testing
import Tracing

@Suite("Misuse of spans is harmless and counted")
struct MisuseTests {
    let run = TracedRun()

    @Test("ended twice: the first end counts")
    func twice() throws {
        let span = run.tracer.startSpan("once")
        span.end()
        span.end()
        #expect(try run.span("once").name == "once")
        #expect(run.profiler.account.ignoredCalls == 1)
    }

    @Test("calls on an ended span change neither it nor the span in its slot")
    func afterTheEnd() throws {
        let old = run.tracer.startSpan("old")
        old.end()
        let new = run.tracer.startSpan("new")
        old.attributes["intruder"] = 1
        old.attributes = ["intruder": 2]
        old.set("intruder", 3)
        old.operationName = "intruder"
        old.addEvent("intruder")
        old.addLink(new)
        old.setStatus(.init(code: .error))
        old.recordError(CancellationError())
        #expect(old.attributes.isEmpty)
        #expect(!old.isRecording)
        #expect(old.operationName == "old")
        new.end()
        let span = try run.span("new")
        #expect(span.attributes.isEmpty && span.events.isEmpty && span.links.isEmpty && span.status == .unset)
        #expect(try run.span("old").attributes.isEmpty)
        #expect(run.profiler.account.ignoredCalls == 8)
    }

    @Test("if another task ends a span, every write is recorded or counted")
    func race() async throws {
        for _ in 0..<50 {
            let span = run.tracer.startSpan("raced")
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<4 { group.addTask { for _ in 0..<10 { span.attributes["key \(number)"] = number } } }
                group.addTask { span.end() }
                group.addTask { span.end() }
            }
        }
        #expect(run.spans.count == 50)
        #expect(run.profiler.account.open == 0)
        #expect(run.profiler.account.ignoredCalls >= 50)
    }

    @Test("an open span is not exported and is listed as open")
    func never() {
        _ = run.tracer.startSpan("forgotten")
        #expect(run.spans.isEmpty)
        #expect(run.profiler.account.open == 1)
    }

    @Test("an ended span can be a parent")
    func endedParent() throws {
        let parent = run.tracer.startSpan("parent")
        parent.end()
        run.tracer.withSpan("child", context: parent.context) { _ in }
        try run.expect(["child"], below: "parent")
    }

    @Test("10,000 attributes: 128 are kept, the others counted")
    func manyAttributes() throws {
        run.tracer.withSpan("one by one") { span in
            for number in 0..<10_000 { span.attributes["key \(number)"] = number }
        }
        run.tracer.withSpan("at once") { span in
            span.attributes = SpanAttributes(
                Dictionary(uniqueKeysWithValues: (0..<10_000).map { ("key \($0)", .int64($0)) })
            )
        }
        for name in ["one by one", "at once"] {
            let span = try run.span(name)
            #expect(span.attributes.count == 128)
            #expect(span.droppedAttributeCount == 10_000 - 128)
        }
        #expect(try run.span("one by one").attributes.map(\.key) == (0..<128).map { "key \($0)" })
    }

    @Test("names and texts of 1 MB are truncated, and their memory is freed")
    func longTexts() throws {
        let long = String(repeating: "ä", count: 500_000)
        for number in 0..<20 {
            run.tracer.withSpan("\(long)\(number)") { span in
                span.attributes["text"] = long
                span.attributes[long] = 1
                span.addEvent(SpanEvent(name: long))
                span.setStatus(.init(code: .error, message: long))
            }
        }
        #expect(run.profiler.account.written == 20)
        let span = try #require(run.spans.last)
        #expect(span.name.utf8.count == 4_096)
        #expect(span.name.allSatisfy { $0 == "ä" })
        #expect(run.profiler.snapshot().map(\.name.utf8.count).max() == 1_024)
        #expect(run.profiler.snapshot().count == 1, "all of them begin alike")
    }

    @Test("an empty name, an empty key")
    func empty() throws {
        run.tracer.withSpan("") { span in
            #expect(span.operationName == "")
            span.attributes[""] = 1
        }
        let span = try run.span("")
        #expect(span.attributes.isEmpty)
        #expect(span.droppedAttributeCount == 1)
    }

    @Test("a span can end after its profiler is released")
    func withoutProfiler() {
        var run: TracedRun? = TracedRun()
        let span = run?.tracer.startSpan("survivor")
        run = nil
        span?.attributes["late"] = 1
        span?.end()
        #expect(span?.context.spanContext?.isValid == true)
    }

    @Test("if telemetry is off, contexts pass through unchanged")
    func off() {
        let tracer = SpanKitTracer(PerformanceProfiler(.off))
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(rawValue: 3))
        context.baggage = ["tenant": "acme"]
        tracer.withSpan("nothing", context: context) { span in
            #expect(!span.isRecording)
            #expect(span.context.spanContext == context.spanContext)
            #expect(ServiceContext.current?.baggage == ["tenant": "acme"])
            span.attributes["a"] = 1
            span.operationName = "x"
            #expect(span.attributes.isEmpty)
        }
    }
}
