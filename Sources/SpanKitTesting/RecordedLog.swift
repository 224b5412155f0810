import Logging
import SpanKitRecording
import SpanKitServer
import Tracing

/// A line that was logged with swift-log.
public struct RecordedLog: Sendable, CustomStringConvertible {
    /// The log level.
    public let level: Logger.Level
    /// The message of the line.
    public let message: String
    /// The metadata of the logger, its metadata provider and the call. If they have a key in common, the last of these three wins.
    public let metadata: Logger.Metadata
    /// The error that was passed to the call, if any.
    public let error: (any Error)?
    /// The label of the logger.
    public let label: String
    /// The innermost span in which the line was logged; nil outside of all spans.
    public let span: SpanContext?

    /// The level, the message and the metadata, such as `info: order paid [id: 7]`.
    public var description: String {
        let pairs = metadata.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return "\(level): \(message)" + (pairs.isEmpty ? "" : " [\(pairs.joined(separator: ", "))]")
    }
}

struct RoutingLogHandler: LogHandler {
    let label: String
    var metadataProvider: Logger.MetadataProvider?
    var metadata: Logger.Metadata = [:]
    // Everything is recorded, unless the code under test sets a level itself.
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard let recorder = SpanRecorder.current else { return logOutside(event) }
        let provided = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }
        recorder.add(
            RecordedLog(
                level: event.level,
                message: event.message.description,
                metadata: provided.merging(event.metadata ?? [:]) { $1 },
                error: event.error,
                label: label,
                span: SpanHandle.innermost(beside: ServiceContext.current?.spanContext)
            )
        )
    }

    /// Writes a line outside of all tests to standard error, as swift-log does by default.
    private func logOutside(_ event: LogEvent) {
        guard event.level >= .info else { return }
        var handler = StreamLogHandler.standardError(label: label, metadataProvider: metadataProvider)
        handler.metadata = metadata
        handler.log(event: event)
    }
}
