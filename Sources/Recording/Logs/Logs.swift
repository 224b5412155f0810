/// Records log records, which belong to the current span and are exported like spans.
///
/// ```swift
/// telemetry.logs.emit(.warn, "the cache is full", ["cache.entries": 10_000])
/// ```
///
/// A copy is cheap and can be used from any thread or task. Programs that use swift-log need not call it: `SpanKitServer` records what
/// their loggers log.
public struct Logs: Sendable {
    package let recorder: Recorder
    private let scope: LogScope

    /// - Parameter name: The name of the logger.
    package init(_ recorder: Recorder, _ name: String = "") {
        self.recorder = recorder
        scope = recorder.logScope(name)
    }

    /// Returns the logs of another part of the program, which has its own logger name (the instrumentation scope).
    /// - Parameter name: The name of the part, such as `Orders`. Look it up once: the rules of ``LogRecordConfiguration/loggers`` are
    ///   applied here.
    public func logger(_ name: String) -> Logs { Logs(recorder, name) }

    /// Whether records of this severity are recorded. It takes one comparison.
    public func isEnabled(_ severity: LogSeverity) -> Bool { scope.records(severity) && recorder !== Recorder.dormant }

    /// Records a log record. Nothing is evaluated if its severity is not recorded.
    /// - Parameters:
    ///   - severity: The severity.
    ///   - body: The message, or any other value.
    ///   - attributes: The attributes. If a key occurs twice, the last value is recorded.
    ///   - eventName: The name of a kind of event, such as `order.placed`, for records that programs read.
    ///   - unixNanoseconds: The time of the event, in nanoseconds since 1970-01-01 UTC; nil for now.
    ///   - context: The span that the record belongs to; nil for the current span.
    public func emit(
        _ severity: LogSeverity,
        _ body: @autoclosure () -> AttributeValue?,
        _ attributes: @autoclosure () -> Attributes = [:],
        eventName: StaticString? = nil,
        unixNanoseconds: Int64? = nil,
        context: SpanContext? = nil,
        file: StaticString = #fileID,
        function: StaticString = #function,
        line: UInt = #line
    ) {
        guard scope.records(severity) else { return }
        var details = LogRecordDetails(scope, severity)
        if let eventName { details.eventName = .fixed(eventName) }
        details.file = .fixed(file)
        details.function = .fixed(function)
        details.line = UInt32(truncatingIfNeeded: line)
        details.unixNanoseconds = unixNanoseconds
        details.context = context
        recorder.emit(details, body: body()) { writer in
            for attribute in attributes().elements { writer.set(attribute.key, attribute.value) }
        }
    }
}

extension PerformanceProfiler {
    /// Records log records. While profiling is off, it records nothing. The records of a library's profiler (``scoped(to:)``) have the
    /// name of its scope.
    public var logs: Logs { Logs(recorder, recorder.scopes.scope(of: scope)?.name ?? "") }

    /// Copies of the log records that are still in memory, oldest first.
    public func logRecords() -> [LogRecord] { recorder.copiedLogRecords(consuming: false) }

    /// What has happened to every log record.
    public var logRecordAccount: LogRecordAccount { recorder.logRecordAccount() }
}
