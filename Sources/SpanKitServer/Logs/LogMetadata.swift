import Logging
import SpanKitRecording

/// The metadata of one log line, in order of precedence: the metadata of the call, of the metadata provider, and of the
/// logger. If a key occurs several times, the first of these values is used.
struct LogMetadata {
    var call: Logger.Metadata?
    var provided: Logger.Metadata?
    var logger: Logger.Metadata

    /// Keys that a metadata provider adds for other handlers (`Logger.MetadataProvider.spanKit`). A log record has fields of its own for
    /// them.
    private static let contextKeys: Set<String> = ["trace_id", "span_id", "trace_flags"]

    /// Calls `body` with each key and its value; the first value of a key counts.
    func forEach(_ body: (String, Logger.MetadataValue) -> Void) {
        if let call { Self.forEach(sorted: call, body) }
        if let provided {
            Self.forEach(sorted: provided) { if !Self.contextKeys.contains($0) { body($0, $1) } }
        }
        Self.forEach(sorted: logger, body)
    }

    /// Calls `body` with the members of a dictionary in the order of their keys, because the order of the dictionary itself differs
    /// from process to process.
    static func forEach(sorted metadata: Logger.Metadata, _ body: (String, Logger.MetadataValue) -> Void) {
        guard metadata.count > 1 else {
            for (key, value) in metadata { body(key, value) }
            return
        }
        // Places are sorted instead of members, which would be copied several times; on the stack, because most lines have a few members.
        withUnsafeTemporaryAllocation(of: Logger.Metadata.Index.self, capacity: metadata.count) { memory in
            var places = memory
            _ = places.initialize(fromContentsOf: metadata.indices)
            places.sort { metadata.keys[$0].utf8.lexicographicallyPrecedes(metadata.keys[$1].utf8) }
            for place in places {
                let member = metadata[place]
                body(member.key, member.value)
            }
        }
    }
}

extension LogRecordWriter {
    /// Sets an attribute to a value of metadata, unless the record or the open map has the key already.
    mutating func setIfMissing(_ key: String, metadata value: Logger.MetadataValue) {
        switch value {
        case .dictionary(let members):
            guard !contains(key) else { return }
            setMap(key) { map in LogMetadata.forEach(sorted: members) { map.setIfMissing($0, metadata: $1) } }
        case .array(let elements):
            guard !contains(key) else { return }
            setArray(key) { array in for element in elements { array.append(metadata: element) } }
        default: setIfMissing(key, value.plain)
        }
    }

    /// Appends a value of metadata to the open array.
    private mutating func append(metadata value: Logger.MetadataValue) {
        switch value {
        case .dictionary(let members):
            appendMap { map in LogMetadata.forEach(sorted: members) { map.setIfMissing($0, metadata: $1) } }
        case .array(let elements): appendArray { array in for element in elements { array.append(metadata: element) } }
        default: append(value.plain)
        }
    }
}

extension Logger.MetadataValue {
    /// A value that is neither an array nor a dictionary, with its type.
    ///
    /// Numbers and booleans keep their type if string interpolation has not made them into text. Anything else becomes its description, and a
    /// sensitive value ``LogSensitivity/replacement``.
    var plain: AttributeValue {
        switch self {
        case .string(let text): .string(text)
        case .stringConvertible(let value): Self.plain(value)
        case .array, .dictionary: .null
        }
    }

    /// Compares the type before it casts, because a cast that fails takes ten times as long.
    private static func plain(_ value: any CustomStringConvertible & Sendable) -> AttributeValue {
        let type = ObjectIdentifier(Swift.type(of: value))
        if type == int, let value = value as? Int { return .int(Int64(value)) }
        if type == bool, let value = value as? Bool { return .bool(value) }
        if type == double, let value = value as? Double { return .double(value) }
        if type == string, let value = value as? String { return .string(value) }
        if isSensitive(value, type) { return .string(LogSensitivity.replacement) }
        if let integer = value as? any FixedWidthInteger, let exact = Int64(exactly: integer) { return .int(exact) }
        if let number = value as? Float { return .double(Double(number)) }
        return .string(value.description)
    }

    private static let int = ObjectIdentifier(Int.self)
    private static let bool = ObjectIdentifier(Bool.self)
    private static let double = ObjectIdentifier(Double.self)
    private static let string = ObjectIdentifier(String.self)

    /// The whole value, for the console.
    /// - Parameter depth: How many arrays and dictionaries it is in. Deeper values are left out.
    func attributeValue(depth: Int = 0) -> AttributeValue {
        guard depth < Self.deepestOnConsole else { return .null }
        switch self {
        case .string, .stringConvertible: return plain
        case .array(let elements): return .array(elements.map { $0.attributeValue(depth: depth + 1) })
        case .dictionary(let members):
            var attributes: [Attribute] = []
            LogMetadata.forEach(sorted: members) {
                attributes.append(Attribute($0, $1.attributeValue(depth: depth + 1)))
            }
            return .map(attributes)
        }
    }

    private static let deepestOnConsole = 8
}

extension Logger.Level {
    /// The severity of a level (OpenTelemetry, "Mapping of SeverityNumber"). Several levels in one range ascend in it, so `notice` is
    /// INFO2 and `critical` is ERROR2.
    var severity: LogSeverity {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: LogSeverity(rawValue: 10)
        case .warning: .warn
        case .error: .error
        case .critical: LogSeverity(rawValue: 18)
        }
    }

    /// The level as swift-log spells it.
    var text: StaticString {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        }
    }
}
