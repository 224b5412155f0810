/// A date and a time of day in UTC, in the Gregorian calendar.
///
/// The algorithms are from Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". In them, years begin in March.
package struct CivilTime: Equatable {
    package let year: Int
    /// The month, from 1 to 12.
    package let month: Int
    /// The day of the month, from 1 to 31.
    package let day: Int
    private let secondOfDay: Int

    /// Creates a date and a time of day; returns nil if it does not exist or the year is not 1970…9999. Second 60 is a leap second.
    package init?(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1_970...9_999).contains(year), (1...12).contains(month), (1...lengths[month - 1]).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        secondOfDay = hour * 3_600 + minute * 60 + second
    }

    /// The date and time of a Unix time. Times before 1970 become 1970-01-01 00:00:00.
    package init(unixSeconds: Int64) {
        let (days, rest) = Int(max(0, unixSeconds)).quotientAndRemainder(dividingBy: 86_400)
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        year = yearOfEra + era * 400 + (month < 3 ? 1 : 0)
        secondOfDay = rest
    }

    package var unixSeconds: Int64 {
        let shifted = month < 3 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64((era * 146_097 + dayOfEra - 719_468) * 86_400 + secondOfDay)
    }

    /// A Unix time as RFC 3339 text with milliseconds, such as `2026-11-23T10:15:32.123Z`.
    package static func text(unixNanoseconds: Int64) -> String {
        let (seconds, rest) = max(0, unixNanoseconds).quotientAndRemainder(dividingBy: 1_000_000_000)
        let time = CivilTime(unixSeconds: seconds)
        let (minutes, second) = time.secondOfDay.quotientAndRemainder(dividingBy: 60)
        return "\(time.year.digits(4))-\(time.month.digits(2))-\(time.day.digits(2))T"
            + "\((minutes / 60).digits(2)):\((minutes % 60).digits(2)):\(second.digits(2))."
            + "\((rest / 1_000_000).digits(3))Z"
    }

    // MARK: HTTP

    /// Reads an HTTP date (RFC 9110 §5.6.7); nil for anything else, and for years before 1970.
    ///
    /// The three forms are `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
    package init?(httpDate text: Substring) {
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" }).map(String.init)
        switch parts.count {
        case 6 where parts[5] == "GMT":
            guard var year = Int(parts[3]) else { return nil }
            // RFC 850 has two digits for the year; the nearest century is meant.
            if parts[3].count == 2 { year += year < 70 ? 2_000 : 1_900 }
            self.init(year: year, month: parts[2], day: parts[1], time: parts[4])
        case 5:
            guard let year = Int(parts[4]) else { return nil }
            self.init(year: year, month: parts[1], day: parts[2], time: parts[3])
        default: return nil
        }
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private init?(year: Int, month: String, day: String, time: String) {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        guard let month = Self.months.firstIndex(of: month), let day = Int(day), (1...31).contains(day),
            (1_970...9_999).contains(year), clock.count == 3, (0...23).contains(clock[0]),
            (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        self.year = year
        self.month = month + 1
        self.day = day
        secondOfDay = clock[0] * 3_600 + clock[1] * 60 + clock[2]
    }
}
