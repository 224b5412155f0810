import SpanKitPlatform

/// Extracts an objective and key results from a text.
///
/// The prompt asks models to write:
/// ```
/// Objective: Make the checkout something shoppers can rely on
/// KR1: Checkout errors from 4 % to 1 %
/// KR2: Orders finished in one attempt from 62 % to 80 %
/// ```
/// Variants that people write are also recognised: `**Objective:**`, `O:`, `- Key result 2 –`, and numbered lists below
/// "Key results". "KR2" replaces the second key result. In a user's message, a sentence with a start and a target ("from 4 %
/// to 1 %") is also a key result. In a model's answer only labelled lines count, because its prose may contain examples.
public struct OKRExtractor: Sendable {
    /// Creates the extractor.
    public init() {}

    /// The draft, updated with the objective and the key results in a text.
    ///
    /// An objective replaces the old one. A key result replaces the one about the same subject or with the same number;
    /// otherwise it is appended.
    /// - Parameter source: The author of the text.
    public func extract(
        from text: String,
        source: AntiPatternFinding.Source = .input,
        into draft: OKRDraft = OKRDraft()
    ) -> OKRDraft {
        var result = draft
        for (_, label) in Self.lines(of: text) {
            switch label {
            case .objective(let rest):
                if let objective = Self.objective(rest) { result.objective = objective }
            case .keyResult(let number, let rest):
                if let keyResult = Self.keyResult(rest) { result.keyResults.merge(keyResult, number: number) }
            case .keyResultsHeading: break
            case .text(let rest):
                guard source == .input else { continue }
                for keyResult in Self.keyResults(inFreeText: rest) { result.keyResults.merge(keyResult) }
            }
        }
        return result
    }

    /// The lines that state an objective or a key result: what a model proposes, without the prose around it.
    static func labelledLines(of text: String) -> String {
        lines(of: text).compactMap { line, label -> Substring? in
            if case .text = label { nil } else { line }
        }.joined(separator: "\n")
    }

    private enum Label {
        case objective(Substring)
        case keyResult(number: Int?, Substring)
        case keyResultsHeading
        case text(Substring)
    }

    private static func lines(of text: String) -> [(line: Substring, label: Label)] {
        var isInResults = false
        return text.prefix(Words.maximumBytes).split(whereSeparator: \.isNewline).map { line in
            let label = label(of: withoutMarkdown(line), isInResults: isInResults)
            switch label {
            case .keyResult, .keyResultsHeading: isInResults = true
            case .objective, .text: isInResults = false
            }
            return (line, label)
        }
    }

    /// - Parameter isInResults: Whether the line follows a key result or the heading "Key results". List items there are key
    ///   results.
    private static func label(of line: Substring, isInResults: Bool) -> Label {
        let (isListItem, afterMarker) = listMarker(line)
        let lower = afterMarker.prefix(24).lowercased()
        for name in ["objective", "o", "ziel"] {
            if let (_, rest) = after(label: name, lower, afterMarker) { return .objective(rest) }
        }
        if lower.hasPrefix("key results") || lower.hasPrefix("krs:") { return .keyResultsHeading }
        for name in ["key result", "kr", "schlüsselergebnis"] {
            if let (number, rest) = after(label: name, lower, afterMarker) { return .keyResult(number: number, rest) }
        }
        guard isListItem else { return .text(line) }
        return isInResults ? .keyResult(number: nil, afterMarker) : .text(afterMarker)
    }

    /// The number after a label, and the text after the colon or dash that follows it.
    private static func after(label: String, _ lower: String, _ line: Substring) -> (Int?, Substring)? {
        guard lower.hasPrefix(label) else { return nil }
        var rest = line.dropFirst(label.count)
        while let first = rest.first, first == " " || first == "#" { rest.removeFirst() }
        let digits = rest.prefix { $0.isNumber }
        rest = rest.dropFirst(digits.count).trimmingWhitespace()
        guard let separator = rest.first, ":–—-".contains(separator) else { return nil }
        return (Int(digits), rest.dropFirst().trimmingWhitespace())
    }

    private static func listMarker(_ line: Substring) -> (Bool, Substring) {
        if let first = line.first, "-*•".contains(first) { return (true, line.dropFirst().trimmingWhitespace()) }
        let digits = line.prefix { $0.isNumber }
        if !digits.isEmpty, digits.count < 3, let next = line.dropFirst(digits.count).first, ".)".contains(next) {
            return (true, line.dropFirst(digits.count + 1).trimmingWhitespace())
        }
        return (false, line)
    }

    /// A line without white space and Markdown at its ends, and without emphasis.
    private static func withoutMarkdown(_ line: Substring) -> Substring {
        var text = Substring(String(line.trimmingWhitespace()).filter { $0 != "*" || line.first == "*" && $0 != "*" })
        while let first = text.first, "#>_`".contains(first) { text.removeFirst() }
        while let last = text.last, "_`".contains(last) { text.removeLast() }
        return text.trimmingWhitespace()
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
        return words.sentences.indices.compactMap { index in
            let sentence = words.text(of: index).trimmingQuotes
            guard !words.isQuestion(index), sentence.count <= 300 else { return nil }
            let keyResult = measured(withoutIntention(sentence))
            return keyResult.baseline != nil && keyResult.target != nil ? keyResult : nil
        }
    }

    /// "We want to cut churn from 5 % to 3 %" becomes "Cut churn from 5 % to 3 %".
    private static func withoutIntention(_ sentence: Substring) -> String {
        let lower = sentence.lowercased()
        let starts = [
            "we want to ", "i want to ", "we will ", "we'll ", "we plan to ", "we need to ", "we aim to ",
            "our goal is to ", "so we want to ", "and ", "also ", "then ", "first, ", "second, ", "third, ",
            "we'd like to ", "i'd like to ",
        ]
        guard let start = starts.first(where: { lower.hasPrefix($0) }) else { return String(sentence) }
        let rest = sentence.dropFirst(start.count)
        return rest.prefix(1).uppercased() + rest.dropFirst()
    }

    /// A key result with the start and target that its text names. The words before a number decide which it is.
    static func measured(_ text: String) -> KeyResult {
        var result = KeyResult(text: text)
        let quantities = Quantity.all(in: text)
        for (position, quantity) in quantities.enumerated() {
            let start = position == 0 ? text.startIndex : quantities[position - 1].range.upperBound
            switch role(of: text[start..<quantity.range.lowerBound]) {
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

    /// The role of a number, as the last three words before it show.
    private static func role(of lead: Substring) -> Role {
        if ["→", "->", "=>"].contains(where: { lead.suffix(6).contains($0) }) { return .target }
        return Words(String(lead.suffix(40))).words.suffix(3).reversed().lazy.compactMap { roles[$0.text] }.first
            ?? .other
    }

    private static let roles: [String: Role] = [
        "from": .baseline, "currently": .baseline, "today": .baseline, "baseline": .baseline, "von": .baseline,
        "was": .baseline, "is": .baseline, "at": .baseline, "to": .target, "below": .target, "under": .target,
        "above": .target, "least": .target, "over": .target, "reach": .target, "target": .target, "auf": .target,
        "than": .target, "within": .target, "by": .other,
    ]
}

extension [KeyResult] {
    /// Replaces the key result about the same subject or with this number, or appends a new one.
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
    /// The words before the first number that distinguish this key result from others.
    var subject: Set<String> {
        let head = text.prefix { !$0.isNumber && $0 != "(" }
        let words = Words(String(head)).words.map(\.text)
        let subject = words.filter { $0.count > 2 && !Self.fillers.contains($0) }
        return Set(subject.isEmpty ? words : subject)
    }

    private static let fillers: Set<String> = [
        "from", "the", "our", "increase", "reduce", "raise", "lower", "cut", "grow", "improve", "decrease", "bring",
        "get", "and", "below", "under", "above", "least", "for", "with", "bring", "down", "currently", "today", "that",
        "want", "will",
    ]
}

extension Substring {
    /// The text without white space, quotation marks and a final full stop at its ends.
    fileprivate var trimmingQuotes: Substring {
        var text = trimmingWhitespace()
        while let first = text.first, "\"“„'".contains(first) { text.removeFirst() }
        while let last = text.last, "\"”“'.".contains(last) { text.removeLast() }
        return text.trimmingWhitespace()
    }
}
