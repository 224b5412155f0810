/// What the numbers of a row are measured in.
package enum BenchmarkUnit: String, Sendable, Equatable, Codable {
    case seconds, bytes, spans, allocations, instructions

    /// The words for less and for more.
    var comparatives: (less: String, more: String) {
        switch self {
        case .seconds: ("faster", "slower")
        case .bytes: ("smaller", "larger")
        case .spans, .allocations, .instructions: ("fewer", "more")
        }
    }

    /// The number with its unit.
    package func text(_ number: Double) -> String {
        switch self {
        case .seconds:
            switch number {
            case 0: "0 s"
            case ..<1e-6: "\(significant(number * 1e9)) ns"
            case ..<1e-3: "\(significant(number * 1e6)) µs"
            case ..<1: "\(significant(number * 1e3)) ms"
            default: "\(significant(number)) s"
            }
        case .bytes:
            switch number {
            case 1e9...: "\(significant(number / 1e9)) GB"
            case 1e6...: "\(significant(number / 1e6)) MB"
            default: "\(significant(number)) B"
            }
        case .spans, .allocations, .instructions:
            "\(significant(number)) \(number == 1 ? String(rawValue.dropLast()) : rawValue)"
        }
    }
}

/// The number with three significant digits. Whole numbers keep all digits, in groups of three.
package func significant(_ number: Double) -> String {
    guard number.isFinite else { return number.isNaN ? "–" : "∞" }
    guard number.magnitude < 1e15 else { return "\(number)" }
    if number.magnitude >= 100 || number == number.rounded() {
        let digits = String(Int64(number.rounded().magnitude))
        var groups: [Substring] = []
        var rest = digits[...]
        while rest.count > 3 {
            groups.insert(rest.suffix(3), at: 0)
            rest.removeLast(3)
        }
        return (number.rounded() < 0 ? "-" : "") + ([rest] + groups).joined(separator: ",")
    }
    var decimals = 2
    var limit = 1.0
    if number.magnitude >= 10 { decimals = 1 }
    while decimals > 0, decimals < 9, number.magnitude < limit {
        decimals += 1
        limit /= 10
    }
    return fixed(number, decimals: decimals)
}

/// The number with a fixed number of decimals.
func fixed(_ number: Double, decimals: Int) -> String {
    var factor: Int64 = 1
    for _ in 0..<decimals { factor *= 10 }
    let scaled = Int64((number.magnitude * Double(factor)).rounded())
    let sign = number < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % factor)
    return "\(sign)\(scaled / factor).\(String(repeating: "0", count: decimals - fraction.count))\(fraction)"
}
