/// A duration as text, with three significant digits and a suitable unit: `18 ns`, `4.20 µs`, `2.38 s`, `3 m 20 s`.
///
/// It uses only integers and no Foundation, because the recording path formats warnings with it.
package struct ReadableDuration: CustomStringConvertible, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package init(nanoseconds: UInt64) {
        self.nanoseconds = Int64(clamping: nanoseconds)
    }

    package init(_ duration: Duration) {
        nanoseconds = duration.nanoseconds
    }

    package var description: String {
        let sign = nanoseconds < 0 ? "-" : ""
        let value = nanoseconds.magnitude
        switch value {
        case ..<1_000: return "\(sign)\(value) ns"
        case ..<999_500: return sign + Self.threeDigits(value, unit: 1_000) + " µs"
        case ..<999_500_000: return sign + Self.threeDigits(value, unit: 1_000_000) + " ms"
        case ..<99_950_000_000: return sign + Self.threeDigits(value, unit: 1_000_000_000) + " s"
        default: return sign + Self.minutesAndHours(seconds: (value + 500_000_000) / 1_000_000_000)
        }
    }

    /// `value / unit`, which is below 1,000, rounded half up to three significant digits.
    private static func threeDigits(_ value: UInt64, unit: UInt64) -> String {
        let decimals: Int
        switch value {
        case ..<(unit * 10 - unit / 200): decimals = 2
        case ..<(unit * 100 - unit / 20): decimals = 1
        default: decimals = 0
        }
        let factor: UInt64 = [1, 10, 100][decimals]
        return ((value * factor + unit / 2) / unit).fixedPoint(decimals)
    }

    private static func minutesAndHours(seconds: UInt64) -> String {
        seconds < 3_600
            ? "\(seconds / 60) m \(seconds % 60) s"
            : "\(seconds / 3_600) h \(seconds % 3_600 / 60) m"
    }
}

extension FixedWidthInteger {
    /// The decimal digits, with leading zeros up to `width` digits.
    package func digits(_ width: Int) -> String {
        let text = String(self)
        return String(repeating: "0", count: Swift.max(0, width - text.count)) + text
    }

    /// The text of a non-negative number of tenths, hundredths and so on: `1234.fixedPoint(2)` is `12.34`.
    package func fixedPoint(_ decimals: Int) -> String {
        guard decimals > 0 else { return "\(self)" }
        let one = (0..<decimals).reduce(into: Self(1)) { one, _ in one *= 10 }
        return "\(self / one).\((self % one).digits(decimals))"
    }
}
