import Testing

@testable import SpanKitRecording

@Suite("A handle that names no live span does nothing, and is counted")
struct StaleHandleTests {
    let profiler = PerformanceProfiler(.on, log: .silent)

    @Test("ending twice: the first end counts, the second is reported")
    func twice() {
        let span = profiler.start("once")
        #expect(profiler.end(span))
        #expect(!profiler.end(span))
        span.end()
        #expect(profiler.recordedSpans().count == 1)
        #expect(profiler.statistics(for: "once")?.count == 1)
        #expect(profiler.account.ignoredCalls == 2)
        #expect(profiler.account.open == 0)
    }

    @Test("a span beyond the pool ends once as well, on whichever thread it ends first")
    func twiceWithoutSlot() async {
        var configuration = RecordingConfiguration()
        configuration.liveSpanCapacity = 0
        let profiler = PerformanceProfiler(.on, recording: configuration, log: .silent)
        // One after the other: a second end is known as long as no span that ends in between has the same cell.
        for _ in 0..<100 {
            let span = profiler.start("surplus")
            let ends = await withTaskGroup(of: Bool.self) { tasks in
                for _ in 0..<4 { tasks.addTask { profiler.end(span) } }
                return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(ends == 1)
            span.end()
        }
        let account = profiler.account
        #expect(account.droppedTooManyLive == 100, "the test needs spans without a slot")
        #expect(account.ignoredCalls == 400)
        #expect(account.open == 0)
        #expect(profiler.statistics(for: "surplus")?.count == 100)
    }

    @Test("a span of another profiler is left alone by this one, and can still end at home")
    func foreign() {
        let other = PerformanceProfiler(.on, log: .silent)
        let span = other.start("theirs")
        #expect(!profiler.end(span))
        #expect(profiler.account.ignoredCalls == 1)
        #expect(other.account.open == 1)
        #expect(other.end(span))
        #expect(!profiler.end(.none))
    }

    @Test("the handle of an ended span never touches the span that has its slot now")
    func recycledSlot() throws {
        let old = profiler.start("old")
        profiler.end(old)
        let new = profiler.start("new")
        #expect(old.slot == new.slot, "the test needs the slot to be used again")
        old.set("intruder", 1)
        old.setStatus(.error("not mine"))
        old.end()
        #expect(new.isRecording)
        #expect(!old.isRecording)
        profiler.end(new)
        let span = try #require(profiler.recordedSpans().last)
        #expect(span.attributes.isEmpty)
        #expect(span.status == .unset)
    }

    @Test("the slot of a chained payload does not fit its old handle either")
    func recycledBlock() throws {
        var handles: [SpanHandle] = []
        for _ in 0..<200 { handles.append(profiler.start("many")) }
        for handle in handles { profiler.end(handle) }
        let long = profiler.start("long")
        long.set("text", String(repeating: "x", count: 20_000))
        for handle in handles {
            handle.set("intruder", 1)
            #expect(!handle.isRecording)
        }
        profiler.end(long)
        let span = try #require(profiler.recordedSpans().last)
        #expect(span.attributes == [Attribute("text", .string(String(repeating: "x", count: 20_000)))])
    }

    @Test("a handle may outlive its profiler")
    func profilerIsGone() {
        var profiler: PerformanceProfiler? = PerformanceProfiler(.on, log: .silent)
        let span = profiler!.start("orphan")
        let context = span.context
        profiler = nil
        span.set("late", 1)
        span.end()
        #expect(!span.isRecording)
        #expect(span.context == context)
    }

    @Test("a profiler that is gone leaves a few kilobytes of its tables; a handle of it still does nothing")
    func tablesAreGivenBack() throws {
        var profiler: PerformanceProfiler? = PerformanceProfiler(.on, log: .silent)
        let recorder = profiler!.recorder
        for number in 0..<2_000 { recorder.begin(named: "span \(number)").end() }
        profiler!.profile("static") { $0.set("key", 1) }
        let span = profiler!.start("orphan")
        #expect(recorder.strings.residentBytes > 200_000)
        profiler = nil
        #expect(recorder.strings.residentBytes < 50_000)
        span.set("late", 1)
        span.set("late \(1)" as String, "text")
        span.end()
        #expect(!span.isRecording)
    }

    @Test("a call that does nothing is logged with its operation, and others with their number a minute later")
    func log() {
        let lines = Lines()
        let profiler = PerformanceProfiler(.on, warnThreshold: .seconds(3_600), log: lines.log)
        let span = profiler.start("once")
        profiler.end(span)
        for _ in 0..<10 { profiler.end(span) }
        span.set("late", 1)
        span.end()
        #expect(
            lines.all == [
                "warning: the span 'once' had ended when it was changed or ended again: that does nothing (account.ignoredCalls)"
            ]
        )
        #expect(profiler.account.ignoredCalls == 12)
        let warning = IgnoredCallWarning()
        warning.say(to: lines.log)
        let interval = IgnoredCallWarning.interval
        warning.tell(of: "a", now: 5)
        for second in 1..<60 { warning.tell(of: "b", now: 5 + UInt64(second) * 1_000_000_000) }
        #expect(lines.all.count == 2)
        warning.tell(of: "c", now: 5 + interval)
        #expect(lines.all.count == 3)
        #expect(lines.all.last?.contains("'c'") == true)
        #expect(lines.all.last?.contains("as did 59 more such calls since the last such line") == true)
    }

    @Test("a span of another profiler is named as such")
    func foreignIsNamed() {
        let lines = Lines()
        let profiler = PerformanceProfiler(.on, warnThreshold: .seconds(3_600), log: lines.log)
        let other = PerformanceProfiler(.on, log: .silent)
        profiler.end(other.start("elsewhere"))
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.hasPrefix("warning: a span of another profiler, or none, was given") == true)
    }
}
