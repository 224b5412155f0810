/// What the boundaries of a histogram's buckets are powers of.
///
/// Both count whole nanoseconds; they differ in where the boundaries lie. A histogram that leaves as OTLP with the unit
/// `s` needs `.seconds`, otherwise its buckets could not be handed over without loss.
public enum BucketUnit: UInt8, Sendable, CaseIterable {
    /// Boundaries at 2^(i / 2^scale) nanoseconds.
    case nanoseconds = 0
    /// Boundaries at 2^(i / 2^scale) seconds: OpenTelemetry's unit for durations.
    case seconds = 1
}
