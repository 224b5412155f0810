import SpanKitPlatform

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
        guard let date = CivilTime(httpDate: text) else { return nil }
        return .seconds(min(max(0, date.unixSeconds - unixSeconds), 31_536_000))
    }
}
