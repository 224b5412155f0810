import Logging
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitShipping
import SpanKitSummaries

/// Writes log lines to standard error or standard output, for people: aligned, with the trace id, coloured on a terminal.
///
/// Each line is written before the call returns, so that the last lines before a crash are not lost.
public struct LogConsole: Sendable {
    private let fileDescriptor: Int32
    private let isColored: Bool

    private init(_ fileDescriptor: Int32) {
        self.fileDescriptor = fileDescriptor
        isColored = TerminalStyle(fileDescriptor: fileDescriptor).usesColor
    }

    /// Standard error.
    public static let standardError = LogConsole(2)
    /// Standard output.
    public static let standardOutput = LogConsole(1)

    func write(
        _ event: LogEvent,
        _ metadata: LogMetadata,
        _ label: String,
        _ context: SpanContext?,
        _ redactor: Redactor?
    ) {
        let record = Self.record(event, metadata, label, context, redactor)
        SpanKitPlatform.write(ConsoleLine.text(of: record, isColored: isColored) + "\n", to: fileDescriptor)
    }

    /// Returns the parts of a line that are written to the console.
    static func record(
        _ event: LogEvent,
        _ metadata: LogMetadata,
        _ label: String,
        _ context: SpanContext?,
        _ redactor: Redactor?
    ) -> LogRecord {
        var record = LogRecord(unixNanoseconds: UnixTime.nanoseconds(), severity: event.level.severity)
        record.body = .string(event.message.description)
        record.scope = label
        metadata.forEach { key, value in
            if record[key] == nil { record.attributes.append(Attribute(key, value.attributeValue())) }
        }
        if let error = event.error, record["exception.message"] == nil {
            record.attributes.append(Attribute("exception.message", .string(String(describing: error))))
        }
        if let context, context.isValid {
            record.traceID = context.traceID
            record.spanID = context.spanID
        }
        guard let redactor else { return record }
        record.body = .string(redactor.text(event.message.description))
        record.scope = redactor.text(label)
        record.attributes = redactor.attributes(record.attributes)
        return record
    }
}
