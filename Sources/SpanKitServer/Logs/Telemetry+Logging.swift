import Logging
import SpanKit
import SpanKitRecording

/// What `Telemetry.bootstrap` does with swift-log.
public enum LoggingBackend: Sendable {
    /// Lines become log records, and are written to the console.
    case exportAndConsole(LogConsole)
    /// Lines become log records only.
    case export
    /// swift-log keeps the backend that it has. Choose this if the program bootstraps `LoggingSystem` itself.
    case unchanged
}

extension Telemetry {
    /// A handler for the loggers with a label, for `LoggingSystem.bootstrap` or a `MultiplexLogHandler`.
    ///
    /// ```swift
    /// LoggingSystem.bootstrap({ telemetry.logHandler($0, $1) }, metadataProvider: nil)
    /// ```
    /// - Parameters:
    ///   - label: The label of the logger.
    ///   - provider: The metadata provider; nil for none.
    ///   - console: The console that lines are written to in addition; nil for none.
    public func logHandler(
        _ label: String,
        _ provider: Logger.MetadataProvider? = nil,
        console: LogConsole? = .standardError
    ) -> SpanKitLogHandler {
        SpanKitLogHandler(LogTarget(profiler.recorder, label, console, redactor), provider)
    }

    /// Makes this telemetry the backend of swift-log.
    /// - Returns: Why that is not possible; nil on success.
    func bootstrapLogging(_ backend: LoggingBackend) -> String? {
        let console: LogConsole?
        switch backend {
        case .unchanged: return nil
        case .export: console = nil
        case .exportAndConsole(let chosen): console = chosen
        }
        let present = Logger(label: "spankit").handler
        // This is swift-log's default handler. It is not known whether the program has bootstrapped `LoggingSystem`
        // with the same handler. If it has, the call below stops the program.
        guard present is StreamLogHandler, LoggingSystem.metadataProvider == nil else {
            return
                "LoggingSystem already has the backend \(type(of: present)), so SpanKit exports no log lines of swift-log; remove LoggingSystem.bootstrap() from the program, or use telemetry.logHandler in a MultiplexLogHandler and call Telemetry.bootstrap(logging: .unchanged)"
        }
        LoggingSystem.bootstrap({ self.logHandler($0, $1, console: console) }, metadataProvider: nil)
        return nil
    }
}
