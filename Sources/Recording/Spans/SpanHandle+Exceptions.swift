/// Where exceptions of spans are recorded (OpenTelemetry semantic conventions, "Exceptions").
public enum ExceptionSignal: Sendable, Hashable {
    /// As an event `exception` of the span.
    case spanEvents
    /// As a log record with the event name `exception` and the severity ERROR, which belongs to the span. OpenTelemetry
    /// is moving to this form.
    case logRecords
    /// As an event and as a log record, for the transition from one form to the other.
    case both
}

extension SpanHandle {
    /// Records an exception of this span as ``RecordingConfiguration/exceptionSignal`` says. Does nothing after the end of the span.
    ///
    /// A log record is also made if the span is not sampled, because log records are not sampled with traces.
    /// - Parameters:
    ///   - details: `exception.type`, `exception.message` and others.
    ///   - unixNanoseconds: The time in nanoseconds since 1970-01-01 UTC; nil for now.
    package func recordException(_ details: Attributes, at unixNanoseconds: Int64? = nil) {
        guard let recorder, isLive else { return addEvent("exception") }
        recorder._withUnsafeGuaranteedRef { recorder in
            let signal = recorder.configuration.exceptionSignal
            if signal != .logRecords { addEvent("exception", attributes: details, at: unixNanoseconds) }
            guard signal != .spanEvents else { return }
            var record = LogRecordDetails(recorder.logScope(""), .error)
            record.eventName = .fixed("exception")
            record.unixNanoseconds = unixNanoseconds
            record.context = context
            recorder.emit(record, body: nil) { writer in
                for attribute in details.elements { writer.set(attribute.key, attribute.value) }
            }
        }
    }
}
