/// Settings for recording log records.
public struct LogRecordConfiguration: Sendable {
    /// The maximum size of the log of log records in bytes, 2 MiB by default. A record takes about 200 bytes.
    ///
    /// Each thread that logs adds up to 64 KiB for its own chunk, as for spans (``RecordingConfiguration/logBytes``).
    public var bytes = 2 * 1_024 * 1_024
    /// Limits on the contents of one log record.
    public var limits = LogRecordLimits()
    /// The rule for loggers that no element of ``loggers`` names.
    public var standard = LoggerRule()
    /// Rules for loggers by name. The first that matches applies.
    public var loggers: [NamedLoggerRule] = []

    package var whenFull = SpanLogOverflow.overwriteOldest

    /// Creates the default settings.
    public init() {}
}

/// Limits on the contents of one log record (OpenTelemetry SDK, "LogRecord Limits"). Excess attributes are dropped and counted in the
/// record. The body has no limit on its length.
public struct LogRecordLimits: Hashable, Sendable {
    /// The maximum number of attributes of a record, 128 by default.
    public var attributeCount = 128
    /// The maximum length of a string in Unicode scalars, and of a byte array in bytes; nil, the default, for no limit.
    public var attributeValueLength: Int?
    /// The maximum nesting depth of arrays and maps, 64 by default. Deeper values become ``AttributeValue/null``. It also applies to
    /// the body.
    public var attributeValueDepth = 64

    /// Creates the limits of the OpenTelemetry specification.
    public init() {}

    /// The same limits for ``AttributeValue/limited(to:depth:)``.
    var ofValues: SpanLimits {
        var limits = SpanLimits()
        limits.attributeCount = attributeCount
        limits.attributeValueLength = attributeValueLength
        limits.attributeValueDepth = attributeValueDepth
        return limits
    }
}

/// Which records of a logger are recorded (OpenTelemetry SDK, "LoggerConfig"), besides the levels of the logging API.
public struct LoggerRule: Hashable, Sendable {
    /// Whether the logger records at all.
    public var isEnabled = true
    /// The lowest severity that is recorded; nil for all. Records without a severity are always recorded.
    public var minimumSeverity: LogSeverity?
    /// Whether records inside an unsampled span are left out.
    public var isTraceBased = false

    /// Creates a rule that records everything.
    public init() {}
}

/// A rule for the loggers whose name matches a pattern.
public struct NamedLoggerRule: Sendable {
    /// The pattern: `?` matches one character, `*` any number of them. Upper and lower case differ.
    public var pattern: String
    /// The rule.
    public var rule: LoggerRule

    /// Creates a rule for loggers.
    public init(_ pattern: String, _ rule: LoggerRule) {
        self.pattern = pattern
        self.rule = rule
    }
}

/// A logger's name and the rule that applies to it, looked up once. Copies are cheap.
package struct LogScope: Sendable {
    /// The name, such as the label of a logger; empty for none.
    package let name: String
    /// The name's number in the string table of the recorder; 0 if the records contain the name.
    let number: UInt32
    /// The lowest severity number that is recorded. If the logger is off, it is higher than every severity number.
    @usableFromInline package let minimumSeverity: UInt8
    /// Whether records inside an unsampled span are left out.
    package let isTraceBased: Bool

    init(_ name: String, number: UInt32, _ rule: LoggerRule) {
        self.name = name
        self.number = number
        minimumSeverity = rule.isEnabled ? rule.minimumSeverity?.rawValue ?? 0 : .max
        isTraceBased = rule.isTraceBased
    }

    /// Whether records of this severity are recorded. One comparison; severity 0 passes unless the logger is off.
    @inlinable
    @inline(__always)
    package func records(_ severity: LogSeverity) -> Bool {
        severity.rawValue >= minimumSeverity || severity.rawValue == 0 && minimumSeverity != .max
    }
}
