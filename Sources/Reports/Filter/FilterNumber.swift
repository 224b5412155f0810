import SpanKitPlatform
import SpanKitRecording

/// A decimal number in a filter, with its digits as they were written.
package struct FilterNumber: Sendable, Hashable {
    fileprivate enum Amount: Sendable, Hashable {
        case whole(Int64)
        case decimal(Double)
    }

    package let text: ByteText
    fileprivate let amount: Amount

    /// Returns `nil` for anything but digits with an optional sign and an optional decimal point, and for numbers with more digits
    /// than can be compared exactly, which are ids rather than numbers.
    package init?(_ text: String) {
        guard let amount = Self.amount(text) else { return nil }
        self.text = ByteText(text)
        self.amount = amount
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
        let exactDigits = 15
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

    /// Compares without rounding, which a conversion of large whole numbers would do.
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
    /// Attributes that are texts are compared as numbers only with numbers, as they are written without quotes: Zipkin's tags are
    /// always texts.
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
            return FilterNumber(text).map { isTrue(of: $0.amount, value) } ?? false
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
            case .text(let text): FilterNumber(text.text)
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
