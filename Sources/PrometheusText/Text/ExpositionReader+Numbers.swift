extension ExpositionReader {
    /// A number as Go reads it: decimal, `inf`, `infinity`, `nan` in any case, nothing hexadecimal, no `_`.
    ///
    /// Nil for what is no number, and for one that no `Double` can hold.
    func number(_ range: Range<Int>) -> Double? {
        if range.count <= 15, let whole = wholeNumber(range) { return Double(whole) }
        let word = string(range)
        if isDecimal(range) {
            guard let value = Double(word), value.isFinite else { return nil }
            return value
        }
        let lower = word.lowercased()
        switch lower.first == "+" || lower.first == "-" ? String(lower.dropFirst()) : lower {
        case "inf", "infinity": return lower.first == "-" ? -.infinity : .infinity
        // Go takes no sign here.
        case "nan": return lower == "nan" ? .nan : nil
        default: return nil
        }
    }

    /// The value of `le` or `quantile`. The few values there are stand on every metric, so the last ones are
    /// remembered.
    mutating func reservedNumber(_ range: Range<Int>) -> Double? {
        var hash = range.count
        for place in range.suffix(4) { hash = hash &* 31 &+ Int(text[place]) }
        let slot = hash & (Self.rememberedNumbers - 1)
        if let known = numbers[slot], isEqual(known.range, range) { return known.value }
        guard let value = number(range) else { return nil }
        numbers[slot] = (range, value)
        return value
    }

    static let rememberedNumbers = 128

    private func wholeNumber(_ range: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        for place in range {
            guard MetricName.isDigit(text[place]) else { return nil }
            value = value * 10 + UInt64(text[place] - UInt8(ascii: "0"))
        }
        return range.isEmpty ? nil : value
    }

    /// `[+-] digits [. digits] [e [+-] digits]`, a digit before or after the point.
    private func isDecimal(_ range: Range<Int>) -> Bool {
        var place = range.lowerBound
        func next() -> UInt8 { place < range.upperBound ? text[place] : 0 }
        func skipSign() {
            if next() == UInt8(ascii: "+") || next() == UInt8(ascii: "-") { place += 1 }
        }
        func skipDigits() -> Int {
            let start = place
            while MetricName.isDigit(next()) { place += 1 }
            return place - start
        }
        skipSign()
        var digits = skipDigits()
        if next() == UInt8(ascii: ".") {
            place += 1
            digits += skipDigits()
        }
        guard digits > 0 else { return false }
        if next() | 0x20 == UInt8(ascii: "e") {
            place += 1
            skipSign()
            guard skipDigits() > 0 else { return false }
        }
        return place == range.upperBound
    }
}
