import SpanKitInputs
import SpanKitPlatform
import SpanKitRecording

/// A condition on a span or a log record, such as `service=checkout and duration>500ms and not name~"GET /health"`.
///
/// A comparison is true only if the span or the record has the field. A list matches if one of its elements does.
package indirect enum SpanFilter: Sendable, Hashable {
    /// At least one of two or more conditions is true (`or`).
    case any([SpanFilter])
    /// All of two or more conditions are true (`and`).
    case all([SpanFilter])
    case not(SpanFilter)
    /// The span or the record has the attribute, and its value is not `false`. `error` alone: the span failed, or the record is an error.
    case has(Field)
    /// A text occurs in the span, at the borders of words and whether in capitals or not; see ``SpanText``. Log records: in their messages,
    /// too.
    case mentions(ByteText)
    case compares(Field, Comparison, Value)

    package enum Field: Sendable, Hashable {
        case service, name, kind, status, duration, error
        /// Fields of log records.
        case severity, body, logger, event
        /// An attribute of the span or, if the span does not have it, of its scope or its resource. The same holds for log records.
        case attribute(ByteText)
    }

    /// The kind of data that a filter is applied to. A name in the filter that is not in ``fields`` is the key of an
    /// attribute.
    package enum Subject: Sendable {
        case spans, logs

        /// The fields that are not attributes.
        package var fields: [Field] {
            switch self {
            case .spans: [.service, .name, .kind, .status, .duration, .error]
            case .logs: [.service, .severity, .body, .logger, .event, .error]
            }
        }

        /// A field for examples.
        var sample: String {
            self == .spans ? "service, name, duration or http.route" : "service, severity, body or http.route"
        }
    }

    package enum Comparison: String, Sendable, CaseIterable {
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
        /// The value contains a text.
        case contains = "~"

        var isOrder: Bool { [.less, .atMost, .greater, .atLeast].contains(self) }

        /// Whether the comparison is true if the first value is less than the second (negative `order`), equal (0) or
        /// greater (positive).
        func accepts(order: Int) -> Bool {
            switch self {
            case .equal: order == 0
            case .notEqual: order != 0
            case .less: order < 0
            case .atMost: order <= 0
            case .greater: order > 0
            case .atLeast: order >= 0
            case .contains: false
            }
        }
    }

    package enum Value: Sendable, Hashable {
        case text(ByteText)
        case number(FilterNumber)
        /// Nanoseconds.
        case duration(Int64)
        case kind(RecordedSpan.Kind)
        case status(SpanStatus)
        case level(LogLevel)
        case truth(Bool)
    }

    /// Whether the condition is true for a span.
    package func matches(_ span: DecodedSpan) -> Bool {
        switch self {
        case .any(let parts): parts.contains { $0.matches(span) }
        case .all(let parts): parts.allSatisfy { $0.matches(span) }
        case .not(let part): !part.matches(span)
        case .has(.attribute(let key)): span.attribute(key).map { $0 != .bool(false) } ?? false
        case .has: span.span.isError
        case .mentions(let text): SpanText.contains(text.text, in: span.span)
        case .compares(let field, let comparison, let value): Self.compare(span, field, comparison, value)
        }
    }

    private static func compare(
        _ span: DecodedSpan,
        _ field: Field,
        _ comparison: Comparison,
        _ value: Value
    ) -> Bool {
        switch (field, value) {
        case (.service, .text(let text)): comparison.isTrue(of: span.serviceName, text)
        case (.name, .text(let text)): comparison.isTrue(of: span.span.name, text)
        case (.kind, .kind(let kind)): comparison.accepts(order: span.span.kind == kind ? 0 : 1)
        case (.status, .status(let status)): comparison.accepts(order: SpanStatus(span.span) == status ? 0 : 1)
        case (.error, .truth(let truth)): comparison.accepts(order: span.span.isError == truth ? 0 : 1)
        case (.duration, .duration(let limit)):
            span.duration.map { comparison.accepts(order: $0 == limit ? 0 : $0 < limit ? -1 : 1) } ?? false
        case (.attribute(let key), _): span.attribute(key).map { comparison.isTrue(of: $0, value) } ?? false
        default: false
        }
    }

    /// The keys of all attributes in the condition.
    package var attributeKeys: Set<ByteText> {
        switch self {
        case .any(let parts), .all(let parts): parts.reduce(into: []) { $0.formUnion($1.attributeKeys) }
        case .not(let part): part.attributeKeys
        case .has(.attribute(let key)), .compares(.attribute(let key), _, _): [key]
        case .has, .compares, .mentions: []
        }
    }
}

/// The status of a span, by the rule of ``RecordedSpan/isError``.
package enum SpanStatus: String, Sendable, CaseIterable {
    case unset, ok, error

    package init(_ span: RecordedSpan) {
        switch span.status {
        case _ where span.isError: self = .error
        case .ok: self = .ok
        default: self = .unset
        }
    }
}

extension RecordedSpan.Kind {
    /// OpenTelemetry's name, such as `server`.
    package var name: String { "\(self)" }
}

extension DecodedSpan {
    /// The time from start to end in nanoseconds; 0 if the span ends before it starts, `nil` if a time is missing.
    var duration: Int64? {
        guard span.startUnixNanoseconds > 0, span.endUnixNanoseconds > 0 else { return nil }
        return max(0, span.endUnixNanoseconds - span.startUnixNanoseconds)
    }

    /// The value of an attribute of the span or, if the span does not have it, of its scope or its resource. Null is not a value.
    package func attribute(_ key: ByteText) -> AttributeValue? {
        span.attributes.value(of: key) ?? scope.value(of: key) ?? resource.attributes.value(of: key)
    }
}

extension InstrumentationScope {
    /// The value of an attribute of the scope. Its name and version are attributes under the names that OpenTelemetry has for formats
    /// without scopes ("Mapping to non-OTLP formats").
    func value(of key: ByteText) -> AttributeValue? {
        switch key.text {
        case "otel.scope.name": name.isEmpty ? nil : .string(name)
        case "otel.scope.version": version.isEmpty ? nil : .string(version)
        default: attributes.value(of: key)
        }
    }
}
