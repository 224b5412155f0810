import Logging

/// Marks a value of metadata that must not leave the program.
///
/// ```swift
/// logger.info("signed in", metadata: ["user.name": "\(user.name, attributes: [LogSensitivity.sensitive])"])
/// ```
/// ``SpanKitLogHandler`` replaces the whole value by ``replacement`` before it is recorded, exported or written to the console, with and
/// without redaction. A spool never contains it. Other handlers, such as swift-log's `StreamLogHandler`, ignore the mark.
public enum LogSensitivity: Int64, Sendable, Logger.MetadataValueAttributes.Attribute {
    /// The value is secret or personal.
    case sensitive = 1

    /// The text that replaces a sensitive value.
    public static let replacement = "[redacted:sensitive]"
}

extension Logger.MetadataValue {
    /// The type of values that have attributes, which swift-log does not export.
    private static let attributed: ObjectIdentifier? = {
        guard case .stringConvertible(let value) = Logger.MetadataValue.attributed("", attributes: []) else {
            return nil
        }
        return ObjectIdentifier(type(of: value))
    }()

    /// Whether the value of a type is marked as sensitive. The comparison of the types comes first, because most values have no attributes and
    /// a cast that fails takes long.
    static func isSensitive(_ value: any CustomStringConvertible & Sendable, _ type: ObjectIdentifier) -> Bool {
        type == attributed
            && Logger.MetadataValue.stringConvertible(value).attributes[LogSensitivity.self] == .sensitive
    }
}
