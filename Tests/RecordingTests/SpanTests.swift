import Testing

@testable import SpanKitRecording

@Suite("A span, from start to end")
struct SpanTests {
    let profiler = PerformanceProfiler(.on, log: .silent)

    @Test("a closure becomes a span with name, times and the random flag of its trace")
    func closure() throws {
        let before = AnchoredClock.shared.anchor().unixNanoseconds
        let result = profiler.profile("work") { 42 }
        let span = try #require(profiler.recordedSpans().first)
        #expect(result == 42)
        #expect(span.name == "work")
        #expect(span.kind == .internal)
        #expect(span.status == .unset)
        #expect(span.parentSpanID == nil)
        #expect(span.context.isValid)
        #expect(span.context.traceFlags == [.sampled, .random])
        #expect(span.startUnixNanoseconds > before - 10_000_000_000)
        #expect(span.endUnixNanoseconds >= span.startUnixNanoseconds)
    }

    @Test("nested closures become children of the same trace")
    func nesting() throws {
        profiler.profile("outer") {
            profiler.profile("inner") { profiler.profile("innermost") {} }
        }
        let spans = Dictionary(uniqueKeysWithValues: profiler.recordedSpans().map { ($0.name, $0) })
        let outer = try #require(spans["outer"])
        let inner = try #require(spans["inner"])
        let innermost = try #require(spans["innermost"])
        #expect(outer.parentSpanID == nil)
        #expect(inner.parentSpanID == outer.context.spanID)
        #expect(innermost.parentSpanID == inner.context.spanID)
        #expect(Set([outer, inner, innermost].map(\.context.traceID)).count == 1)
        #expect(outer.startUnixNanoseconds <= inner.startUnixNanoseconds)
        #expect(inner.endUnixNanoseconds <= outer.endUnixNanoseconds)
    }

    @Test("after a closure, the previous span is current again, also after an error")
    func currentIsRestored() {
        struct Failure: Error {}
        profiler.profile("outer") { outer in
            #expect(SpanHandle.current.spanID == outer.spanID)
            try? profiler.profile("failing") { throw Failure() }
            #expect(SpanHandle.current.spanID == outer.spanID)
        }
        #expect(!SpanHandle.current.context.isValid)
    }

    @Test("an error is passed on, and its span has the status error and the error's type, without its text")
    func errors() throws {
        struct Secret: Error, CustomStringConvertible { var description: String { "the password is 1234" } }
        #expect(throws: Secret.self) { try profiler.profile("failing") { throw Secret() } }
        let span = try #require(profiler.recordedSpans().first)
        #expect(span.status == .error)
        guard case .string(let type) = span["error.type"] else { return #expect(Bool(false), "no error.type") }
        #expect(type.hasSuffix("Secret"))
        #expect(span.events.map(\.name) == ["exception"])
        #expect(!"\(span)".contains("password"))
        #expect(profiler.statistics(for: "failing")?.errorCount == 1)
        #expect(profiler.statistics(for: "failing")?.count == 1)
    }

    @Test("a cancelled operation has not failed")
    func cancellation() throws {
        #expect(throws: CancellationError.self) { try profiler.profile("cancelled") { throw CancellationError() } }
        #expect(profiler.recordedSpans().first?.status == .unset)
        #expect(profiler.statistics(for: "cancelled")?.errorCount == 0)
    }

    @Test("async closures, task groups, async let and actors inherit the parent; detached tasks do not")
    func structuredConcurrency() async throws {
        actor Worker {
            func work(_ profiler: PerformanceProfiler) { profiler.profile("in actor") {} }
        }
        await profiler.profile("parent") {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { profiler.profile("in group") {} } }
            }
            async let child: Void = profiler.profile("in async let") { await Task.yield() }
            await child
            await Worker().work(profiler)
            await Task { profiler.profile("in task") {} }.value
            await Task.detached { [profiler] in profiler.profile("detached") {} }.value
        }
        let spans = profiler.recordedSpans()
        let parent = try #require(spans.first { $0.name == "parent" })
        for span in spans where span.name.hasPrefix("in ") {
            #expect(span.parentSpanID == parent.context.spanID, "\(span.name)")
        }
        #expect(spans.filter { $0.name == "in group" }.count == 4)
        #expect(spans.first { $0.name == "detached" }?.parentSpanID == nil)
    }

    @Test("a child task added to a group within a span becomes its child, even if it runs after the span's end")
    func groupWithinSpan() async {
        await withTaskGroup { group in
            let (opened, open) = AsyncStream.makeStream(of: Void.self)
            profiler.profile("span") {
                group.addTask { [profiler] in
                    for await _ in opened {}
                    profiler.profile("child") {}
                }
            }
            profiler.profile("later") { open.finish() }
            await group.waitForAll()
        }
        let spans = profiler.recordedSpans()
        let span = spans.first { $0.name == "span" }
        #expect(spans.first { $0.name == "child" }?.parentSpanID == span?.context.spanID)
        #expect(spans.map(\.name).sorted() == ["child", "later", "span"])
    }

    @Test("spans of a task that outlives its parent span are its children")
    func lateChild() async throws {
        let late = profiler.profile("parent") { Task { profiler.profile("late") {} } }
        for _ in 0..<500 { profiler.profile("noise") {} }
        await late.value
        let spans = profiler.recordedSpans()
        let parent = try #require(spans.first { $0.name == "parent" })
        let child = try #require(spans.first { $0.name == "late" })
        #expect(child.parentSpanID == parent.context.spanID)
        #expect(child.context.traceID == parent.context.traceID)
    }

    @Test("a manual span can end anywhere, and does not become the current span")
    func manual() async throws {
        let id = profiler.start("manual")
        profiler.profile("not a child") {}
        await Task.detached { [profiler] in #expect(profiler.end(id)) }.value
        let spans = profiler.recordedSpans()
        #expect(spans.map(\.name).sorted() == ["manual", "not a child"])
        #expect(spans.allSatisfy { $0.parentSpanID == nil })
    }

    @Test("an explicit parent overrides the current span, and a remote one is marked as remote")
    func explicitParent() throws {
        let remote = SpanContext(
            traceID: TraceID(high: 1, low: 2),
            spanID: SpanID(rawValue: 3),
            traceFlags: .sampled,
            traceState: "vendor=value",
            isRemote: true
        )
        profiler.profile("current") {
            profiler.end(profiler.startSpan("remote child", kind: .server, parent: .context(remote)))
            profiler.end(profiler.startSpan("root", parent: .none))
        }
        let spans = Dictionary(uniqueKeysWithValues: profiler.recordedSpans().map { ($0.name, $0) })
        let child = try #require(spans["remote child"])
        #expect(child.context.traceID == remote.traceID)
        #expect(child.context.traceState == "vendor=value")
        #expect(child.context.traceFlags == .sampled, "the parent's id is not known to be random")
        #expect(child.parentSpanID == remote.spanID)
        #expect(child.parentIsRemote)
        #expect(child.kind == .server)
        #expect(spans["root"]?.parentSpanID == nil)
        #expect(spans["root"]?.context.traceID != spans["current"]?.context.traceID)
    }

    @Test("explicit times are exact to the nanosecond, and an end before the start becomes the start")
    func explicitTimes() throws {
        let start: Int64 = 1_700_000_000_123_456_789
        profiler.startSpan("given", startUnixNanoseconds: start).end(at: start + 77)
        profiler.startSpan("backwards", startUnixNanoseconds: start).end(at: start - 5)
        let spans = profiler.recordedSpans()
        #expect(spans[0].startUnixNanoseconds == start)
        #expect(spans[0].endUnixNanoseconds == start + 77)
        #expect(profiler.statistics(for: "given")?.maximumNanoseconds == 77)
        #expect(spans[1].endUnixNanoseconds == start)
    }

    @Test("status follows OpenTelemetry: Ok is final, Unset is ignored, only errors have a description")
    func status() throws {
        func status(_ changes: [RecordedSpan.Status]) throws -> RecordedSpan.Status {
            let profiler = PerformanceProfiler(.on, log: .silent)
            let span = profiler.start("status")
            for change in changes { span.setStatus(change) }
            profiler.end(span)
            return try #require(profiler.recordedSpans().first).status
        }
        #expect(try status([]) == .unset)
        #expect(try status([.error("a"), .error("b")]) == .error("b"))
        #expect(try status([.error("a"), .unset]) == .error("a"))
        #expect(try status([.error("a"), .ok, .error("b")]) == .ok)
        #expect(try status([.ok, .unset]) == .ok)
    }

    @Test("events and links keep order, time and attributes")
    func eventsAndLinks() throws {
        let other = SpanContext(traceID: TraceID(high: 7, low: 8), spanID: SpanID(rawValue: 9), traceFlags: .sampled)
        profiler.profile("busy") { span in
            span.addEvent("first", attributes: ["n": 1, "text": "ä"])
            span.addEvent("second", at: 123)
            span.addLink(to: other, attributes: ["why": "batch"])
            span.addLink(to: SpanContext(traceID: .invalid, spanID: .invalid))
        }
        let span = try #require(profiler.recordedSpans().first)
        #expect(span.events.map(\.name) == ["first", "second"])
        #expect(span.events[0].attributes == [Attribute("n", 1), Attribute("text", "ä")])
        #expect(span.events[0].unixNanoseconds >= span.startUnixNanoseconds)
        #expect(span.events[1].unixNanoseconds == 123)
        #expect(span.links.count == 1, "an empty link with invalid ids is not kept")
        #expect(span.links[0].context == other)
        #expect(span.links[0].attributes == [Attribute("why", "batch")])
    }

    @Test("a renamed span has the new name; its duration counts for the old one")
    func rename() throws {
        profiler.profile("before") { $0.updateName("after") }
        #expect(profiler.recordedSpans().first?.name == "after")
        #expect(profiler.statistics(for: "before")?.count == 1)
        #expect(profiler.statistics(for: "after") == nil)
    }
}
