import Platform

/// The `Retry-After` header (RFC 9110 §10.2.3): seconds, or a date in one of HTTP's three forms.
enum RetryAfter {
    /// How long to wait; nil for what is neither. A date that has passed is zero.
    /// - Parameter unixSeconds: now.
    static func parse(_ text: String, unixSeconds: Int64) -> Duration? {
        let text = text.trimmingWhitespace()
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // Longer than a year is as good as a year.
            return .seconds(min(Int64(text) ?? .max, 31_536_000))
        }
        guard let date = CivilTime(httpDate: text) else { return nil }
        return .seconds(min(max(0, date.unixSeconds - unixSeconds), 31_536_000))
    }
}
