import SpanKitRecording

/// A single measurement that a data point includes, with the span in which it was made.
public struct Exemplar: Sendable, Equatable {
    /// The value of a measurement.
    public enum Value: Sendable, Equatable {
        /// An integer.
        case int(Int64)
        /// A floating-point number.
        case double(Double)
    }

    /// The value of the measurement.
    public var value: Value
    /// The time of the measurement in nanoseconds since 1970-01-01 UTC.
    public var time: Int64
    /// The trace of the span; ``TraceID/invalid`` if the measurement was made outside of all spans.
    public var traceID: TraceID
    /// The span; ``SpanID/invalid`` if the measurement was made outside of all spans.
    public var spanID: SpanID
    /// The attributes of the measurement that are not in the data point because a view removes them.
    public var filteredAttributes: [Attribute]

    /// Creates an exemplar.
    public init(
        _ value: Value,
        time: Int64,
        traceID: TraceID = .invalid,
        spanID: SpanID = .invalid,
        filteredAttributes: [Attribute] = []
    ) {
        self.value = value
        self.time = time
        self.traceID = traceID
        self.spanID = spanID
        self.filteredAttributes = filteredAttributes
    }

    /// The value of the measurement, rounded.
    package var number: Double {
        switch value {
        case .int(let value): Double(value)
        case .double(let value): value
        }
    }
}
