import SpanKitPlatform
import Testing

@Suite("Readable durations")
struct ReadableDurationTests {
    @Test(
        "three significant digits and a fitting unit",
        arguments: [
            (0, "0 ns"), (1, "1 ns"), (999, "999 ns"),
            (1_000, "1.00 µs"), (1_004, "1.00 µs"), (1_005, "1.01 µs"), (9_994, "9.99 µs"), (9_995, "10.0 µs"),
            (99_949, "99.9 µs"), (99_950, "100 µs"), (999_499, "999 µs"), (999_500, "1.00 ms"),
            (4_200_000, "4.20 ms"), (2_380_000_000, "2.38 s"), (999_499_999, "999 ms"), (999_500_000, "1.00 s"),
            (99_949_999_999, "99.9 s"), (99_950_000_000, "1 m 40 s"), (200_000_000_000, "3 m 20 s"),
            (3_599_499_999_999, "59 m 59 s"), (3_599_500_000_000, "1 h 0 m"), (90_061_000_000_000, "25 h 1 m"),
        ] as [(Int64, String)]
    )
    func units(nanoseconds: Int64, text: String) {
        #expect(ReadableDuration(nanoseconds: nanoseconds).description == text)
    }

    @Test("a negative duration has a sign, including the smallest number")
    func negative() {
        #expect(ReadableDuration(nanoseconds: Int64(-1_500)).description == "-1.50 µs")
        #expect(ReadableDuration(nanoseconds: Int64.min).description == "-2562047 h 47 m")
    }

    @Test("durations that do not fit 64 bits of nanoseconds are limited")
    func limits() {
        #expect(ReadableDuration(nanoseconds: UInt64.max).nanoseconds == .max)
        #expect(ReadableDuration(Duration.seconds(Int64.max)).nanoseconds == .max)
        #expect(ReadableDuration(Duration.seconds(Int64.min)).nanoseconds == .min)
    }

    @Test("a Duration keeps its whole nanoseconds")
    func duration() {
        #expect(ReadableDuration(.milliseconds(1_250)).description == "1.25 s")
        #expect(ReadableDuration(.nanoseconds(-42)).description == "-42 ns")
    }
}
