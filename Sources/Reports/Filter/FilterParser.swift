import SpanKitPlatform
import SpanKitRecording

extension SpanFilter {
    /// Parses a filter.
    ///
    ///     or      = and { "or" and }
    ///     and     = not { "and" not }
    ///     not     = "not" not | "(" or ")" | FIELD | FIELD OPERATOR VALUE
    ///     FIELD   = a field of the subject | the key of an attribute, in quotation marks if needed
    ///     OPERATOR = "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~"
    ///
    /// - Parameter searchesText: Whether a text alone in quotation marks is searched everywhere, instead of being the key of an attribute.
    package init(
        _ text: String,
        of subject: Subject = .spans,
        searchesText: Bool = false
    ) throws(FilterProblem) {
        var parser = FilterParser(text, of: subject, searchesText: searchesText)
        self = try parser.parse()
    }
}

/// The position of a syntax error in a filter, and what was expected there.
package struct FilterProblem: Error, Equatable, CustomStringConvertible {
    /// The character, counted from 1.
    package let place: Int
    package let reason: String

    package var description: String { "character \(place): \(reason)" }
}

/// A parser by recursive descent.
private struct FilterParser {
    private enum Token {
        case word(String)
        case quoted(String)
        case comparison(SpanFilter.Comparison)
        case open, close, end
    }

    /// The maximum depth of parentheses and negations. Each level uses some of the stack.
    private static let deepest = 100

    private let text: [Unicode.Scalar]
    private let subject: SpanFilter.Subject
    private let searchesText: Bool
    private var next = 0
    private var token = Token.end
    /// The start of the token.
    private var start = 0

    init(_ text: String, of subject: SpanFilter.Subject, searchesText: Bool) {
        self.subject = subject
        self.searchesText = searchesText
        self.text = Array(text.unicodeScalars)
    }

    mutating func parse() throws(FilterProblem) -> SpanFilter {
        try advance()
        let filter = try disjunction(depth: 0)
        switch token {
        case .end: return filter
        case .close: throw FilterProblem(place: start + 1, reason: "there is no '(' for this ')'")
        default: throw expected("'and', 'or' or the end")
        }
    }

    private mutating func disjunction(depth: Int) throws(FilterProblem) -> SpanFilter {
        var parts = [try conjunction(depth: depth)]
        while isKeyword("or") {
            try advance()
            parts.append(try conjunction(depth: depth))
        }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction(depth: Int) throws(FilterProblem) -> SpanFilter {
        var parts = [try negation(depth: depth)]
        while isKeyword("and") {
            try advance()
            parts.append(try negation(depth: depth))
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation(depth: Int) throws(FilterProblem) -> SpanFilter {
        guard depth < Self.deepest else {
            throw FilterProblem(place: start + 1, reason: "more than \(Self.deepest) levels of parentheses and 'not'")
        }
        if isKeyword("not") {
            try advance()
            return .not(try negation(depth: depth + 1))
        }
        if case .open = token {
            let opened = start
            try advance()
            let filter = try disjunction(depth: depth + 1)
            guard case .close = token else {
                throw expected("'and', 'or', or ')' for the '(' at character \(opened + 1)")
            }
            try advance()
            return filter
        }
        return try condition()
    }

    private mutating func condition() throws(FilterProblem) -> SpanFilter {
        let field: SpanFilter.Field
        var searched: String?
        switch token {
        case .quoted(let text) where searchesText && !text.isEmpty:
            (field, searched) = (.attribute(ByteText(text)), text)
        case .word(let word) where !SpanFilter.isKeyword(word): field = SpanFilter.Field(word: word, of: subject)
        case .quoted(let key) where !key.isEmpty: field = .attribute(ByteText(key))
        default: throw expected("a field, such as \(subject.sample)")
        }
        try advance()
        guard case .comparison(let comparison) = token else {
            if let searched { return .mentions(ByteText(searched)) }
            switch field {
            case .error, .attribute: return .has(field)
            default: throw expected("an operator after '\(field)'")
            }
        }
        guard field.comparisons.contains(comparison) else {
            let known = field.comparisons.map(\.rawValue).joined(separator: " ")
            throw FilterProblem(
                place: start + 1,
                reason: "'\(field)' cannot be compared with '\(comparison.rawValue)', only with \(known)"
            )
        }
        try advance()
        let value = try value(for: field, comparison)
        try advance()
        return .compares(field, comparison, value)
    }

    private func value(
        for field: SpanFilter.Field,
        _ comparison: SpanFilter.Comparison
    ) throws(FilterProblem) -> SpanFilter.Value {
        let text: String
        var isQuoted = false
        switch token {
        case .word(let word) where !SpanFilter.isKeyword(word): text = word
        case .word(let word): throw expected("a value; write \"\(word)\" in quotation marks if it is one")
        case .quoted(let content): (text, isQuoted) = (content, true)
        default: throw expected("a value after '\(comparison.rawValue)'")
        }
        switch field {
        case .service, .name, .body, .logger, .event: return .text(ByteText(text))
        case .severity:
            guard let level = LogLevel(text) else {
                throw expected("one of \(LogLevel.names.joined(separator: ", ")), or a number from 1 to 24")
            }
            return .level(level)
        case .duration:
            guard let nanoseconds = DurationText.nanoseconds(text) else {
                throw expected("a duration with a unit, such as 500ms or 1.5s")
            }
            return .duration(nanoseconds)
        case .kind:
            let name = text.lowercased().replacing("span_kind_", with: "", maxReplacements: 1)
            guard let kind = RecordedSpan.Kind.allCases.first(where: { $0.name == name }) else {
                throw expected("one of \(RecordedSpan.Kind.allCases.map(\.name).joined(separator: ", "))")
            }
            return .kind(kind)
        case .status:
            guard let status = SpanStatus(rawValue: text.lowercased()) else {
                throw expected("one of \(SpanStatus.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return .status(status)
        case .error:
            guard let truth = Bool(text.lowercased()) else { throw expected("true or false") }
            return .truth(truth)
        case .attribute:
            if !isQuoted, comparison != .contains, let number = FilterNumber(text) { return .number(number) }
            guard !isQuoted, comparison.isOrder else { return .text(ByteText(text)) }
            if let number = FilterNumber(ordered: text) { return .number(number) }
            if DurationText.nanoseconds(text) != nil {
                throw expected("a number; only 'duration' is compared with a duration")
            }
            if SpanFilter.looksLikeNumber(text) {
                throw expected(
                    "a number such as 1000, 0.5 or 1e3; to compare texts, write \"\(text)\" in quotation marks"
                )
            }
            return .text(ByteText(text))
        }
    }

    private func isKeyword(_ keyword: String) -> Bool {
        if case .word(let word) = token { word.lowercased() == keyword } else { false }
    }

    private func expected(_ what: String) -> FilterProblem {
        let found =
            switch token {
            case .end: "the filter ends"
            default: "found '\(String(String.UnicodeScalarView(text[start..<next])))'"
            }
        return FilterProblem(place: start + 1, reason: "expected \(what), but \(found)")
    }

    // MARK: Tokens

    private mutating func advance() throws(FilterProblem) {
        while next < text.count, text[next].properties.isWhitespace { next += 1 }
        start = next
        guard next < text.count else {
            token = .end
            return
        }
        switch text[next] {
        case "(", ")":
            token = text[next] == "(" ? .open : .close
            next += 1
        case "\"", "'": token = .quoted(try quoted(by: text[next]))
        case "=", "<", ">", "!", "~": token = .comparison(try comparison())
        case "&", "|":
            throw FilterProblem(
                place: start + 1,
                reason: "'\(text[next])' has no meaning; write 'and' or 'or', or use quotation marks"
            )
        default:
            while next < text.count, !SpanFilter.endsWord(text[next]) { next += 1 }
            token = .word(String(String.UnicodeScalarView(text[start..<next])))
        }
    }

    private mutating func comparison() throws(FilterProblem) -> SpanFilter.Comparison {
        while next < text.count, "=<>!~".unicodeScalars.contains(text[next]) { next += 1 }
        let sign = String(String.UnicodeScalarView(text[start..<next]))
        if sign == "==" { return .equal }
        if let comparison = SpanFilter.Comparison(rawValue: sign) { return comparison }
        let advice =
            switch sign {
            case "=~": "there are no regular expressions; '~' means 'contains'"
            case "!~": "write 'not FIELD ~ VALUE'"
            case "!": "write 'not'"
            default: "expected one of = != < <= > >= ~"
            }
        throw FilterProblem(place: start + 1, reason: "'\(sign)' is not an operator; \(advice)")
    }

    private mutating func quoted(by mark: Unicode.Scalar) throws(FilterProblem) -> String {
        var content = String.UnicodeScalarView()
        next += 1
        while next < text.count, text[next] != mark {
            guard text[next] == "\\" else {
                content.append(text[next])
                next += 1
                continue
            }
            switch next + 1 < text.count ? text[next + 1] : " " {
            case let scalar where "\"'\\".unicodeScalars.contains(scalar): content.append(scalar)
            case "n": content.append("\n")
            case "t": content.append("\t")
            default:
                throw FilterProblem(place: next + 1, reason: "after '\\', expected a quotation mark, '\\', n or t")
            }
            next += 2
        }
        guard next < text.count else {
            throw FilterProblem(place: start + 1, reason: "the quotation mark is not closed")
        }
        next += 1
        return String(content)
    }
}

extension SpanFilter.Field {
    /// The comparisons that the field supports.
    var comparisons: [SpanFilter.Comparison] {
        switch self {
        case .kind, .status, .error: [.equal, .notEqual]
        case .duration, .severity: [.equal, .notEqual, .less, .atMost, .greater, .atLeast]
        case .service, .name, .body, .logger, .event, .attribute: SpanFilter.Comparison.allCases
        }
    }
}
