import SpanKitPlatform
import SpanKitSummaries

/// The unit of a metric (UCUM), and how its values are shown.
struct MetricUnit {
    let text: String

    /// The nanoseconds of the units of time.
    private static let nanoseconds: [String: Double] = [
        "ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "min": 60e9, "h": 3_600e9, "d": 86_400e9,
    ]

    /// The value with its unit; the unit of a count, such as `{request}`, is part of the metric's name in tables.
    func readable(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞" }
        let sign = value < 0 ? "−" : ""
        if let factor = Self.nanoseconds[text], value.magnitude * factor < 0x1p63 {
            let nanoseconds = value.magnitude * factor
            // Less than a nanosecond would be shown as 0.
            guard nanoseconds >= 1 || nanoseconds == 0 else { return Self.number(value) + " " + text }
            return sign + Readable.durationInText(wholeNanoseconds(nanoseconds))
        }
        switch text {
        case "By" where value.magnitude < 0x1p62: return sign + Readable.bytes(value.magnitude)
        case "%": return Self.number(value) + " %"
        default: return Self.number(value) + suffix
        }
    }

    /// The unit behind a number.
    private var suffix: String {
        text.isEmpty || text == "1" || text.hasPrefix("{") ? "" : " \(text)"
    }

    /// A whole number with all of its digits, or a fraction with four significant ones.
    static func number(_ value: Double) -> String {
        let magnitude = value.magnitude
        let sign = value < 0 ? "−" : ""
        guard value.isFinite, magnitude < 1e15 else { return "\(value)" }
        if magnitude == magnitude.rounded() { return sign + Readable.count(UInt64(magnitude)) }
        guard magnitude >= 1e-4 else { return "\(value)" }
        var decimals = 3
        var limit = 10.0
        while magnitude >= limit, decimals > 0 {
            decimals -= 1
            limit *= 10
        }
        limit = 1
        while magnitude < limit, decimals < 7 {
            decimals += 1
            limit /= 10
        }
        return sign + Readable.fixed(magnitude, decimals: max(1, decimals))
    }
}
