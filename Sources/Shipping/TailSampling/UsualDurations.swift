import SpanKitPercentiles
import SpanKitPlatform

/// Quantiles of every operation within the last three minutes, renewed every ten seconds. Belongs to the shipper's thread.
final class UsualDurations {
    /// An operation that ran less often within the window has no usual duration yet.
    static let leastCount: UInt64 = 100
    private static let partNanoseconds: UInt64 = 30_000_000_000
    private static let parts = 6

    private let engine: PercentileEngine
    private let window: SlidingWindow
    private let quantiles: [Double]
    private let start: ContinuousClock.Instant
    private var next: ContinuousClock.Instant
    /// By operation, in the order of ``quantiles``.
    private var limits: [OperationID: [Double]] = [:]

    init(of engine: PercentileEngine, quantiles: [Double], now: ContinuousClock.Instant) {
        self.engine = engine
        self.quantiles = quantiles
        start = now
        next = now
        window = SlidingWindow(of: engine, parts: Self.parts, partNanoseconds: Self.partNanoseconds, startingAt: 0)
    }

    func advance(to now: ContinuousClock.Instant) {
        guard now >= next else { return }
        next = now.advanced(by: .seconds(10))
        let nanoseconds = UInt64(clamping: start.duration(to: now).nanoseconds)
        limits.removeAll(keepingCapacity: true)
        for operation in window.snapshot(at: nanoseconds)
        where operation.histogram.count >= Self.leastCount && operation.name != OperationSnapshot.overflowName {
            limits[engine.operation(named: operation.name)] = quantiles.map {
                operation.histogram.quantile($0)?.upperBound ?? .infinity
            }
        }
    }

    /// Nanoseconds; nil while nothing is usual.
    func limit(of operation: OperationID, _ quantile: Double) -> Double? {
        guard let limits = limits[operation], let place = quantiles.firstIndex(of: quantile) else { return nil }
        return limits[place]
    }
}
