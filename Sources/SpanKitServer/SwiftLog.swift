import Logging
import SpanKitRecording

extension Logger.MetadataProvider {
    /// Adds `trace_id`, `span_id` and `trace_flags` of the current span to every log line (OpenTelemetry, "Trace
    /// Context in non-OTLP Log Formats"), for backends of swift-log other than ``SpanKitLogHandler``, which does so by itself.
    ///
    /// ```swift
    /// LoggingSystem.bootstrap(StreamLogHandler.standardError, metadataProvider: .spanKit)
    /// let telemetry = Telemetry.bootstrap(logging: .unchanged)
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

extension ProfilerLog {
    /// A log that sends its lines to a swift-log logger, with the same levels.
    ///
    /// ```swift
    /// let profiler = PerformanceProfiler(log: .logger(Logger(label: "coach")))
    /// ```
    public static func logger(_ logger: Logger) -> ProfilerLog {
        ProfilerLog { level, line in
            switch level {
            case .info: logger.info("\(line)")
            case .warning: logger.warning("\(line)")
            case .error: logger.error("\(line)")
            }
        }
    }
}
