import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform

/// A percentile engine with its sliding window, ready for a ``TextfileWriter``.
///
/// ```swift
/// let metrics = EngineMetrics(of: engine)
/// let writer = TextfileWriter(configuration, log: { print($0) }, collect: metrics.metrics)
/// ```
public final class EngineMetrics: Sendable {
    private let window: SlidingWindow
    private let spans: SpanMetrics
    private let text: (@Sendable (String) -> String)?

    /// Metrics of an engine from now on; the window begins now and holds the last minute.
    /// - Parameter text: what may stand in a label for an operation's name; the name itself by default. Operations for which the
    ///   same stands become one.
    public init(
        of engine: PercentileEngine,
        _ configuration: SpanMetrics.Configuration = .init(),
        text: (@Sendable (String) -> String)? = nil
    ) {
        self.text = text
        window = SlidingWindow(of: engine, startingAt: Self.now)
        spans = SpanMetrics(configuration)
    }

    /// The metrics now. Calls should come at least every ten seconds or so, which is the resolution of the window.
    public func metrics() -> [Metric] {
        // Everything since the start: counters must not fall when somebody resets the engine's statistics.
        let (lately, total) = window.snapshotAndTotal(at: Self.now)
        return spans.metrics(of: renamed(total), window: renamed(lately))
    }

    private func renamed(_ operations: [OperationSnapshot]) -> [OperationSnapshot] {
        guard let text else { return operations }
        return operations.map { operation in
            var operation = operation
            operation.name = text(operation.name)
            return operation
        }
    }

    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
