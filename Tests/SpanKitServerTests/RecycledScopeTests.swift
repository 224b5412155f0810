import SpanKitRecording
import SpanKitServer
import SpanKitTestSupport
import Testing
import Tracing

/// A scope and its context are reused for later spans, which must not have visible effects.
@Suite("Reuse of scopes")
struct RecycledScopeTests {
    let run = TracedRun()

    private enum UserKey: ServiceContextKey { typealias Value = String }

    /// Enough spans to take whatever could be taken.
    private func others(_ name: String = "other") {
        for number in 0..<20 {
            run.tracer.withSpan(name) { span in
                span.attributes["other"] = number
                run.tracer.withSpan(name) { $0.attributes["other"] = number }
            }
        }
    }

    @Test("a retained span is not changed after its end")
    func keptSpan() throws {
        let kept = (0..<20).map { number in
            run.tracer.withSpan("kept") { span in
                span.attributes["number"] = number
                return span
            }
        }
        let before = kept.map(\.context.spanContext)
        #expect(Set(before).count == 20)
        others()
        #expect(kept.map(\.context.spanContext) == before)
        let ignored = run.profiler.account.ignoredCalls
        for span in kept {
            #expect(!span.isRecording)
            #expect(span.attributes.isEmpty)
            span.attributes["intruder"] = true
        }
        #expect(run.profiler.account.ignoredCalls == ignored + 20)
        others()
        #expect(run.spans.allSatisfy { $0["intruder"] == nil })
        let numbers = run.spans.filter { $0.name == "kept" }.map { $0["number"] }
        #expect(numbers == (0..<20).map { .int(Int64($0)) })
    }

    @Test("a retained context can be a parent")
    func keptContext() throws {
        let contexts = (0..<20).map { number in run.tracer.withSpan("kept \(number)") { $0.context } }
        others()
        for (number, context) in contexts.enumerated() {
            run.tracer.withSpan("child \(number)", context: context) { _ in }
        }
        for number in 0..<20 { try run.expect(["child \(number)"], below: "kept \(number)") }
    }

    @Test("tasks that outlive their span keep its context")
    func keptByTasks() async throws {
        let (signal, end) = AsyncStream<Void>.makeStream()
        let first = run.tracer.withSpan("first") { _ in
            Task {
                for await _ in signal {}
                run.tracer.withSpan("late") { _ in others("below late") }
            }
        }
        others()
        await run.tracer.withSpan("second") { _ in
            async let child: Void = run.tracer.withSpan("async let") { _ in await Task.yield() }
            others()
            await child
        }
        end.finish()
        await first.value
        try run.expect(["late"], below: "first")
        try run.expect(["async let"], below: "second")
    }

    @Test("other values of a context are not passed to other spans")
    func otherValues() throws {
        var context = ServiceContext.topLevel
        context[UserKey.self] = "alice"
        context.baggage = ["user": "alice"]
        for _ in 0..<20 {
            run.tracer.withSpan("with values", context: context) { span in
                #expect(span.context[UserKey.self] == "alice")
                run.tracer.withSpan("inside") { #expect($0.context[UserKey.self] == "alice") }
            }
            // Ended by a handle that was found by a larger context.
            let span = run.tracer.startSpan("found")
            var larger = span.context
            larger[UserKey.self] = "bob"
            run.tracer.activeSpan(identifiedBy: larger)?.end()
            run.tracer.withSpan("without") { span in
                #expect(span.context.count == 1)
                #expect(span.context.baggage == nil)
                #expect(span.attributes.isEmpty)
            }
        }
    }

    @Test("attributes of an ended span do not appear on the next")
    func noAttributesLeft() {
        var recording = RecordingConfiguration()
        recording.sampler = AlwaysOffSampler()
        for run in [run, TracedRun(recording)] {
            func look(_ attributes: inout SpanAttributes) -> Int { attributes.count }
            for number in 0..<50 {
                run.tracer.withSpan("looked at") { span in
                    #expect(look(&span.attributes) == 0)
                    for key in 0...(number % 20) { span.attributes["key \(key)"] = "value \(number)" }
                }
            }
            let late = run.tracer.startSpan("late")
            late.end()
            late.attributes["late"] = 1
            run.tracer.withSpan("after") { #expect(look(&$0.attributes) == 0) }
        }
    }

    @Test("with random tasks, each span has its own parent and attributes")
    func everythingAtOnce() async throws {
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { [run] in
                    var random = SplitMix64(seed: UInt64(task))
                    var kept: [(span: TracedSpan, number: Int)] = []
                    for number in 0..<500 {
                        let parent = kept.isEmpty ? nil : kept[Int(random.next() % UInt64(kept.count))]
                        let span = run.tracer.startSpan("s", context: parent?.span.context ?? .topLevel)
                        span.attributes["number"] = task * 1_000 + number
                        span.attributes["parent"] = parent.map { task * 1_000 + $0.number } ?? -1
                        if random.next() % 3 == 0 { await Task.yield() }
                        if random.next() % 2 == 0 { kept.append((span, number)) }
                        if random.next() % 4 == 0, !kept.isEmpty {
                            kept.remove(at: Int(random.next() % UInt64(kept.count))).span.end()
                        }
                        span.end()
                    }
                    for (span, _) in kept { span.end() }
                }
            }
        }
        let spans = run.spans
        #expect(spans.count == 4_000)
        let identifiers = Dictionary(uniqueKeysWithValues: spans.map { ($0["number"], $0.context.spanID) })
        #expect(identifiers.count == 4_000)
        for span in spans {
            #expect(span.attributes.count == 2)
            #expect(span.parentSpanID == (span["parent"] == -1 ? nil : identifiers[span["parent"]] ?? .invalid))
        }
    }
}
