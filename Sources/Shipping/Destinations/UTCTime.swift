/// A time as `2026-11-23T10:15:32.123Z` (RFC 3339, milliseconds).
enum UTCTime {
    static func text(_ unixNanoseconds: Int64) -> String {
        let milliseconds = unixNanoseconds / 1_000_000
        let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        // Civil from days (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"); March is month 0.
        let shifted = max(0, days) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let year = yearOfEra + era * 400 + (month < 10 ? 0 : 1)
        let time = max(0, rest)
        return "\(digits(year, 4))-\(digits(month < 10 ? month + 3 : month - 9, 2))-\(digits(day, 2))T"
            + "\(digits(time / 3_600_000, 2)):\(digits(time / 60_000 % 60, 2)):\(digits(time / 1_000 % 60, 2))."
            + "\(digits(time % 1_000, 3))Z"
    }

    private static func digits(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
