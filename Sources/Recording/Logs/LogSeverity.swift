/// The severity of a log record: OpenTelemetry's `SeverityNumber`, from 1 (least severe) to 24.
///
/// Each range has four numbers, such as ``info``, `info2`, `info3` and `info4` (9 to 12).
public struct LogSeverity: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number, from 1 to 24; 0 for an unspecified severity.
    public let rawValue: UInt8

    /// Creates a severity from its number; a number above 24 becomes 24.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = min(24, rawValue)
    }

    /// Details that are only useful for following the program step by step.
    @inlinable public static var trace: LogSeverity { LogSeverity(rawValue: 1) }
    /// Information for debugging.
    @inlinable public static var debug: LogSeverity { LogSeverity(rawValue: 5) }
    /// An ordinary event.
    @inlinable public static var info: LogSeverity { LogSeverity(rawValue: 9) }
    /// An event that is not an error but may need attention.
    @inlinable public static var warn: LogSeverity { LogSeverity(rawValue: 13) }
    /// An operation failed.
    @inlinable public static var error: LogSeverity { LogSeverity(rawValue: 17) }
    /// The program cannot go on.
    @inlinable public static var fatal: LogSeverity { LogSeverity(rawValue: 21) }

    /// Compares the numbers.
    @inlinable
    public static func < (left: LogSeverity, right: LogSeverity) -> Bool { left.rawValue < right.rawValue }

    /// The name of each range, in the order of the numbers.
    private static let ranges = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]

    /// OpenTelemetry's short name, such as `INFO` or `ERROR2`; empty for an unspecified severity.
    public var name: String {
        guard rawValue > 0 else { return "" }
        let (range, position) = Int(rawValue - 1).quotientAndRemainder(dividingBy: 4)
        return Self.ranges[range] + (position == 0 ? "" : "\(position + 1)")
    }

    /// Creates a severity from its short name in any case, such as `info` or `error2`; returns nil for other text.
    public init?(name: String) {
        guard let severity = (1...24).map(LogSeverity.init).first(where: { $0.name == name.uppercased() })
        else { return nil }
        self = severity
    }
}
