import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

// What the JSON of Jaeger and Zipkin has in common.

extension FieldReader {
    /// A time or a duration in microseconds, as nanoseconds.
    mutating func microseconds() throws(Failure) -> Int64 {
        Int64(try unsigned(atMost: UInt64(Int64.max) / 1_000)) * 1_000
    }

    /// An id of 1 to 32 hexadecimal digits. Leading zeros may be missing, as in ids of 64 bits.
    mutating func paddedTraceID() throws(Failure) -> TraceID {
        let (high, low) = try paddedNumber(digits: 32)
        return TraceID(high: high, low: low)
    }

    /// An id of 1 to 16 hexadecimal digits.
    mutating func paddedSpanID() throws(Failure) -> SpanID {
        SpanID(rawValue: try paddedNumber(digits: 16).low)
    }

    /// Reads a hexadecimal number of 1 to `digits` digits; any other text is read as 0.
    private mutating func paddedNumber(digits: Int) throws(Failure) -> (high: UInt64, low: UInt64) {
        try tolerating((0, 0), "it is left out") { (fields) throws(Failure) in
            let token = try fields.cursor.scalar()
            return token.withBytes { bytes in
                guard token.isText, 1...digits ~= bytes.count else { return (0, 0) }
                var high: UInt64 = 0
                var low: UInt64 = 0
                for byte in bytes {
                    guard let digit = byte.hexadecimalValue else { return (0, 0) }
                    high = high << 4 | low >> 60
                    low = low << 4 | UInt64(digit)
                }
                return (high, low)
            }
        }
    }

    /// A scalar with the type that JSON gives it.
    mutating func plainValue() throws(Failure) -> AttributeValue {
        try tolerating(.null, "it is read as null") { (fields) throws(Failure) in
            Self.plain(try fields.cursor.scalar())
        }
    }
}

/// The tags of a span for which OTLP has its own fields.
struct SpanTags {
    private(set) var attributes = UniqueAttributes()
    private var taken: [String: AttributeValue] = [:]

    /// The tags that become fields, as the exporters of OpenTelemetry write them.
    private static let fields: Set<String> = [
        "span.kind", "otel.status_code", "otel.status_description", "otel.scope.name", "otel.scope.version",
        "otel.library.name", "otel.library.version", "w3c.tracestate",
    ]

    mutating func set(_ key: String, _ value: AttributeValue) {
        if Self.fields.contains(key) { taken[key] = value } else { attributes.set(Attribute(key, value)) }
    }

    subscript(key: String) -> String? {
        if case .string(let text) = taken[key] { text } else { nil }
    }

    var scope: InstrumentationScope {
        InstrumentationScope(
            name: self["otel.scope.name"] ?? self["otel.library.name"] ?? "",
            version: self["otel.scope.version"] ?? self["otel.library.version"] ?? ""
        )
    }

    /// The kind; nil if there is no tag `span.kind` or it has an unknown value.
    var kind: RecordedSpan.Kind? { self["span.kind"].flatMap(Self.kind) }

    /// The kind with this name; nil if it is unknown.
    static func kind(_ word: String) -> RecordedSpan.Kind? {
        switch word.lowercased() {
        case "server": .server
        case "client": .client
        case "producer": .producer
        case "consumer": .consumer
        case "internal": .internal
        default: nil
        }
    }

    /// The status from `otel.status_code`, or else from the tag `error`. The tag `error` also stays an attribute.
    var status: RecordedSpan.Status {
        let description = self["otel.status_description"]
        let error = attributes.list.first { $0.key == "error" }?.value
        switch self["otel.status_code"]?.uppercased() {
        case "OK" where error != true: return .ok
        case "ERROR": return .error(description ?? Self.text(of: error))
        default: break
        }
        switch error {
        case nil, .bool(false), .string("false"), .null: return .unset
        default: return .error(description ?? Self.text(of: error))
        }
    }

    private static func text(of error: AttributeValue?) -> String {
        if case .string(let text) = error, text != "true" { text } else { "" }
    }
}
