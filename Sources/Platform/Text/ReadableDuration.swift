/// A duration as people read it: three significant digits and the unit that fits (`18 ns`, `4.20 µs`, `2.38 s`, `3 m 20 s`).
///
/// Built from integers, without Foundation, because warnings are written from the recording path.
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

    /// `value / unit` rounded half up to three significant digits; the caller has chosen the unit so that it is below 1,000.
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
