/// Reads an objective and key results out of a text.
///
/// The coach's models are asked to write
/// ```
/// Objective: Make the checkout something shoppers can rely on
/// KR1: Checkout errors from 4 % to 1 %
/// KR2: Orders finished in one attempt from 62 % to 80 %
/// ```
/// and people write much the same with other dressing: `**Objective:**`, `O:`, `- Key result 2 –`, numbered lists below
/// "Key results". "KR2" is the second key result: it replaces the one that was there. In what a person writes, a sentence with a start
/// and a target ("from 4 % to 1 %") also counts as a key result. In a model's answer only the lines above count: its prose may hold
/// examples that are not the person's.
public struct OKRExtractor: Sendable {
    /// Creates the extractor.
    public init() {}

    /// What the text adds to a draft. A new objective replaces the old one; a key result about the same thing replaces the
    /// old one; others are appended.
    /// - Parameter source: whose text it is.
    public func extract(
        from text: String,
        source: AntiPatternFinding.Source = .input,
        into draft: OKRDraft = OKRDraft()
    ) -> OKRDraft {
        var result = draft
        var isInResults = false
        for line in text.prefix(Words.maximumBytes).split(whereSeparator: \.isNewline) {
            let plain = Self.withoutDressing(line)
            switch Self.label(of: plain) {
            case .objective(let rest):
                isInResults = false
                if let objective = Self.objective(rest) { result.objective = objective }
            case .keyResult(let number, let rest):
                isInResults = true
                if let keyResult = Self.keyResult(rest) { result.keyResults.merge(keyResult, number: number) }
            case .keyResultsHeading:
                isInResults = true
            case .listItem(let rest) where isInResults:
                if let keyResult = Self.keyResult(rest) { result.keyResults.merge(keyResult) }
            case .listItem(let rest), .text(let rest):
                isInResults = false
                guard source == .input else { continue }
                for keyResult in Self.keyResults(inFreeText: rest) { result.keyResults.merge(keyResult) }
            }
        }
        return result
    }

    /// The lines that state an objective or a key result, and no others: what a model proposes, without the prose around it.
    static func labelledLines(of text: String) -> String {
        var isInResults = false
        return text.prefix(Words.maximumBytes).split(whereSeparator: \.isNewline).filter { line in
            switch label(of: withoutDressing(line)) {
            case .keyResult, .keyResultsHeading:
                isInResults = true
                return true
            case .objective:
                isInResults = false
                return true
            case .listItem: return isInResults
            case .text:
                isInResults = false
                return false
            }
        }.joined(separator: "\n")
    }

    private enum Label {
        case objective(Substring)
        case keyResult(number: Int?, Substring)
        case keyResultsHeading
        case listItem(Substring)
        case text(Substring)
    }

    private static func label(of line: Substring) -> Label {
        let (marker, afterMarker) = listMarker(line)
        let lower = afterMarker.prefix(24).lowercased()
        for name in ["objective", "o", "ziel"] {
            if let (_, rest) = after(label: name, lower, afterMarker) { return .objective(rest) }
        }
        if lower.hasPrefix("key results") || lower.hasPrefix("krs:") { return .keyResultsHeading }
        for name in ["key result", "kr", "schlüsselergebnis"] {
            if let (number, rest) = after(label: name, lower, afterMarker) { return .keyResult(number: number, rest) }
        }
        return marker ? .listItem(afterMarker) : .text(line)
    }

    /// What follows "label", an optional number and a colon or dash.
    private static func after(label: String, _ lower: String, _ line: Substring) -> (Int?, Substring)? {
        guard lower.hasPrefix(label) else { return nil }
        var rest = line.dropFirst(label.count)
        while let first = rest.first, first == " " || first == "#" { rest.removeFirst() }
        let digits = rest.prefix { $0.isNumber }
        rest = rest.dropFirst(digits.count).trimmingSpaces
        guard let separator = rest.first, ":–—-".contains(separator) else { return nil }
        return (Int(digits), rest.dropFirst().trimmingSpaces)
    }

    private static func listMarker(_ line: Substring) -> (Bool, Substring) {
        if let first = line.first, "-*•".contains(first) { return (true, line.dropFirst().trimmingSpaces) }
        let digits = line.prefix { $0.isNumber }
        if !digits.isEmpty, digits.count < 3, let next = line.dropFirst(digits.count).first, ".)".contains(next) {
            return (true, line.dropFirst(digits.count + 1).trimmingSpaces)
        }
        return (false, line)
    }

    /// Without the emphasis and headings of Markdown, and without quotation marks around the whole.
    private static func withoutDressing(_ line: Substring) -> Substring {
        var text = Substring(String(line.trimmingSpaces).filter { $0 != "*" || line.first == "*" && $0 != "*" })
        while let first = text.first, "#>_`".contains(first) { text.removeFirst() }
        while let last = text.last, "_`".contains(last) { text.removeLast() }
        return text.trimmingSpaces
    }

    private static func objective(_ text: Substring) -> String? {
        let cleaned = text.trimmingQuotes
        return cleaned.count < 3 ? nil : String(cleaned.prefix(300))
    }

    private static func keyResult(_ text: Substring) -> KeyResult? {
        let cleaned = text.trimmingQuotes
        guard cleaned.count >= 3, cleaned.last != "?" else { return nil }
        return measured(String(cleaned.prefix(300)))
    }

    private static func keyResults(inFreeText text: Substring) -> [KeyResult] {
        guard text.contains(where: \.isNumber) else { return [] }
        let words = Words(String(text))
        return words.sentences.compactMap { range in
            let sentence = words.source[range].trimmingQuotes
            guard !words.isQuestion(range), sentence.count <= 300 else { return nil }
            let keyResult = measured(withoutIntention(sentence))
            return keyResult.baseline != nil && keyResult.target != nil ? keyResult : nil
        }
    }

    /// "We want to cut churn from 5 % to 3 %" becomes "Cut churn from 5 % to 3 %".
    private static func withoutIntention(_ sentence: Substring) -> String {
        let lower = sentence.lowercased()
        let starts = [
            "we want to ", "i want to ", "we will ", "we'll ", "we plan to ", "we need to ", "we aim to ",
            "our goal is to ",
            "so we want to ", "and ", "also ", "then ", "first, ", "second, ", "third, ", "we'd like to ",
            "i'd like to ",
        ]
        guard let start = starts.first(where: { lower.hasPrefix($0) }) else { return String(sentence) }
        let rest = sentence.dropFirst(start.count)
        return rest.prefix(1).uppercased() + rest.dropFirst()
    }

    /// Finds start and target by the words before the numbers.
    static func measured(_ text: String) -> KeyResult {
        var result = KeyResult(text: text)
        let quantities = Quantity.all(in: text)
        for (position, quantity) in quantities.enumerated() {
            let lead = text[
                (position == 0 ? text.startIndex : quantities[position - 1].range.upperBound)..<quantity.range
                    .lowerBound
            ]
            switch role(of: lead, isFirst: position == 0) {
            case .baseline where result.baseline == nil: result.baseline = quantity.value
            case .target where result.target == nil: result.target = quantity.value
            default: continue
            }
            if result.unit.isEmpty { result.unit = quantity.unit }
        }
        return result
    }

    private enum Role {
        case baseline
        case target
        case other
    }

    private static func role(of lead: Substring, isFirst: Bool) -> Role {
        let markers = Words(String(lead.suffix(40))).words.suffix(3).map(\.text)
        let tail = lead.suffix(6)
        if tail.contains("→") || tail.contains("->") || tail.contains("=>") { return .target }
        for word in markers.reversed() {
            if ["from", "currently", "today", "baseline", "von", "was", "is", "at"].contains(word) { return .baseline }
            if ["to", "below", "under", "above", "least", "over", "reach", "target", "auf", "than", "within"].contains(
                word
            ) {
                return .target
            }
            if word == "by" { return .other }
        }
        return .other
    }
}

extension [KeyResult] {
    /// Replaces the key result about the same thing, or the one of that number, or appends.
    fileprivate mutating func merge(_ new: KeyResult, number: Int? = nil) {
        if let same = firstIndex(where: { $0.subject == new.subject }) {
            var merged = new
            merged.baseline = new.baseline ?? self[same].baseline
            merged.target = new.target ?? self[same].target
            if merged.unit.isEmpty { merged.unit = self[same].unit }
            self[same] = merged
        } else if let number, indices.contains(number - 1) {
            self[number - 1] = new
        } else {
            append(new)
        }
    }
}

extension KeyResult {
    /// The words before the first number, without those that do not tell one key result from another.
    var subject: Set<String> {
        let head = text.prefix { !$0.isNumber && $0 != "(" }
        let words = Words(String(head)).words.map(\.text)
        let subject = words.filter { $0.count > 2 && !Self.fillers.contains($0) }
        return Set(subject.isEmpty ? words : subject)
    }

    private static let fillers: Set<String> = [
        "from", "the", "our", "increase", "reduce", "raise", "lower", "cut", "grow", "improve", "decrease", "bring",
        "get", "and",
        "below", "under", "above", "least", "for", "with", "bring", "down", "currently", "today", "that", "want",
        "will",
    ]
}

extension Substring {
    /// Without white space, quotation marks and a final full stop.
    fileprivate var trimmingQuotes: Substring {
        var text = trimmingSpaces
        while let first = text.first, "\"“„'".contains(first) { text.removeFirst() }
        while let last = text.last, "\"”“'.".contains(last) { text.removeLast() }
        return text.trimmingSpaces
    }
}
