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

    /// A whole number with all of its digits, or a fraction with four significant ones. Numbers from 10¹⁵ and below 10⁻⁴ have four digits
    /// and a power of ten, such as 1.537 × 10¹⁷.
    static func number(_ value: Double) -> String {
        let magnitude = value.magnitude
        let sign = value < 0 ? "−" : ""
        guard magnitude < 1e15 else { return sign + powerOfTen(magnitude) }
        if magnitude == magnitude.rounded() { return sign + Readable.count(UInt64(magnitude)) }
        guard magnitude >= 1e-4 else { return sign + powerOfTen(magnitude) }
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

    /// Four significant digits and a power of ten. Zeros at the end of the digits are left out.
    private static func powerOfTen(_ magnitude: Double) -> String {
        // The shortest decimal number that is read back as this one, such as 1.5372286728091293e+17 or
        // 1000000000000000.0.
        let parts = "\(magnitude)".split(separator: "e")
        let point = parts[0].split(separator: ".")
        var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + point[0].count - 1
        var digits = parts[0].compactMap(\.wholeNumberValue)
        let roundsUp = digits.count > 4 && digits[4] >= 5
        digits = Array(digits.prefix(4))
        if roundsUp {
            var place = 3
            while place >= 0, digits[place] == 9 {
                digits[place] = 0
                place -= 1
            }
            if place >= 0 {
                digits[place] += 1
            } else {
                digits = [1]
                exponent += 1
            }
        }
        while digits.count > 1, digits.last == 0 { digits.removeLast() }
        let fraction = digits.dropFirst().map(String.init).joined()
        let power = "\(exponent.magnitude)".compactMap { $0.wholeNumberValue.map { Array("⁰¹²³⁴⁵⁶⁷⁸⁹")[$0] } }
        return "\(digits[0])\(fraction.isEmpty ? "" : ".\(fraction)") × 10\(exponent < 0 ? "⁻" : "")\(String(power))"
    }
}
