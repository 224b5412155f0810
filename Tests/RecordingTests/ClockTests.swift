import CClock
import Testing

@testable import Recording

@Suite("The clock of spans")
struct ClockTests {
    @Test(
        "ticks become the same time the system's clock shows, with and without the processor's counter",
        arguments: [true, false]
    )
    func agreesWithTheSystem(usesCounter: Bool) {
        let clock = AnchoredClock(usesCounter: usesCounter && AnchoredClock.shared.usesCounter)
        let before = spankit_wall_nanoseconds()
        let time = clock.anchor().unixNanoseconds(at: clock.now())
        let after = spankit_wall_nanoseconds()
        // The rate's error times the age of the anchor, and a hundred microseconds for an interrupt.
        #expect(time > before - 100_000 && time < after + 100_000)
    }

    @Test("an interval is what CLOCK_MONOTONIC says, to a hundredth")
    func rate() {
        let clock = AnchoredClock.shared
        // The best of several: a pause between the two clocks is not the clock's error.
        let errors = (0..<10).map { _ in
            let ticks = clock.now()
            let start = spankit_monotonic_nanoseconds()
            while spankit_monotonic_nanoseconds() - start < 5_000_000 {}
            let measured = Double(clock.nanoseconds(from: ticks, to: clock.now()))
            return abs(measured / Double(spankit_monotonic_nanoseconds() - start) - 1)
        }
        #expect(errors.min() ?? 1 < 0.01)
    }

    @Test("time never runs backwards: ticks the wrong way round are zero apart")
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

    @Test("ids read and write as W3C has them: lower case, fixed length")
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
