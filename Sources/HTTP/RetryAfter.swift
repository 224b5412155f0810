/// The `Retry-After` header (RFC 9110 §10.2.3): seconds, with a fraction from some servers,
/// or a date in one of HTTP's three forms.
package enum RetryAfter {
    /// How long to wait; nil for what is neither. A date that has passed is zero.
    /// - Parameter unixSeconds: now.
    package static func parse(_ text: String, unixSeconds: Int64) -> Duration? {
        let text = text.trimmingWhitespace()
        if let first = text.utf8.first, (0x30...0x39).contains(first),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }), let seconds = Double(text)
        {
            // Longer than a year is as good as a year.
            return .seconds(min(seconds, 31_536_000))
        }
        guard let date = date(text) else { return nil }
        return .seconds(min(max(0, date - unixSeconds), 31_536_000))
    }

    /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or
    /// `Sun Nov  6 08:49:37 1994`.
    private static func date(_ text: Substring) -> Int64? {
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" }).map(String.init)
        switch parts.count {
        case 6 where parts[5] == "GMT":
            guard var year = Int(parts[3]) else { return nil }
            // Two digits: RFC 850; the century is the one that is nearest.
            if parts[3].count == 2 { year += year < 70 ? 2_000 : 1_900 }
            return seconds(year: year, month: parts[2], day: parts[1], time: parts[4])
        case 5:
            guard let year = Int(parts[4]) else { return nil }
            return seconds(year: year, month: parts[1], day: parts[2], time: parts[3])
        default: return nil
        }
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func seconds(year: Int, month: String, day: String, time: String) -> Int64? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        guard let month = months.firstIndex(of: month), let day = Int(day), (1...31).contains(day),
            (1_970...9_999).contains(year), clock.count == 3, (0...23).contains(clock[0]),
            (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        // Days from civil (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"); March is month 0.
        let shifted = month < 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 10) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        return Int64(days * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2])
    }
}
