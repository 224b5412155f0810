import SpanKitPlatform
import SpanKitRecording

/// A decimal number in a filter, as it was written.
package struct FilterNumber: Sendable, Hashable {
    fileprivate enum Amount: Sendable, Hashable {
        case whole(Int64)
        case decimal(Double)
    }

    package let text: ByteText
    fileprivate let amount: Amount

    /// Accepts digits with an optional sign and an optional decimal point; returns `nil` for other texts. Also returns
    /// `nil` for numbers with more digits than can be compared exactly, because they are ids.
    package init?(_ text: String) {
        guard let amount = Self.amount(text) else { return nil }
        self.text = ByteText(text)
        self.amount = amount
    }

    /// Reads the value of a comparison such as `size>1.5e3`. There, a sign, an exponent and a decimal point at the start cannot be parts
    /// of an id. Returns `nil` for other texts, and for numbers that cannot be compared exactly.
    package init?(ordered text: String) {
        guard let amount = Self.orderedAmount(text) else { return nil }
        self.text = ByteText(text)
        self.amount = amount
    }

    /// The number of digits that a `Double` represents exactly.
    private static let exactDigits = 15

    fileprivate static func orderedAmount(_ text: String) -> Amount? {
        if let amount = amount(text) { return amount }
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let whole = rest.prefix(while: NameShape.isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: NameShape.isDigit)
            guard !fraction.isEmpty else { return nil }
            rest = rest.dropFirst(fraction.count + 1)
        }
        guard !(whole.isEmpty && fraction.isEmpty) else { return nil }
        var exponent = -fraction.count
        if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
            // `Int` reads the sign. With a larger exponent, the number is 0, or larger or smaller than any attribute.
            guard let read = Int(Substring(rest.dropFirst())), (-400...400).contains(read) else { return nil }
            exponent += read
            rest = rest.prefix(0)
        }
        guard rest.isEmpty else { return nil }
        var digits = (Array(whole) + Array(fraction)).drop { $0 == UInt8(ascii: "0") }
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        guard !digits.isEmpty else { return .whole(0) }
        let sign = isNegative ? "-" : ""
        let significant = String(decoding: digits, as: UTF8.self)
        if (0...18).contains(exponent), let number = Int64(sign + significant + String(repeating: "0", count: exponent))
        {
            return .whole(number)
        }
        guard digits.count <= exactDigits, let number = Double("\(sign)\(significant)e\(exponent)"), number.isFinite
        else {
            return nil
        }
        return .decimal(number)
    }

    fileprivate static func amount(_ text: String) -> Amount? {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
        guard text.utf8.count - digits.count <= 1, let first = digits.first, let last = digits.last,
            NameShape.isDigit(first), NameShape.isDigit(last)
        else { return nil }
        let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ $0.allSatisfy(NameShape.isDigit) }) else { return nil }
        let isWhole = parts.count == 1 || parts[1].allSatisfy { $0 == UInt8(ascii: "0") }
        if isWhole { return Int64(text.prefix { $0 != "." }).map { .whole($0) } }
        return digits.count - 1 <= exactDigits ? Double(text).map { .decimal($0) } : nil
    }

    /// -1, 0 or 1 for a smaller, equal or larger amount; `nil` if one is not a number.
    fileprivate static func order(_ left: Amount, _ right: Amount) -> Int? {
        switch (left, right) {
        case (.whole(let left), .whole(let right)): left == right ? 0 : left < right ? -1 : 1
        case (.decimal(let left), .decimal(let right)):
            left == right ? 0 : left < right ? -1 : left > right ? 1 : nil
        case (.whole(let left), .decimal(let right)): order(left, right)
        case (.decimal(let left), .whole(let right)): order(right, left).map { -$0 }
        }
    }

    /// Compares without rounding. Converting a large whole number to `Double` would round it.
    private static func order(_ left: Int64, _ right: Double) -> Int? {
        if right.isNaN { return nil }
        if right >= 0x1p63 { return -1 }
        if right < -0x1p63 { return 1 }
        let floor = right.rounded(.down)
        let whole = Int64(floor)
        return left != whole ? (left < whole ? -1 : 1) : floor < right ? -1 : 0
    }
}

extension SpanFilter.Comparison {
    /// Compares texts byte by byte.
    func isTrue(of text: String, _ other: ByteText) -> Bool {
        if self == .contains { return text.containsBytes(of: other.text) }
        let text = ByteText(text)
        return accepts(order: text == other ? 0 : text < other ? -1 : 1)
    }

    /// Compares the value of an attribute: numbers with numbers, everything else byte by byte as text.
    ///
    /// A string attribute is compared as a number only with a number that is written without quotes, because Zipkin's
    /// tags are always strings.
    func isTrue(of attribute: AttributeValue, _ value: SpanFilter.Value) -> Bool {
        // A list that contains the value does not differ from it.
        if self == .notEqual { return !Self.equal.isTrue(of: attribute, value) }
        switch (attribute, value) {
        case (.array(let elements), _): return elements.contains { isTrue(of: $0, value) }
        case (.int(let number), _) where self != .contains: return isTrue(of: .whole(number), value)
        case (.double(let number), _) where self != .contains: return isTrue(of: .decimal(number), value)
        case (.string(let text), .text(let other)): return isTrue(of: text, other)
        case (.string(let text), .number(let other)):
            if self == .equal, ByteText(text) == other.text { return true }
            let amount = isOrder ? FilterNumber.orderedAmount(text) : FilterNumber.amount(text)
            return amount.map { isTrue(of: $0, value) } ?? false
        case (.int(let number), .text(let other)): return isTrue(of: "\(number)", other)
        case (.double(let number), .text(let other)): return isTrue(of: "\(number)", other)
        case (.bool(let truth), .text(let other)): return !isOrder && isTrue(of: "\(truth)", other)
        default: return false
        }
    }

    private func isTrue(of amount: FilterNumber.Amount, _ value: SpanFilter.Value) -> Bool {
        let number: FilterNumber? =
            switch value {
            case .number(let number): number
            // The attribute is a number, so the text cannot be an id.
            case .text(let text): FilterNumber(ordered: text.text)
            default: nil
            }
        guard let number else { return false }
        return FilterNumber.order(amount, number.amount).map(accepts) ?? false
    }
}

extension String {
    /// Whether the bytes of another text occur in this one.
    fileprivate func containsBytes(of other: String) -> Bool {
        var (text, other) = (self, other)
        return text.withUTF8 { bytes in
            other.withUTF8 { wanted in
                guard let first = wanted.first else { return true }
                guard bytes.count >= wanted.count else { return false }
                for start in 0...(bytes.count - wanted.count) where bytes[start] == first {
                    if (1..<wanted.count).allSatisfy({ bytes[start + $0] == wanted[$0] }) { return true }
                }
                return false
            }
        }
    }
}
