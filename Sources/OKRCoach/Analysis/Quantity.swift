/// A number in a text, with its unit.
struct Quantity: Sendable, Equatable {
    var value: Double
    /// `%`, `ms`, `s`, `h`, `days`, `€`, `$`, `x`, `points` … or empty for a plain count.
    var unit: String
    var range: Range<String.Index>

    /// All quantities of a text in order; years, dates, quarters and list numbers are not quantities.
    static func all(in text: String) -> [Quantity] {
        var quantities: [Quantity] = []
        var index = text.startIndex
        var previous: Character = "\n"
        while index < text.endIndex {
            let character = text[index]
            guard character.isASCII, character.isNumber, !previous.isLetter, !previous.isNumber else {
                previous = character
                index = text.index(after: index)
                continue
            }
            let (quantity, end) = read(text, at: index)
            if let quantity { quantities.append(quantity) }
            previous = text[text.index(before: end)]
            index = end
        }
        return quantities
    }

    private static func read(_ text: String, at start: String.Index) -> (Quantity?, String.Index) {
        var end = start
        while end < text.endIndex {
            let character = text[end]
            let next = text.index(after: end)
            if character.isASCII, character.isNumber {
                end = next
            } else if ".,".contains(character), next < text.endIndex, text[next].isASCII, text[next].isNumber {
                end = next
            } else {
                break
            }
        }
        let digits = text[start..<end]
        guard var value = number(digits) else { return (nil, end) }
        let (unit, factor, unitEnd) = unit(in: text, after: end)
        value *= factor
        var name = unit
        if start > text.startIndex {
            let before = text[text.index(before: start)]
            if name.isEmpty, before == "$" || before == "€" || before == "£" { name = String(before) }
        }
        if name.isEmpty, factor == 1, isCalendar(text, start, end, value) { return (nil, unitEnd) }
        return (Quantity(value: value, unit: name, range: start..<unitEnd), unitEnd)
    }

    /// Reads "1,000", "1.000,5", "4.5" and "4,5": the last separator followed by anything but three digits is the decimal one.
    private static func number(_ digits: Substring) -> Double? {
        let parts = digits.split(whereSeparator: { $0 == "." || $0 == "," })
        guard let last = parts.last else { return nil }
        let isDecimal = parts.count == 2 && (last.count != 3 || parts[0] == "0") || parts.count > 2 && last.count != 3
        let whole = (isDecimal ? parts.dropLast() : parts[...]).joined()
        return Double(isDecimal ? "\(whole).\(last)" : whole)
    }

    private static let units: [(spellings: [String], name: String, factor: Double)] = [
        (["%", "percent", "prozent", "per cent"], "%", 1),
        (["ms", "milliseconds", "millisecond"], "ms", 1),
        (["seconds", "second", "sec", "s"], "s", 1),
        (["minutes", "minute", "min"], "min", 1),
        (["hours", "hour", "h"], "h", 1),
        (["days", "day"], "days", 1),
        (["weeks", "week"], "weeks", 1),
        (["€", "euro", "eur"], "€", 1),
        (["$", "dollars", "usd"], "$", 1),
        (["points", "pts"], "points", 1),
        (["x"], "x", 1),
        (["million", "m"], "", 1_000_000),
        (["thousand", "k"], "", 1_000),
    ]

    private static func unit(in text: String, after end: String.Index) -> (String, Double, String.Index) {
        var start = end
        if start < text.endIndex, text[start] == " " { start = text.index(after: start) }
        guard start < text.endIndex else { return ("", 1, end) }
        var wordEnd = start
        if text[start].isLetter {
            while wordEnd < text.endIndex, text[wordEnd].isLetter { wordEnd = text.index(after: wordEnd) }
        } else {
            wordEnd = text.index(after: start)
        }
        let word = text[start..<wordEnd].lowercased()
        for unit in units where unit.spellings.contains(word) {
            // "5 m" may be metres or minutes; only "5m" is five million.
            if unit.factor > 1, word.count == 1, start != end { continue }
            return (unit.name, unit.factor, wordEnd)
        }
        return ("", 1, end)
    }

    private static func isCalendar(
        _ text: String,
        _ start: String.Index,
        _ end: String.Index,
        _ value: Double
    ) -> Bool {
        if (1_990...2_100).contains(value), text.distance(from: start, to: end) == 4 { return true }
        // "1." or "2)" at the start of a line numbers a list.
        let atLineStart = start == text.startIndex || text[text.index(before: start)].isNewline
        if atLineStart, end < text.endIndex, ".):".contains(text[end]) { return true }
        if start > text.startIndex {
            let before = text[text.index(before: start)]
            if before == "-" || before == "/" || before == "#" { return true }
        }
        return end < text.endIndex && (text[end] == "/" || text[end] == ":" && atLineStart)
    }
}
