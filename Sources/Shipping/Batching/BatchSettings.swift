/// How ended spans are grouped into request bodies (OpenTelemetry "Batching processor").
public struct BatchSettings: Sendable, Hashable {
    /// The longest time that an ended span waits before it is sent (`OTEL_BSP_SCHEDULE_DELAY`).
    public var scheduleDelay = Duration.seconds(5)
    /// The maximum number of spans in one body (`OTEL_BSP_MAX_EXPORT_BATCH_SIZE`). Nil means 512, and up to 16,384
    /// while there is a backlog, so that a slow receiver does not limit the throughput.
    public var maximumSpans: Int?

    /// Creates the default settings.
    public init() {}

    private var usualSpans: Int { maximumSpans ?? 512 }

    /// The number of spans that are sent before the schedule delay is over. The number is larger while bodies only go to the spool.
    package func fullBody(isSpooling: Bool) -> Int {
        isSpooling && maximumSpans == nil ? 8 * usualSpans : usualSpans
    }

    /// The maximum number of spans in the next body.
    /// - Parameter waiting: the approximate number of spans that wait.
    package func spanLimit(waiting: Int) -> Int {
        if let maximumSpans { return max(1, maximumSpans) }
        return min(16_384, max(512, waiting / 2))
    }
}
