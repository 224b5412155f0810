/// A number in a text and its unit.
struct Quantity: Sendable, Equatable {
    var value: Double
    /// `%`, `ms`, `s`, `h`, `days`, `€`, `$`, `x`, `points` … or empty for a plain count.
    var unit: String
    var range: Range<String.Index>

    /// The quantities of a text in order. Years, dates, quarters and list numbers are not quantities.
    static func all(in text: String) -> [Quantity] {
        var quantities: [Quantity] = []
        var index = text.startIndex
        var previous: Character = "\n"
        while index < text.endIndex {
            let character = text[index]
            guard isDigit(character), !previous.isLetter, !previous.isNumber else {
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

    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }

    private static func read(_ text: String, at start: String.Index) -> (Quantity?, String.Index) {
        var end = start
        while end < text.endIndex {
            let next = text.index(after: end)
            guard isDigit(text[end]) || ".,".contains(text[end]) && next < text.endIndex && isDigit(text[next]) else {
                break
            }
            end = next
        }
        guard let number = number(text[start..<end]) else { return (nil, end) }
        var (unit, factor, unitEnd) = unit(in: text, after: end)
        let before = text[..<start].last
        if unit.isEmpty, let before, "$€£".contains(before) { unit = String(before) }
        if unit.isEmpty, factor == 1, isCalendar(text[start..<end], before, number, text[end...].first) {
            return (nil, unitEnd)
        }
        return (Quantity(value: number * factor, unit: unit, range: start..<unitEnd), unitEnd)
    }

    /// Reads "1,000", "1.000,5", "4.5" and "4,5". The last separator is the decimal one unless three digits follow it.
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
        let wordEnd = max(text.index(after: start), text[start...].firstIndex { !$0.isLetter } ?? text.endIndex)
        let word = text[start..<wordEnd].lowercased()
        for unit in units where unit.spellings.contains(word) {
            // "5 m" may be metres or minutes; only "5m" is five million.
            if unit.factor > 1, word.count == 1, start != end { continue }
            return (unit.name, unit.factor, wordEnd)
        }
        return ("", 1, end)
    }

    /// Whether digits are part of a date or are the number of a list item.
    private static func isCalendar(
        _ digits: Substring,
        _ before: Character?,
        _ value: Double,
        _ after: Character?
    ) -> Bool {
        if (1_990...2_100).contains(value), digits.count == 4 { return true }
        // "1." or "2)" at the start of a line numbers a list.
        let isAtLineStart = before?.isNewline ?? true
        if isAtLineStart, let after, ".):".contains(after) { return true }
        return before.map { "-/#".contains($0) } ?? false || after == "/"
    }
}
