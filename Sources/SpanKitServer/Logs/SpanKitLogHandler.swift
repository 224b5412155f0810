import Logging
import SpanKit
import SpanKitOTLP
import SpanKitRecording
import Tracing

/// The backend for swift-log: makes each line a log record with the ids of the current span, and writes it to the console if wanted.
///
/// ```swift
/// LoggingSystem.bootstrap({ telemetry.logHandler($0, $1) }, metadataProvider: nil)
/// ```
///
/// `Telemetry.bootstrap` does this. The logger's label becomes the name of the instrumentation scope, its metadata become attributes
/// with their types, and the error of a line becomes `exception.type` and `exception.message`. If a key occurs several
/// times, the value in the call is used, or else the value of the metadata provider, or else the value of the logger.
///
/// Recording never blocks and never traps: if the log is full, the record is dropped and counted. Each line is written
/// to the console before the call returns, with the same redaction as the export. Copies are independent, as swift-log
/// requires. After the telemetry was shut down, lines still reach the console.
public struct SpanKitLogHandler: LogHandler {
    /// The lowest level that is logged; `info` by default.
    public var logLevel = Logger.Level.info
    // One reference, because swift-log copies the handler for each line, also for those below the level.
    private var content: Content

    /// All of a handler besides its level. It is never changed while it is shared.
    private final class Content: @unchecked Sendable {
        let target: LogTarget
        var metadata: Logger.Metadata
        var provider: Logger.MetadataProvider?

        init(_ target: LogTarget, _ metadata: Logger.Metadata, _ provider: Logger.MetadataProvider?) {
            self.target = target
            self.metadata = metadata
            self.provider = provider
        }
    }

    init(_ target: LogTarget, _ provider: Logger.MetadataProvider?) {
        content = Content(target, [:], provider)
    }

    /// The metadata of the logger. The handler adds it to each line that the logger writes.
    public var metadata: Logger.Metadata {
        get { content.metadata }
        set {
            makeUnique()
            content.metadata = newValue
        }
    }

    /// Metadata that depends on the task, such as a request id. `trace_id`, `span_id` and `trace_flags` from a provider are left out,
    /// because a log record has them already.
    public var metadataProvider: Logger.MetadataProvider? {
        get { content.provider }
        set {
            makeUnique()
            content.provider = newValue
        }
    }

    /// A value of the logger's metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { content.metadata[key] }
        set {
            makeUnique()
            content.metadata[key] = newValue
        }
    }

    private mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&content) {
            content = Content(content.target, content.metadata, content.provider)
        }
    }

    /// Records a line.
    public func log(event: LogEvent) {
        // `MultiplexLogHandler` leaves the level to each handler.
        guard event.level >= logLevel else { return }
        content.target.log(
            event,
            LogMetadata(call: event.metadata, provided: content.provider?.get(), logger: content.metadata)
        )
    }
}

/// Where the lines of the loggers with one label go.
final class LogTarget: Sendable {
    private let recorder: Recorder
    private let scope: LogScope
    private let console: LogConsole?
    /// Redacts the lines on the console. Exported records are redacted when they are encoded.
    private let redactor: Redactor?

    init(_ recorder: Recorder, _ label: String, _ console: LogConsole?, _ redactor: Redactor?) {
        self.recorder = recorder
        scope = recorder.logScope(label)
        self.console = console
        self.redactor = redactor
    }

    func log(_ event: LogEvent, _ metadata: LogMetadata) {
        let context = SpanHandle.innermost(beside: SpanScope.current?.spanContext)
        record(event, metadata, context)
        console?.write(event, metadata, scope.name, context, redactor)
    }

    private func record(_ event: LogEvent, _ metadata: LogMetadata, _ context: SpanContext?) {
        let severity = event.level.severity
        guard scope.records(severity) else { return }
        var details = LogRecordDetails(scope, severity)
        details.severityText = .fixed(event.level.text)
        details.file = .text(event.file)
        details.function = .text(event.function)
        details.line = UInt32(clamping: event.line)
        details.context = context
        recorder.emit(details, body: .string(event.message.description)) { writer in
            metadata.forEach { writer.setIfMissing($0, metadata: $1) }
            guard let error = event.error else { return }
            writer.setIfMissing("exception.type", .string(String(reflecting: type(of: error))))
            writer.setIfMissing("exception.message", .string(String(describing: error)))
        }
    }
}
