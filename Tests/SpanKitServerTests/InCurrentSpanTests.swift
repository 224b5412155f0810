import Dispatch
import SpanKitRecording
import SpanKitServer
import Testing
import Tracing

@Suite("Closures that run later, outside of the current task")
struct InCurrentSpanTests {
    let run = TracedRun()

    /// A library that writes a body after its caller has returned, as Hummingbird does.
    private struct Body: Sendable {
        let write: @Sendable (inout [Int]) async throws -> Void
        init(_ write: @escaping @Sendable (inout [Int]) async throws -> Void) { self.write = write }
    }

    /// Calls a body outside of all spans.
    private func written(_ body: Body) async throws -> [Int] {
        try await Task.detached {
            var numbers: [Int] = []
            try await body.write(&numbers)
            return numbers
        }.value
    }

    @Test("a body that is written after the handler has returned, in spans of both APIs")
    func body() async throws {
        let (tracer, profiler) = (run.tracer, run.profiler)
        let body = tracer.withSpan("request") { _ in
            Body(
                inCurrentSpan { numbers in
                    numbers.append(tracer.withSpan("library") { _ in 1 })
                    await Task.yield()
                    numbers.append(profiler.profile("own") { 2 })
                }
            )
        }
        #expect(try await written(body) == [1, 2])
        #expect(SpanHandle.current.context.spanID.isValid == false && ServiceContext.current == nil)
        try run.expect(["library", "own"], below: "request")
    }

    @Test("the innermost span is the parent, whichever API started it")
    func innermost() async throws {
        let (tracer, profiler) = (run.tracer, run.profiler)
        let body = profiler.profile("handler") {
            tracer.withSpan("inner") { _ in Body(inCurrentSpan { _ in profiler.profile("later") {} }) }
        }
        _ = try await written(body)
        let other = tracer.withSpan("request") { _ in
            profiler.profile("innermost") { Body(inCurrentSpan { _ in tracer.withSpan("last") { _ in } }) }
        }
        _ = try await written(other)
        try run.expect(["later"], below: "inner")
        try run.expect(["last"], below: "innermost")
    }

    @Test("closures without parameters, with several, and synchronous ones on a Dispatch queue")
    func forms() async throws {
        let (tracer, profiler) = (run.tracer, run.profiler)
        let (add, wait) = tracer.withSpan("request") { _ in
            (
                inCurrentSpan { (left: Int, right: Int) in profiler.profile("add") { left + right } },
                inCurrentSpan { (number: Int) async -> Int in
                    await Task.yield()
                    return profiler.profile("wait") { number }
                }
            )
        }
        let sum = await withCheckedContinuation { done in
            DispatchQueue(label: "other").async { done.resume(returning: add(3, 4)) }
        }
        #expect(sum == 7)
        let waited = try await Task.detached { try await wait(5) }.value
        #expect(waited == 5)
        try run.expect(["add", "wait"], below: "request")
    }

    @Test("inherited attributes reach the spans of the closure")
    func inherited() async throws {
        let profiler = run.profiler
        let body = InheritedAttributes.with(["gen_ai.conversation.id": "s"]) {
            profiler.profile("request") { Body(inCurrentSpan { _ in profiler.profile("later") {} }) }
        }
        _ = try await written(body)
        let later = try run.span("later").attributes
        #expect(later.contains(Attribute("gen_ai.conversation.id", "s")))
    }
}
