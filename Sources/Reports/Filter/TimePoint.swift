import SpanKitPlatform

/// Points in time as users write them: a date with or without a time of day, or a duration before now.
package enum TimePoint {
    package struct Problem: Error, CustomStringConvertible {
        package let description: String
    }

    /// The forms, for help texts.
    package static let forms =
        "a time such as 2026-11-23T10:15:00+01:00 or '2026-11-23 10:15', or a duration before now such as 15m"

    /// Nanoseconds since 1970-01-01 UTC.
    /// - Parameters:
    ///   - now: The current time in nanoseconds since 1970-01-01 UTC.
    ///   - zone: The zone of a time that is written without one. A date alone is the start of the day.
    package static func nanoseconds(_ text: String, now: Int64, zone: DisplayZone) throws(Problem) -> Int64 {
        if let duration = DurationText.nanoseconds(text) { return now - min(duration, now) }
        var reader = Reader(rest: Substring(text))
        guard let time = reader.time(zone) else {
            throw Problem(description: "'\(text)' is not a time; give \(forms)")
        }
        return time
    }

    private struct Reader {
        var rest: Substring

        mutating func time(_ zone: DisplayZone) -> Int64? {
            guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2) else {
                return nil
            }
            guard !rest.isEmpty else {
                return CivilTime(year: year, month: month, day: day).flatMap { nanoseconds($0, zone, 0) }
            }
            guard skip("T") || skip("t") || skip(" "), let hour = number(2), skip(":"), let minute = number(2) else {
                return nil
            }
            var (second, fraction): (Int, Int64) = (0, 0)
            if skip(":") {
                guard let number = number(2) else { return nil }
                second = number
                if skip(".") {
                    let digits = rest.prefix { $0.isASCII && $0.isNumber }
                    rest = rest.dropFirst(digits.count)
                    guard !digits.isEmpty, let number = Int64(digits.prefix(9)) else { return nil }
                    fraction = (min(digits.count, 9)..<9).reduce(number) { number, _ in number * 10 }
                }
            }
            guard let time = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
            else { return nil }
            _ = skip(" ")
            if rest.isEmpty { return nanoseconds(time, zone, fraction) }
            guard let offset = offset(), rest.isEmpty else { return nil }
            return nanoseconds(time, .utc, fraction).flatMap { sum($0, -offset) }
        }

        private func nanoseconds(_ time: CivilTime, _ zone: DisplayZone, _ fraction: Int64) -> Int64? {
            let seconds = zone.unixSeconds(clockSeconds: time.unixSeconds)
            let (nanoseconds, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            return overflows ? nil : sum(nanoseconds, fraction)
        }

        private func sum(_ left: Int64, _ right: Int64) -> Int64? {
            let (sum, overflows) = left.addingReportingOverflow(right)
            return overflows ? nil : sum
        }

        /// The offset of a zone in nanoseconds.
        private mutating func offset() -> Int64? {
            if skip("Z") || skip("z") || skip("UTC") { return 0 }
            let isBehind = rest.first == "-"
            guard skip("+") || skip("-"), let hours = number(2) else { return nil }
            _ = skip(":")
            guard let minutes = rest.isEmpty ? 0 : number(2), hours < 24, minutes < 60 else { return nil }
            return Int64((hours * 60 + minutes) * 60 * (isBehind ? -1 : 1)) * 1_000_000_000
        }

        private mutating func number(_ count: Int) -> Int? {
            let digits = rest.prefix(count)
            guard digits.count == count, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
            rest = rest.dropFirst(count)
            return Int(digits)
        }

        private mutating func skip(_ text: String) -> Bool {
            guard rest.hasPrefix(text) else { return false }
            rest = rest.dropFirst(text.count)
            return true
        }
    }
}
