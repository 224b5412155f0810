import SpanKitPlatform
import Testing

@Suite("Dates")
struct CivilTimeTests {
    @Test(
        "a time is written in UTC with milliseconds",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (951_868_800_001, "2000-03-01T00:00:00.001Z"),
            (1_795_428_932_123, "2026-11-23T10:15:32.123Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func text(milliseconds: Int64, text: String) {
        #expect(CivilTime.text(unixNanoseconds: milliseconds * 1_000_000) == text)
    }

    @Test("every day from 1970 to 2400 is converted correctly in both directions")
    func days() {
        var before = CivilTime(unixSeconds: 0)
        var wrong: [Int] = []
        for day in 1..<157_000 {
            let seconds = Int64(day) * 86_400 + Int64(day * 7_919 % 86_400)
            let time = CivilTime(unixSeconds: seconds)
            let isSameMonth = time.year == before.year && time.month == before.month && time.day == before.day + 1
            let isNextMonth = time.day == 1 && before.day >= 28 && time.month == before.month % 12 + 1
            let isInYear = time.year == before.year + (time.month == 1 && isNextMonth ? 1 : 0)
            if !isInYear || !(isSameMonth || isNextMonth) || time.unixSeconds != seconds { wrong.append(day) }
            before = time
        }
        #expect(wrong.isEmpty)
    }

    @Test(
        "the three forms of HTTP dates are read",
        arguments: [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        ]
    )
    func httpDates(text: String) {
        #expect(CivilTime(httpDate: text[...])?.unixSeconds == 784_111_777)
    }

    @Test(
        "a text that is not an HTTP date gives nil",
        arguments: [
            "", "Sun, 31 Foo 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
            "1994-11-06",
        ]
    )
    func otherDates(text: String) {
        #expect(CivilTime(httpDate: text[...]) == nil)
    }

    @Test("a duration is converted to limited whole nanoseconds and to seconds")
    func durations() {
        #expect(Duration.milliseconds(1_250).nanoseconds == 1_250_000_000)
        #expect(Duration.nanoseconds(-42).nanoseconds == -42)
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Duration.seconds(Int64.min).nanoseconds == .min)
        #expect(Duration.milliseconds(-1_250).seconds == -1.25)
    }
}
