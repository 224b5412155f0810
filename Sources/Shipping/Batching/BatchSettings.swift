/// How ended spans become bodies (OpenTelemetry "Batching processor").
public struct BatchSettings: Sendable, Hashable {
    /// The longest time that a span waits for others to go with it (`OTEL_BSP_SCHEDULE_DELAY`).
    public var scheduleDelay = Duration.seconds(5)
    /// Spans of one body (`OTEL_BSP_MAX_EXPORT_BATCH_SIZE`). Nil: 512, and more while a backlog is worked off, because a receiver that
    /// takes 100 ms to answer would otherwise limit a process to a few thousand spans a second.
    public var maximumSpans: Int?

    /// The defaults.
    public init() {}

    var usualSpans: Int { maximumSpans ?? 512 }

    /// Spans of the next body.
    /// - Parameter waiting: about how many spans wait.
    func spanLimit(waiting: Int) -> Int {
        if let maximumSpans { return max(1, maximumSpans) }
        return min(16_384, max(512, waiting / 2))
    }
}
