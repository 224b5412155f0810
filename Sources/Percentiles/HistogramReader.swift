import SpanKitPlatform

/// What has happened to an engine's operations since this reader last began anew.
///
/// Counters are never reset: a reader remembers what it has seen, packed, and subtracts. So any number of readers share one
/// set of counters and no update is lost. Its lock is taken before the registry's.
final class HistogramReader: @unchecked Sendable {
    private struct Seen {
        var histogram: PackedHistogram
        var errorCount: UInt64
    }

    let registry: OperationRegistry
    private let reader: Int?
    private let lock = Lock()
    private var seen: [OperationID: Seen] = [:]

    init(registry: OperationRegistry, reader: Int?) {
        self.registry = registry
        self.reader = reader
    }

    deinit { lock.destroy() }

    /// What was counted since the beginning, of the operations that have run.
    func differences() -> [OperationSnapshot] {
        registry.operations.all.map(difference(of:)).filter { !$0.isEmpty }
    }

    /// The same as ``differences()``, with everything since the engine was made, at the cost of one reading.
    ///
    /// Of the latter the extremes are known to their bucket only.
    func differencesAndTotals() -> (differences: [OperationSnapshot], totals: [OperationSnapshot]) {
        var differences: [OperationSnapshot] = []
        var totals: [OperationSnapshot] = []
        for operation in registry.operations.all {
            let (difference, total) = lock.withLock { read(operation, beginningAnew: false) }
            if !difference.isEmpty { differences.append(difference) }
            if !total.isEmpty { totals.append(total) }
        }
        return (differences, totals)
    }

    /// What one operation counted since the beginning.
    func difference(of operation: Operation) -> OperationSnapshot {
        lock.withLock { read(operation, beginningAnew: false).difference }
    }

    /// The same as ``differences()``, and the next one begins here.
    @discardableResult
    func beginAnew() -> [OperationSnapshot] {
        lock.withLock {
            registry.operations.all.map { read($0, beginningAnew: true).difference }.filter { !$0.isEmpty }
        }
    }

    /// Keeps other threads from reading during a fork.
    func acquireForFork() { lock.acquireForFork() }

    private func read(
        _ operation: Operation,
        beginningAnew: Bool
    ) -> (difference: OperationSnapshot, total: OperationSnapshot) {
        let now = registry.read(operation, for: reader, beginningAnew: beginningAnew)
        let total = OperationSnapshot(name: operation.name, histogram: now.histogram, errorCount: now.errorCount)
        var difference = total
        if let earlier = seen[operation.id] {
            if now.histogram.count == earlier.histogram.count {
                // What did not run is not unpacked.
                difference.histogram = ExponentialHistogram(validScale: now.histogram.scale, unit: now.histogram.unit)
                difference.errorCount = now.errorCount - earlier.errorCount
            } else if earlier.histogram.subtract(from: &difference.histogram) {
                difference.histogram.setExtremes(now.extent)
                difference.errorCount = now.errorCount - earlier.errorCount
            } else {
                difference.histogram = now.histogram
            }
        }
        if beginningAnew, !difference.isEmpty {
            seen[operation.id] = Seen(histogram: PackedHistogram(now.histogram), errorCount: now.errorCount)
        }
        return (difference, total)
    }
}
