import CSpanKit
import Testing

@testable import SpanKitRecording

@Suite("The clock of spans")
struct ClockTests {
    @Test(
        "ticks convert to the time of the system's clock, with and without the processor's counter",
        arguments: [true, false]
    )
    func agreesWithTheSystem(usesCounter: Bool) {
        let clock = AnchoredClock(usesCounter: usesCounter && AnchoredClock.shared.usesCounter)
        // The error of the rate times the age of the anchor. One accurate attempt is enough, because interrupts may falsify others.
        let agrees = (0..<1_000).contains { _ in
            let before = spankit_wall_nanoseconds()
            let time = clock.anchor().unixNanoseconds(at: clock.now())
            return time > before - 100_000 && time < spankit_wall_nanoseconds() + 100_000
        }
        #expect(agrees)
    }

    @Test("intervals differ from CLOCK_MONOTONIC by at most 1 %")
    func rate() {
        let clock = AnchoredClock.shared
        // One accurate interval is enough, because a pause between reading the two clocks falsifies others.
        let isRight = (0..<1_000).contains { _ in
            let ticks = clock.now()
            let start = spankit_monotonic_nanoseconds()
            while spankit_monotonic_nanoseconds() - start < 5_000_000 {}
            let measured = Double(clock.nanoseconds(from: ticks, to: clock.now()))
            return abs(measured / Double(spankit_monotonic_nanoseconds() - start) - 1) < 0.01
        }
        #expect(isRight)
    }

    @Test("the interval is 0 if the end is before the start")
    func never() {
        #expect(AnchoredClock.shared.nanoseconds(from: 1_000, to: 999) == 0)
    }

    @Test("an anchor converts ticks before and after it, over days, without overflow")
    func anchor() {
        let anchor = ClockAnchor(ticks: 1 << 50, unixNanoseconds: 1_700_000_000_000_000_000, rate: 1 << 31)
        let day: UInt64 = 2 * 86_400 * 1_000_000_000
        #expect(anchor.unixNanoseconds(at: anchor.ticks + day) == 1_700_000_000_000_000_000 + Int64(day / 2))
        #expect(anchor.unixNanoseconds(at: anchor.ticks - day) == 1_700_000_000_000_000_000 - Int64(day / 2))
    }

    /// Readings with two ticks a nanosecond.
    private func anchoring() -> Anchoring {
        let origin = ClockReading(ticks: 1_000_000_000_000, monotonic: 0, wall: 0)
        let latest = ClockReading(ticks: 1_002_000_000_000, monotonic: 1_000_000_000, wall: 1_000_000_000)
        return Anchoring(origin: origin, latest, rate: 1 << 31)
    }

    @Test("a counter that continued while the machine slept does not change the rate")
    func sleepWithCounter() {
        var anchoring = anchoring()
        // An hour of wall time, which CLOCK_MONOTONIC does not count.
        let hour: Int64 = 3_600_000_000_000
        let ticks = 1_004_000_000_000 + 2 * UInt64(hour)
        anchoring.renew(ClockReading(ticks: ticks, monotonic: 2_000_000_000, wall: hour + 2_000_000_000))
        #expect(anchoring.anchor == ClockAnchor(ticks: ticks, unixNanoseconds: hour + 2_000_000_000, rate: 1 << 31))
        let next = ClockReading(ticks: ticks + 2_000_000_000, monotonic: 3_000_000_000, wall: hour + 3_000_000_000)
        #expect(anchoring.isDue(at: next.ticks + 2))
        anchoring.renew(next)
        #expect(anchoring.anchor.rate == 1 << 31)
        #expect(anchoring.anchor.unixNanoseconds(at: next.ticks) == next.wall)
    }

    @Test("a restarted counter is detected at once, and ticks from before and after convert correctly")
    func newCount() {
        var anchoring = anchoring()
        let before = anchoring.anchor
        #expect(!anchoring.isDue(at: before.ticks - 1_000), "cores may differ by that")
        #expect(anchoring.isDue(at: 50_000_000))
        anchoring.renew(ClockReading(ticks: 50_000_000, monotonic: 2_000_000_000, wall: 9_000_000_000))
        #expect(anchoring.anchor == ClockAnchor(ticks: 50_000_000, unixNanoseconds: 9_000_000_000, rate: 1 << 31))
        let current = CurrentAnchor(anchoring, now: 60_000_000)
        #expect(current.anchor(for: 55_000_000, before) == anchoring.anchor)
        #expect(current.anchor(for: 1_001_000_000_000, before) == before)
    }

    @Test("an anchor accurate to a millisecond is kept, so a span has the same times whenever it is read")
    func stableTimes() {
        let anchoring = anchoring()
        let current = CurrentAnchor(anchoring, now: anchoring.anchor.ticks + 1_000_000)
        let tick = anchoring.anchor.ticks + 500_000
        var opening = anchoring.anchor
        opening.unixNanoseconds += 500_000
        #expect(current.anchor(for: tick, opening) == opening)
        opening.unixNanoseconds += 2_000_000
        #expect(current.anchor(for: tick, opening) == anchoring.anchor)
    }

    @Test("a changed rate of the counter is used from the second reading on")
    func newRate() {
        var anchoring = anchoring()
        anchoring.renew(ClockReading(ticks: 1_003_000_000_000, monotonic: 2_000_000_000, wall: 2_000_000_000))
        anchoring.renew(ClockReading(ticks: 1_004_000_000_000, monotonic: 3_000_000_000, wall: 3_000_000_000))
        #expect(anchoring.anchor.rate == 1 << 32)
    }

    @Test("a span has the time of the wall clock even if the clock was set after its chunk was opened")
    func correctedClock() throws {
        let profiler = PerformanceProfiler(.on, log: .silent)
        profiler.profile("first") {}
        // The wall clock was an hour behind when the chunk was opened.
        let chunk = try #require(profiler.recorder.thread().pointee.spans.chunk)
        chunk.pointee.anchor.unixNanoseconds -= 3_600_000_000_000
        profiler.profile("later") {}
        let now = spankit_wall_nanoseconds()
        for span in profiler.recordedSpans() {
            #expect(abs(now - span.endUnixNanoseconds) < 60_000_000_000)
        }
        var places = LogPlaces()
        var times: [Int64] = []
        profiler.recorder.readNew(&places) { record, place, _ in
            times.append(record.header.unixTimes(record.anchor).end)
            let again = profiler.recorder.record(at: place, profiler.recorder.clock.current())
            if let again { times.append(again.header.unixTimes(again.anchor).end) }
        }
        #expect(times.count == 4)
        #expect(times.allSatisfy { abs(now - $0) < 60_000_000_000 })
    }

    @Test("ids are never zero and do not repeat")
    func ids() {
        var ids = RandomIDs()
        var seen = Set<UInt64>()
        for _ in 0..<100_000 {
            let id = ids.nextNonZero()
            #expect(id != 0)
            seen.insert(id)
        }
        #expect(seen.count == 100_000)
        var other = RandomIDs()
        #expect(other.next() != ids.next())
    }

    @Test("ids are parsed and formatted as in W3C Trace Context: lower case, fixed length")
    func hexadecimal() {
        let trace = TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c)
        #expect(trace.description == "0af7651916cd43dd8448eb211c80319c")
        #expect(TraceID(hex: "0af7651916cd43dd8448eb211c80319c") == trace)
        #expect(SpanID(hex: "00f067aa0ba902b7")?.description == "00f067aa0ba902b7")
        for bad in [
            "", "0af7651916cd43dd8448eb211c80319", "0AF7651916cd43dd8448eb211c80319c",
            "0af7651916cd43dd8448eb211c80319g",
        ] {
            #expect(TraceID(hex: bad) == nil)
        }
        #expect(!TraceID.invalid.isValid && !SpanID.invalid.isValid)
    }
}
