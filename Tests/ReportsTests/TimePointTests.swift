import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries
import Testing

@Suite("Times and durations as users write them")
struct TimePointTests {
    private static let now: Int64 = 1_790_000_000_000_000_000

    @Test(
        "A time is read with its zone, and a duration is before now",
        arguments: [
            ("2026-09-21T14:13:20Z", 0), ("2026-09-21 14:13:20.000 UTC", 0), ("2026-09-21 16:13:20.000 +02:00", 0),
            ("2026-09-21T11:43:20-0230", 0), ("2026-09-21t14:13:20.5z", 500_000_000),
            ("2026-09-21 14:13", -20_000_000_000),
            ("2026-09-21T14:13:20.123456789Z", 123_456_789), ("2026-09-21T14:13:20.1234567899Z", 123_456_789),
            ("2026-09-21", -51_200_000_000_000), ("15m", -900_000_000_000), ("1h30m", -5_400_000_000_000),
            ("2d", -172_800_000_000_000), ("0.5s", -500_000_000), ("2026-09-21 16:13+02", -20_000_000_000),
        ]
    )
    func times(text: String, offset: Int64) throws {
        #expect(try TimePoint.nanoseconds(text, now: Self.now, zone: .utc) - Self.now == offset)
    }

    @Test(
        "Anything else is not a time",
        arguments: [
            "", "now", "2026", "2026-13-01", "2026-02-29", "2026-09-21T", "2026-09-21T25:00Z", "2026-09-21T10:60Z",
            "2026-09-21T10:00:00.Z", "2026-09-21T10:00+24:00", "2026-09-21T10:00 CET", "2026-9-21", "15", "-5m",
            "9999-01-01",
            "٢٠٢٦-09-21", "1969-01-01", "2026-09-21Z",
        ]
    )
    func problems(text: String) {
        #expect(throws: TimePoint.Problem.self) { try TimePoint.nanoseconds(text, now: Self.now, zone: .utc) }
    }

    @Test("What is shown can be read again", arguments: [DisplayZone.utc, .local])
    func roundTrip(zone: DisplayZone) throws {
        for number in 0..<2_000 {
            // Three and a half days apart, so that all hours and seasons occur.
            let time = Int64(number) * 302_400_123_000_000
            let text = Readable.moment(time, in: zone)
            #expect(try TimePoint.nanoseconds(text, now: Self.now, zone: .utc) == time, "\(text)")
        }
    }

    @Test(
        "Durations have units",
        arguments: [
            ("500ms", 500_000_000), ("1.5s", 1_500_000_000), ("0.1 s", 100_000_000), ("4.35s", 4_350_000_000),
            ("3us", 3_000),
            ("3µs", 3_000), ("1m30s", 90_000_000_000), ("0ns", 0), ("1h", 3_600_000_000_000),
        ]
    )
    func durations(text: String, nanoseconds: Int64) {
        #expect(DurationText.nanoseconds(text) == nanoseconds)
        #expect(DurationText.nanoseconds(DurationText.text(nanoseconds: nanoseconds)) == nanoseconds)
    }

    @Test(
        "Anything else is not a duration",
        arguments: ["", "5", "ms", "5 m s", "5.s", ".5s", "-5s", "5x", "1000000d", "5s5"]
    )
    func notDurations(text: String) {
        #expect(DurationText.nanoseconds(text) == nil)
    }
}
