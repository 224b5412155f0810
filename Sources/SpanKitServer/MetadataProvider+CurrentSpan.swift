import Logging
import SpanKitRecording

extension Logger.MetadataProvider {
    /// Gives every line that is logged inside of a span the keys `trace_id`, `span_id` and `trace_flags` (OpenTelemetry,
    /// "Trace Context in non-OTLP Log Formats"), so that a log leads to its trace.
    ///
    /// ```swift
    /// LoggingSystem.bootstrap(StreamLogHandler.standardError, metadataProvider: .spanKit)
    /// ```
    public static let spanKit = Logger.MetadataProvider {
        guard let span = SpanHandle.innermost(beside: SpanScope.current?.spanContext), span.isValid else { return [:] }
        return [
            "trace_id": "\(span.traceID)",
            "span_id": "\(span.spanID)",
            "trace_flags": "0\(String(span.traceFlags.rawValue & 0x0F, radix: 16))",
        ]
    }
}
