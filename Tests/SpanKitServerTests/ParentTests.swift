import Dispatch
import SpanKitRecording
import SpanKitServer
import SpanKitTestSupport
import Testing
import Tracing

/// Each story with both APIs: whatever carries one's current span has to carry the other's.
@Suite("Parents across tasks and threads")
struct ParentTests {
    let run = TracedRun()

    private func work(_ name: StaticString) {
        run.profiler.profile(name) {}
        run.tracer.withSpan("\(name), ecosystem") { _ in }
    }

    private func expect(_ names: [String], below parent: String) throws {
        try run.expect(names + names.map { "\($0), ecosystem" }, below: parent)
    }

    @Test("async let, nested")
    func asyncLet() async throws {
        await run.tracer.withSpan("parent") { _ in
            async let first: Void = run.profiler.profile("outer") {
                async let inner: Void = {
                    await Task.yield(); work("inner")
                }()
                await inner
            }
            async let second: Void = work("sibling")
            _ = await (first, second)
        }
        try expect(["inner"], below: "outer")
        try run.expect(["outer"], below: "parent")
        try expect(["sibling"], below: "parent")
    }

    @Test("task groups, including throwing and discarding ones")
    func taskGroups() async throws {
        try await run.tracer.withSpan("parent") { _ in
            await withTaskGroup(of: Void.self) { $0.addTask { [self] in work("in group") } }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [self] in work("in throwing group") }
                try await group.waitForAll()
            }
            await withDiscardingTaskGroup { $0.addTask { [self] in work("in discarding group") } }
        }
        try expect(["in group", "in throwing group", "in discarding group"], below: "parent")
    }

    @Test("a task inherits the parent, even after the parent has ended")
    func task() async throws {
        let (signal, end) = AsyncStream<Void>.makeStream()
        let task = run.tracer.withSpan("parent") { _ in
            Task {
                for await _ in signal {}
                work("late")
            }
        }
        end.finish()
        await task.value
        try expect(["late"], below: "parent")
    }

    @Test("a detached task needs an explicit parent")
    func detached() async throws {
        await run.tracer.withSpan("parent") { [run] span in
            await Task.detached { work("orphan") }.value
            await Task.detached {
                run.tracer.withSpan("given") { _ in }
                run.tracer.withSpan("carried", context: span.context) { _ in work("inside") }
            }.value
            await Task.detached {
                ServiceContext.withValue(span.context) { work("bound") }
            }.value
            await Task.detached {
                run.profiler.startSpan("native", parent: .context(span.handle.context)).end()
            }.value
        }
        #expect(try run.span("orphan").parentSpanID == nil)
        #expect(try run.span("orphan, ecosystem").parentSpanID == nil)
        #expect(try run.span("given").parentSpanID == nil)
        try run.expect(["carried", "native"], below: "parent")
        try expect(["bound"], below: "parent")
        try expect(["inside"], below: "carried")
    }

    @Test("actors, and the main actor")
    func actors() async throws {
        actor Worker {
            func run(_ body: @Sendable () -> Void) async {
                await Task.yield()
                body()
            }
        }
        await run.tracer.withSpan("parent") { _ in
            await Worker().run { work("on actor") }
            await MainActor.run { work("on main actor") }
        }
        try expect(["on actor", "on main actor"], below: "parent")
    }

    @Test("an actor keeps its isolation inside withSpan")
    func isolation() async throws {
        actor Counter {
            var count = 0
            func add(_ run: TracedRun) async {
                await run.tracer.withSpan("add") { _ in
                    count += 1
                    await Task.yield()
                    run.profiler.profile("add, native") { count += 1 }
                }
            }
        }
        let counter = Counter()
        await counter.add(run)
        #expect(await counter.count == 2)
        try run.expect(["add, native"], below: "add")
    }

    @Test("elements of a stream are processed below the consumer or the producer")
    func stream() async throws {
        let (stream, continuation) = AsyncStream<ServiceContext>.makeStream()
        run.tracer.withSpan("producer", ofKind: .producer) { span in
            continuation.yield(span.context)
            continuation.finish()
        }
        await run.tracer.withSpan("consumer") { _ in
            for await context in stream {
                work("taken")
                run.tracer.withSpan("made", context: context, ofKind: .consumer) { _ in }
            }
        }
        try expect(["taken"], below: "consumer")
        try run.expect(["made"], below: "producer")
    }

    @Test("a Dispatch queue needs an explicit parent")
    func dispatch() async throws {
        let queue = DispatchQueue(label: "work")
        await run.tracer.withSpan("parent") { [run] span in
            await withCheckedContinuation { done in
                queue.async {
                    work("orphan")
                    ServiceContext.withValue(span.context) { work("carried") }
                    run.tracer.withSpan("given", context: span.context) { _ in work("inside") }
                    done.resume()
                }
            }
        }
        #expect(try run.span("orphan").parentSpanID == nil)
        #expect(try run.span("orphan, ecosystem").parentSpanID == nil)
        try expect(["carried"], below: "parent")
        try run.expect(["given"], below: "parent")
        try expect(["inside"], below: "given")
    }

    @Test("a callback on a foreign thread needs an explicit parent")
    func thread() throws {
        run.tracer.withSpan("parent") { [run] span in
            OperatingSystemThread.run(1) {
                work("orphan")
                run.tracer.withSpan("callback", context: span.context) { _ in work("inside") }
                span.attributes["set by"] = "callback"
            }
        }
        #expect(try run.span("orphan").parentSpanID == nil)
        try run.expect(["callback"], below: "parent")
        try expect(["inside"], below: "callback")
        #expect(try run.span("parent")["set by"] == "callback")
    }
}
