import SpanKitInputs

/// A level of log records: a range of OpenTelemetry's severity numbers.
///
/// The names are those of OpenTelemetry and swift-log. `info` includes `notice`, and `error` includes `critical`.
package struct LogLevel: Sendable, Hashable {
    /// The name or the number, as it was written.
    package let name: String
    let numbers: ClosedRange<UInt8>

    /// The levels that are offered as completions, from the lowest.
    package static let names = ["trace", "debug", "info", "notice", "warn", "error", "critical", "fatal"]

    private static let ranges: [(name: String, numbers: ClosedRange<UInt8>)] = [
        ("trace", 1...4), ("debug", 5...8), ("info", 9...12), ("warn", 13...16), ("error", 17...20), ("fatal", 21...24),
    ]
    private static let others: [String: ClosedRange<UInt8>] = [
        "notice": 10...12, "warning": 13...16, "critical": 18...20,
    ]

    /// Reads a name such as `warn`, `WARN` or `error2`, or a severity number from 1 to 24. Returns `nil` for other texts.
    package init?(_ text: String) {
        let name = text.lowercased()
        guard let numbers = Self.numbers(of: name) else { return nil }
        self.name = name
        self.numbers = numbers
    }

    private static func numbers(of name: String) -> ClosedRange<UInt8>? {
        if let number = UInt8(name), 1...24 ~= number { return number...number }
        if let range = ranges.first(where: { $0.name == name })?.numbers ?? others[name] { return range }
        for range in ranges where name.dropLast() == range.name {
            guard let step = name.last?.wholeNumberValue, 2...4 ~= step else { return nil }
            let number = range.numbers.lowerBound + UInt8(step) - 1
            return number...number
        }
        return nil
    }

    /// The least severity number of the level.
    package var least: UInt8 { numbers.lowerBound }

    /// -1, 0 or 1 if a severity is below, in or above the level.
    func order(of severity: UInt8) -> Int {
        severity < numbers.lowerBound ? -1 : severity > numbers.upperBound ? 1 : 0
    }

    /// The name of a severity number, such as `info`; empty for 0.
    static func name(of severity: UInt8) -> String {
        switch severity {
        case 10: "notice"
        case 18: "critical"
        default: ranges.first { $0.numbers.contains(severity) }?.name ?? ""
        }
    }

    /// The severity number for a severity text, as OpenTelemetry's data model maps it; 0 for an unknown text. It is
    /// used for records without a severity number.
    fileprivate static func severity(ofText text: String) -> UInt8 {
        let name = text.lowercased()
        if let numbers = numbers(of: name), UInt8(name) == nil { return numbers.lowerBound }
        switch name {
        case "information", "informational": return 9
        case "err": return 17
        case "crit": return 18
        case "alert": return 19
        case "emerg", "emergency", "panic": return 21
        default: return 0
        }
    }

    /// The lowest severity number at which a record is a warning or an error.
    package static let leastWarning: UInt8 = 13
    /// The lowest severity number at which a record is an error.
    package static let leastError: UInt8 = 17
}

extension DecodedLog {
    /// The severity number of the record or, if it is missing, the number for the record's severity text; 0 if neither
    /// is known.
    package var severity: UInt8 { severityNumber > 0 ? severityNumber : LogLevel.severity(ofText: severityText) }

    /// The level as the source spells it, or else the name of the severity number.
    package var levelText: String { severityText.isEmpty ? LogLevel.name(of: severityNumber) : severityText }

    /// The time of the event or, if it is missing, the time at which the record was collected, in nanoseconds since
    /// 1970-01-01 UTC; 0 if neither is known.
    package var time: Int64 { timeUnixNanoseconds > 0 ? timeUnixNanoseconds : observedUnixNanoseconds }

    package var serviceName: String { resource.serviceName }

    /// Whether the record describes an exception: its event name is `exception` or ends with `.exception`, or it has the type or the
    /// message of an exception.
    var isException: Bool {
        eventName == "exception" || eventName.hasSuffix(".exception")
            || attributes.contains { $0.key == "exception.type" || $0.key == "exception.message" }
    }
}
