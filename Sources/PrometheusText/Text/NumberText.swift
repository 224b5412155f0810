/// The number in the text format: the shortest decimal that is read as the same `Double`.
func numberText(_ value: Double) -> String {
    var bytes: [UInt8] = []
    bytes.append(number: value)
    return String(decoding: bytes, as: UTF8.self)
}

/// The number as Prometheus' Go libraries write it in `le` and `quantile`: with an exponent from a million on. So a
/// series is the same, no matter which library writes it.
func edgeText(_ value: Double) -> String {
    let magnitude = value.magnitude
    guard magnitude >= 1e6, magnitude < 0x1p53 else { return numberText(value) }
    let parts = magnitude.description.split(separator: ".", maxSplits: 1)
    let whole = parts[0]
    let fraction = parts.count > 1 && parts[1] != "0" ? parts[1] : ""
    var digits = String(whole + fraction)
    while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    let first = digits.removeFirst()
    let exponent = whole.count - 1
    return (value < 0 ? "-" : "") + "\(first)" + (digits.isEmpty ? "" : ".\(digits)")
        + "e+" + (exponent < 10 ? "0" : "") + "\(exponent)"
}

extension [UInt8] {
    /// Appends a number; about 10 ns for a whole one.
    mutating func append(number value: Double) {
        // For whole numbers below 2^53, `description` would add ".0". Above 2^53, it uses exponents, as Go does.
        if value.magnitude < 0x1p53, value == value.rounded(.towardZero), value.sign == .plus || value != 0 {
            if value < 0 { append(UInt8(ascii: "-")) }
            append(integer: UInt64(value.magnitude))
        } else if value.isNaN {
            append(contentsOf: "NaN".utf8)
        } else if value.isInfinite {
            append(contentsOf: (value < 0 ? "-Inf" : "+Inf").utf8)
        } else if value == 0 {
            append(contentsOf: "-0".utf8)
        } else {
            append(contentsOf: value.description.utf8)
        }
    }

    /// Appends a whole number in decimal.
    mutating func append(integer value: UInt64) {
        guard value >= 10 else {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value))
            return
        }
        // Reserves the digits, and writes them from the last to the first.
        var digits = 2
        var limit: UInt64 = 100
        while value >= limit {
            digits += 1
            let (next, overflow) = limit.multipliedReportingOverflow(by: 10)
            if overflow { break }
            limit = next
        }
        append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits))
        var place = count
        var rest = value
        while rest > 0 {
            place -= 1
            self[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
