import SpanKitPlatform
import Testing

@testable import SpanKitRecording

@Suite("Calls with the handle of an ended or foreign span are ignored and counted")
struct StaleHandleTests {
    let profiler = PerformanceProfiler(.on, log: .silent)

    @Test("the second end of a span is ignored and counted")
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

    @Test("a span without a slot ends once as well, on any thread")
    func twiceWithoutSlot() async {
        var configuration = RecordingConfiguration()
        configuration.liveSpanCapacity = 0
        let profiler = PerformanceProfiler(.on, recording: configuration, log: .silent)
        // One after the other, because a second end is detected as long as no other span has used the same cell.
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

    @Test("a span of another profiler is not ended, and can still be ended by its own")
    func foreign() {
        let other = PerformanceProfiler(.on, log: .silent)
        let span = other.start("theirs")
        #expect(!profiler.end(span))
        #expect(profiler.account.ignoredCalls == 1)
        #expect(other.account.open == 1)
        #expect(other.end(span))
        #expect(!profiler.end(.none))
    }

    @Test("the handle of an ended span does not change the span that reuses its slot")
    func recycledSlot() throws {
        let old = profiler.start("old")
        profiler.end(old)
        let new = profiler.start("new")
        #expect(old.slot == new.slot, "the test needs the slot to be reused")
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

    @Test("a slot that was reused as a block does not match its old handle either")
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

    @Test("a handle can outlive its profiler")
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

    @Test("a freed profiler keeps a few kilobytes of its tables, and calls with its handles have no effect")
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

    @Test("an ignored call is logged with its operation, and the next calls are only counted")
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
                "warning: a call on the span 'once' was ignored because the span has ended; call end() last (counted in account.ignoredCalls)"
            ]
        )
        #expect(profiler.account.ignoredCalls == 12)
    }

    @Test("ending a span of another profiler is logged")
    func foreignIsNamed() {
        let lines = Lines()
        let profiler = PerformanceProfiler(.on, warnThreshold: .seconds(3_600), log: lines.log)
        let other = PerformanceProfiler(.on, log: .silent)
        profiler.end(other.start("elsewhere"))
        #expect(lines.all.count == 1)
        #expect(
            lines.all.first?.hasPrefix(
                "warning: a call to end a span was ignored because another profiler started the span; "
            ) == true
        )
    }
}

extension StringTable {
    fileprivate var residentBytes: Int {
        [cells.pages, dynamicTexts.pages, operationPages, textPages].reduce(0) { $0 + $1.residentBytes }
    }
}

extension TablePages {
    fileprivate var residentBytes: Int {
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        var pages = [UInt8](repeating: 0, count: (byteCount + pageBytes - 1) / pageBytes)
        guard mincore(base, byteCount, &pages) == 0 else { return byteCount }
        return pages.count { $0 & 1 == 1 } * pageBytes
    }
}
