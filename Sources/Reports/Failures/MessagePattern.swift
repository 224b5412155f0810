/// The part of a message that is the same for similar failures. Numbers, ids and quoted values are replaced with `…`.
///
/// `order 4711 not found after 30.5s` and `order 12 not found after 1s` have the pattern `order … not found after …s`.
enum MessagePattern {
    private static let gap = Array("…".utf8)
    /// The opening and closing quotation marks.
    private static let quotes: [(open: [UInt8], close: [UInt8])] = [
        ("'", "'"), ("\"", "\""), ("`", "`"), ("“", "”"), ("‘", "’"), ("«", "»"),
    ].map { (Array($0.0.utf8), Array($0.1.utf8)) }
    /// The bytes that connect the parts of one number, such as those of an address or a date.
    private static let connectors = Set(".,:-".utf8)

    static func pattern(of message: String) -> String {
        let bytes = Array(message.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var place = 0
        while place < bytes.count {
            if let (quote, end) = quoted(bytes, at: place) {
                result += quote.open + gap + quote.close
                place = end
                continue
            }
            guard isWord(bytes[place]), !isWordBefore(place, bytes) else {
                result.append(bytes[place])
                place += 1
                continue
            }
            if NameShape.isUUID(bytes[place...]) {
                append([], to: &result)
                place += 36
                continue
            }
            let end = bytes[place...].firstIndex { !isWord($0) } ?? bytes.count
            let word = bytes[place..<end]
            if let rest = folded(word) {
                if rest.head.isEmpty { append(rest.tail, to: &result) } else { result += rest.head + gap + rest.tail }
            } else {
                result += word
            }
            place = end
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Whether a byte is a letter or a digit of ASCII. Characters beyond ASCII are part of no number.
    private static func isWord(_ byte: UInt8) -> Bool { byte < 0x80 && NameShape.isWord(byte) }

    private static func isWordBefore(_ place: Int, _ bytes: [UInt8]) -> Bool {
        place > 0 && isWord(bytes[place - 1])
    }

    /// Appends a gap and the unit after it. Parts of one number share a gap.
    private static func append(_ unit: ArraySlice<UInt8>, to result: inout [UInt8]) {
        if let last = result.last, connectors.contains(last), result.dropLast().suffix(gap.count) == gap[...] {
            result.removeLast(1 + gap.count)
        }
        result += gap + unit
    }

    /// The quotation that begins at a position, and its end; `nil` if none begins there.
    ///
    /// An apostrophe within a word does not begin a quotation. The name of a JSON member is not a value.
    private static func quoted(
        _ bytes: [UInt8],
        at place: Int
    ) -> (quote: (open: [UInt8], close: [UInt8]), end: Int)? {
        guard let quote = quotes.first(where: { bytes[place...].starts(with: $0.open) }), !isWordBefore(place, bytes)
        else { return nil }
        let width = quote.close.count
        var end = place + quote.open.count
        while end + width <= bytes.count {
            if bytes[end] == UInt8(ascii: "\\") {
                end += 2
                continue
            }
            guard bytes[end...].starts(with: quote.close) else {
                end += 1
                continue
            }
            let next = end + width < bytes.count ? bytes[end + width] : UInt8(ascii: " ")
            if isWord(next), quote.open == quote.close, quote.open[0] != UInt8(ascii: "\"") {
                end += 1
                continue
            }
            return next == UInt8(ascii: ":") && quote.open[0] == UInt8(ascii: "\"") ? nil : (quote, end + width)
        }
        return nil
    }

    /// What is left of a word that contains a number or is an id; `nil` for any other word.
    private static func folded(_ word: ArraySlice<UInt8>) -> (head: ArraySlice<UInt8>, tail: ArraySlice<UInt8>)? {
        guard let first = word.firstIndex(where: NameShape.isDigit) else { return nil }
        let none = word[word.endIndex...]
        if word.count >= 8, word.allSatisfy(NameShape.isHexDigit) { return (none, none) }
        if first == word.startIndex {
            // A number with its unit, such as 30s. In any other mixture no part has a meaning of its own.
            let end = word.firstIndex { !NameShape.isDigit($0) } ?? word.endIndex
            let unit = word[end...]
            return (none, unit.count <= 3 && !unit.contains(where: NameShape.isDigit) ? unit : none)
        }
        let digits = word[first...]
        if word.count >= 16, digits.count(where: NameShape.isDigit) >= 3 { return (none, none) }
        // The digits of user4711 are folded, but not those of http2, s3 or a code such as E11000.
        let isCode = word[..<first].allSatisfy { 0x41...0x5A ~= $0 } && digits.count <= 5
        guard digits.count >= 3, digits.allSatisfy(NameShape.isDigit), !isCode else { return nil }
        return (word[..<first], none)
    }
}
