import SpanKitInputs
import SpanKitPlatform
import SpanKitRecording

extension SpanFilter {
    /// Whether the condition is true for a log record.
    package func matches(_ log: DecodedLog) -> Bool {
        switch self {
        case .any(let parts): parts.contains { $0.matches(log) }
        case .all(let parts): parts.allSatisfy { $0.matches(log) }
        case .not(let part): !part.matches(log)
        case .has(.attribute(let key)): log.attribute(key).map { $0 != .bool(false) } ?? false
        case .has: log.isError
        case .mentions(let text): SpanText.contains(text.text, in: log)
        case .compares(let field, let comparison, let value): Self.compare(log, field, comparison, value)
        }
    }

    private static func compare(
        _ log: DecodedLog,
        _ field: Field,
        _ comparison: Comparison,
        _ value: Value
    ) -> Bool {
        switch (field, value) {
        case (.service, .text(let text)): comparison.isTrue(of: log.serviceName, text)
        case (.body, .text(let text)): log.body.map { comparison.isTrue(of: LogText.text($0), text) } ?? false
        case (.logger, .text(let text)): comparison.isTrue(of: log.scope.name, text)
        case (.event, .text(let text)): comparison.isTrue(of: log.eventName, text)
        case (.severity, .level(let level)):
            log.severity > 0 && comparison.accepts(order: level.order(of: log.severity))
        case (.error, .truth(let truth)): comparison.accepts(order: log.isError == truth ? 0 : 1)
        case (.attribute(let key), _): log.attribute(key).map { comparison.isTrue(of: $0, value) } ?? false
        default: false
        }
    }
}

extension DecodedLog {
    /// Whether the level is error or higher.
    package var isError: Bool { severity >= LogLevel.leastError }

    /// The value of an attribute of the record or, if the record does not have it, of its scope or its resource. Null is not a value.
    package func attribute(_ key: ByteText) -> AttributeValue? {
        attributes.value(of: key) ?? scope.value(of: key) ?? resource.attributes.value(of: key)
    }
}

extension [Attribute] {
    /// The last value of a key. Null is not a value.
    func value(of key: ByteText) -> AttributeValue? {
        // Equality of texts is fast, but also true for texts that Unicode calls equivalent.
        last { $0.key == key.text && ByteText($0.key) == key && $0.value != .null }?.value
    }
}
