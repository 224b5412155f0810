import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import SpanKitTestSupport

/// Random filters and spans of few keys and values, so that many filters are true.
struct RandomFilters {
    private var random: SplitMix64
    private static let keys = [
        "a", "http.route", "name", "and", "Not", "with blank", "quote\"", "back\\slash", "é", "e\u{301}",
    ]
    private static let texts = [
        "x", "5", "5.0", "-3", "5ms", "or", "", "a b", "\"q\"", "li\nne", "t\tab", "é", "e\u{301}", "(", "~",
    ]
    private static let numbers = ["5", "-3", "0", "5.0", "0.25", "503", "9007199254740993"]

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    private mutating func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

    private mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

    mutating func filter(depth: Int) -> SpanFilter {
        if depth == 0 || below(3) == 0 { return condition() }
        switch below(3) {
        case 0: return .not(filter(depth: depth - 1))
        case 1: return .any((0..<2 + below(2)).map { _ in filter(depth: depth - 1) })
        default: return .all((0..<2 + below(2)).map { _ in filter(depth: depth - 1) })
        }
    }

    private mutating func condition() -> SpanFilter {
        let equality: [SpanFilter.Comparison] = [.equal, .notEqual]
        switch below(9) {
        case 0: return .compares(.service, pick(SpanFilter.Comparison.allCases), .text(ByteText(pick(Self.texts))))
        case 1: return .compares(.name, pick(SpanFilter.Comparison.allCases), .text(ByteText(pick(Self.texts))))
        case 2: return .compares(.kind, pick(equality), .kind(pick(RecordedSpan.Kind.allCases)))
        case 3: return .compares(.status, pick(equality), .status(pick(SpanStatus.allCases)))
        case 4: return below(2) == 0 ? .has(.error) : .compares(.error, pick(equality), .truth(below(2) == 0))
        case 5:
            let comparison = pick(SpanFilter.Comparison.allCases.filter { $0 != .contains })
            return .compares(
                .duration,
                comparison,
                .duration(Int64(pick([0, 1, 999, 1_000, 5_000_000, 60_000_000_000])))
            )
        case 6: return .has(.attribute(ByteText(pick(Self.keys))))
        default:
            let key = SpanFilter.Field.attribute(ByteText(pick(Self.keys)))
            let comparison = pick(SpanFilter.Comparison.allCases)
            if comparison != .contains, below(2) == 0, let number = FilterNumber(pick(Self.numbers)) {
                return .compares(key, comparison, .number(number))
            }
            return .compares(key, comparison, .text(ByteText(pick(Self.texts))))
        }
    }

    mutating func span() -> DecodedSpan {
        let start = below(10) == 0 ? 0 : Int64(1_000)
        var span = RecordedSpan(
            name: pick(Self.texts),
            context: SpanContext(traceID: TraceID(high: 0, low: 1), spanID: SpanID(rawValue: 1)),
            kind: pick(RecordedSpan.Kind.allCases),
            startUnixNanoseconds: start,
            endUnixNanoseconds: below(10) == 0 ? 0 : 1_000 + Int64(pick([-5, 0, 1, 1_000, 5_000_000, 60_000_000_000]))
        )
        span.status = pick([.unset, .ok, .error("")])
        if below(4) == 0 { span.events = [.init(name: "exception", unixNanoseconds: 1)] }
        span.attributes = (0..<below(6)).map { _ in Attribute(pick(Self.keys), value(depth: 1)) }
        var resource = Resource(attributes: [Attribute(pick(Self.keys), value(depth: 1))])
        if below(4) > 0 { resource["service.name"] = .string(pick(Self.texts)) }
        return DecodedSpan(resource: resource, scope: InstrumentationScope(), span: span)
    }

    private mutating func value(depth: Int) -> AttributeValue {
        switch below(depth == 0 ? 6 : 8) {
        case 0, 1: .string(pick(Self.texts))
        case 2: .int(Int64(pick([5, -3, 0, 503, 9_007_199_254_740_992, 9_007_199_254_740_993])))
        case 3: .double(pick([5, 0.25, -3, .nan, .infinity]))
        case 4: .bool(below(2) == 0)
        case 5: .null
        case 6: .array((0..<below(3)).map { _ in value(depth: 0) })
        default: .map([Attribute("x", 5)])
        }
    }
}

/// Evaluates filters by the words of docs/analyzing-traces.md, without regard to speed.
enum SimpleEvaluation {
    static func isTrue(_ filter: SpanFilter, _ span: DecodedSpan) -> Bool {
        switch filter {
        case .any(let parts): return parts.map { isTrue($0, span) }.contains(true)
        case .all(let parts): return !parts.map { isTrue($0, span) }.contains(false)
        case .not(let part): return !isTrue(part, span)
        case .has(.attribute(let key)):
            guard let value = attribute(key, span) else { return false }
            return value != .bool(false)
        case .has: return isFailed(span)
        // SpanTextTests states these.
        case .mentions(let text): return SpanText.contains(text.text, in: span.span)
        case .compares(let field, let comparison, let value):
            // `!=` is true where `=` is not, if the span has the field.
            if comparison == .notEqual {
                return hasField(field, span) && !isTrue(.compares(field, .equal, value), span)
            }
            return compare(field, comparison, value, span)
        }
    }

    private static func isFailed(_ span: DecodedSpan) -> Bool {
        if case .error = span.span.status { return true }
        return span.span.status == .unset && span.span.events.contains { $0.name == "exception" }
    }

    private static func attribute(_ key: ByteText, _ span: DecodedSpan) -> AttributeValue? {
        for list in [span.span.attributes.reversed(), span.resource.attributes.reversed()] {
            for attribute in list where Array(attribute.key.utf8) == Array(key.text.utf8) && attribute.value != .null {
                return attribute.value
            }
        }
        return nil
    }

    private static func hasField(_ field: SpanFilter.Field, _ span: DecodedSpan) -> Bool {
        switch field {
        case .attribute(let key): attribute(key, span) != nil
        case .duration: span.span.startUnixNanoseconds != 0 && span.span.endUnixNanoseconds != 0
        default: true
        }
    }

    private static func compare(
        _ field: SpanFilter.Field,
        _ comparison: SpanFilter.Comparison,
        _ value: SpanFilter.Value,
        _ span: DecodedSpan
    ) -> Bool {
        guard hasField(field, span) else { return false }
        switch (field, value) {
        case (.service, .text(let text)):
            var service = ""
            if case .string(let name)? = span.resource["service.name"] { service = name }
            return texts(service, comparison, text.text)
        case (.name, .text(let text)): return texts(span.span.name, comparison, text.text)
        case (.kind, .kind(let kind)): return span.span.kind == kind
        case (.error, .truth(let truth)): return isFailed(span) == truth
        case (.status, .status(let status)):
            let own: SpanStatus = isFailed(span) ? .error : span.span.status == .ok ? .ok : .unset
            return own == status
        case (.duration, .duration(let limit)):
            let length = max(0, span.span.endUnixNanoseconds - span.span.startUnixNanoseconds)
            return numbers("\(length)", comparison, "\(limit)")
        case (.attribute(let key), _):
            guard let own = attribute(key, span) else { return false }
            if case .array(let elements) = own { return elements.contains { element($0, comparison, value) } }
            return element(own, comparison, value)
        default: return false
        }
    }

    private static func element(
        _ own: AttributeValue,
        _ comparison: SpanFilter.Comparison,
        _ value: SpanFilter.Value
    ) -> Bool {
        let (other, isNumber) =
            switch value {
            case .text(let text): (text.text, false)
            case .number(let number): (number.text.text, true)
            default: ("", false)
            }
        switch own {
        case .string(let text) where isNumber:
            return comparison == .equal && texts(text, .equal, other) || numbers(text, comparison, other)
        case .string(let text): return texts(text, comparison, other)
        case .int(let number):
            return comparison == .contains
                ? texts("\(number)", comparison, other) : numbers("\(number)", comparison, other)
        case .double(let number):
            if comparison == .contains { return texts("\(number)", comparison, other) }
            guard let right = decimal(other), !number.isNaN else { return false }
            // All numbers of these tests except 2^53 + 1 are exact.
            let left = number.isInfinite ? Int128.max : Int128(number * 100)
            return order(left == right ? 0 : left < right ? -1 : 1, comparison)
        case .bool(let truth):
            return !isNumber && (comparison == .equal || comparison == .contains)
                && texts("\(truth)", comparison, other)
        default: return false
        }
    }

    private static func texts(_ left: String, _ comparison: SpanFilter.Comparison, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        if comparison == .contains {
            return right.isEmpty || left.indices.contains { left[$0...].starts(with: right) }
        }
        return order(left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1, comparison)
    }

    private static func numbers(_ left: String, _ comparison: SpanFilter.Comparison, _ right: String) -> Bool {
        guard let left = decimal(left), let right = decimal(right) else { return false }
        return order(left == right ? 0 : left < right ? -1 : 1, comparison)
    }

    /// Hundredths; `nil` for a text that is not a number.
    private static func decimal(_ text: String) -> Int128? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = Int128(parts[0]), !text.hasPrefix("+") else { return nil }
        guard parts.count == 2 else { return whole * 100 }
        guard let hundredths = Int128((parts[1] + "00").prefix(2)) else { return nil }
        return whole * 100 + (text.hasPrefix("-") ? -hundredths : hundredths)
    }

    private static func order(_ order: Int, _ comparison: SpanFilter.Comparison) -> Bool {
        switch comparison {
        case .equal: order == 0
        case .less: order < 0
        case .atMost: order <= 0
        case .greater: order > 0
        case .atLeast: order >= 0
        default: false
        }
    }
}
