extension FixedWidthInteger {
    /// Decimal digits, with zeros in front where there are fewer than `width`.
    package func digits(_ width: Int) -> String {
        let text = String(self)
        return String(repeating: "0", count: Swift.max(0, width - text.count)) + text
    }

    /// A number of tenths, hundredths…: `1234.fixedPoint(2)` is `12.34`. For numbers from zero on.
    package func fixedPoint(_ decimals: Int) -> String {
        guard decimals > 0 else { return "\(self)" }
        let one = (0..<decimals).reduce(into: Self(1)) { one, _ in one *= 10 }
        return "\(self / one).\((self % one).digits(decimals))"
    }
}
