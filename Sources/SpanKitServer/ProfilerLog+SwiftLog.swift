import Logging
import SpanKitRecording

extension ProfilerLog {
    /// Sends the profiler's lines to a swift-log logger: warnings as warnings, summaries as infos.
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
