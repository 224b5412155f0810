import Logging
import SpanKitRecording

/// The metadata of one log line: the call's, its provider's and its logger's. Of values with the same key, the first of these wins,
/// as swift-log wants it.
struct LogMetadata {
    var call: Logger.Metadata
    var provided: Logger.Metadata
    var logger: Logger.Metadata

    /// Keys that stand in fields of their own in a log record, so that they are left out of its attributes. The metadata provider
    /// `Logger.MetadataProvider.spanKit` adds them for other handlers.
    static let contextKeys: Set<String> = ["trace_id", "span_id", "trace_flags"]

    var isEmpty: Bool { call.isEmpty && provided.isEmpty && logger.isEmpty }

    /// Calls `body` with each key and its value, in the order of the keys' UTF-8: the order of a dictionary differs from process to
    /// process.
    func forEach(_ body: (String, Logger.MetadataValue) -> Void) {
        // Usually one of the three has all keys.
        if provided.isEmpty, logger.isEmpty { return Self.forEach(sorted: call, body) }
        if call.isEmpty, provided.isEmpty { return Self.forEach(sorted: logger, body) }
        var merged = logger
        merged.merge(provided) { $1 }
        merged.merge(call) { $1 }
        Self.forEach(sorted: merged, body)
    }

    /// Calls `body` with the members of a dictionary in the order of their keys.
    static func forEach(sorted metadata: Logger.Metadata, _ body: (String, Logger.MetadataValue) -> Void) {
        guard metadata.count > 1 else {
            for (key, value) in metadata { body(key, value) }
            return
        }
        // On the stack, because most lines have a few members.
        withUnsafeTemporaryAllocation(of: Logger.Metadata.Element.self, capacity: metadata.count) { members in
            var count = 0
            for member in metadata {
                (members.baseAddress! + count).initialize(to: member)
                count += 1
            }
            let filled = UnsafeMutableBufferPointer(rebasing: members[..<count])
            filled.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for member in filled { body(member.key, member.value) }
            filled.deinitialize()
        }
    }
}

extension AttributeValue {
    /// The value of a log line's metadata.
    ///
    /// Numbers and booleans keep their type, if they were not made into a text by string interpolation. Anything else that is
    /// convertible to a string becomes its description.
    /// - Parameter depth: how many arrays and dictionaries the value is in. Values that are nested too deeply become `null`.
    init(_ value: Logger.MetadataValue, depth: Int = 0) {
        guard depth <= Self.deepestMetadata else {
            self = .null
            return
        }
        switch value {
        case .string(let text): self = .string(text)
        case .stringConvertible(let value): self.init(describing: value)
        case .array(let elements): self = .array(elements.map { AttributeValue($0, depth: depth + 1) })
        case .dictionary(let members):
            var attributes: [Attribute] = []
            attributes.reserveCapacity(members.count)
            LogMetadata.forEach(sorted: members) {
                attributes.append(Attribute($0, AttributeValue($1, depth: depth + 1)))
            }
            self = .map(attributes)
        }
    }

    /// The depth that OpenTelemetry's configuration file has as the default (`attribute_depth_limit`).
    private static let deepestMetadata = 64

    /// Compares the type before it casts, because a failing cast takes ten times as long.
    private init(describing value: any CustomStringConvertible & Sendable) {
        switch ObjectIdentifier(type(of: value)) {
        case Self.int: self = .int(Int64(value as! Int))
        case Self.bool: self = .bool(value as! Bool)
        case Self.double: self = .double(value as! Double)
        case Self.string: self = .string(value as! String)
        default:
            if let integer = value as? any FixedWidthInteger & Sendable, let exact = Int64(exactly: integer) {
                self = .int(exact)
            } else if let number = value as? Float {
                self = .double(Double(number))
            } else {
                self = .string(value.description)
            }
        }
    }

    private static let int = ObjectIdentifier(Int.self)
    private static let bool = ObjectIdentifier(Bool.self)
    private static let double = ObjectIdentifier(Double.self)
    private static let string = ObjectIdentifier(String.self)
}

extension Logger.Level {
    /// The `SeverityNumber` of a level (OpenTelemetry, "Mapping of SeverityNumber"). Several levels in one range ascend in it, so
    /// `notice` is INFO2 and `critical` is ERROR2.
    var severity: Int32 {
        switch self {
        case .trace: 1
        case .debug: 5
        case .info: 9
        case .notice: 10
        case .warning: 13
        case .error: 17
        case .critical: 18
        }
    }
}
