/// Durations as users write them: `500ms`, `1.5 s`, `1h30m`.
package enum DurationText {
    /// The units with their nanoseconds. A unit that begins like another unit comes before that unit.
    private static let units: [(name: String, nanoseconds: Int128)] = [
        ("ns", 1), ("µs", 1_000), ("μs", 1_000), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ]

    /// The nanoseconds, rounded; `nil` for a text that is not a duration, has no unit or is longer than 292 years.
    package static func nanoseconds(_ text: some StringProtocol) -> Int64? {
        var rest = text.utf8[...]
        var sum: Int128 = 0
        var isFirst = true
        while isFirst || !rest.isEmpty {
            isFirst = false
            let digits = rest.prefix(while: NameShape.isDigit)
            rest = rest.dropFirst(digits.count)
            var fraction = rest.prefix(0)
            if rest.first == UInt8(ascii: ".") {
                fraction = rest.dropFirst().prefix(while: NameShape.isDigit)
                guard !fraction.isEmpty else { return nil }
                rest = rest.dropFirst(fraction.count + 1)
            }
            rest = rest.drop { $0 == UInt8(ascii: " ") }
            guard !digits.isEmpty, digits.count <= 19, fraction.count <= 18,
                let unit = units.first(where: { rest.starts(with: $0.name.utf8) })
            else { return nil }
            rest = rest.dropFirst(unit.name.utf8.count)
            sum += number(digits) * unit.nanoseconds
            let scale = fraction.reduce(into: Int128(1)) { scale, _ in scale *= 10 }
            sum += (number(fraction) * unit.nanoseconds + scale / 2) / scale
        }
        return Int64(exactly: sum)
    }

    private static func number(_ digits: some Sequence<UInt8>) -> Int128 {
        digits.reduce(0) { $0 * 10 + Int128($1 - UInt8(ascii: "0")) }
    }

    /// The shortest text with one unit, such as `1500ms`.
    package static func text(nanoseconds: Int64) -> String {
        let unit = units.last { $0.name.utf8.count <= 2 && Int128(nanoseconds) % $0.nanoseconds == 0 }
        guard nanoseconds > 0, let unit else { return "\(nanoseconds)ns" }
        return "\(Int128(nanoseconds) / unit.nanoseconds)\(unit.name)"
    }
}
