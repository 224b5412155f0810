import SpanKitPlatform

/// Reads what an engine's operations have counted since this reader was last restarted.
///
/// Counters are never reset. A reader remembers the counts it has seen and subtracts them, so that any number of readers can
/// share the counters and no update is lost. Its lock is taken before the registry's.
final class HistogramReader: @unchecked Sendable {
    private struct Seen {
        var histogram: PackedHistogram
        var errorCount: UInt64
    }

    let registry: OperationRegistry
    private let reader: Int?
    private let lock = Lock()
    private var seen: [OperationID: Seen] = [:]

    /// A reader with a number that every engine has, or without one: then it cannot be restarted.
    init(registry: OperationRegistry, reader: Int?) {
        self.registry = registry
        self.reader = reader
    }

    /// A reader with a number of its own. It starts with everything that was counted so far.
    convenience init(of engine: PercentileEngine) {
        self.init(registry: engine.registry, reader: engine.registry.addReader())
    }

    deinit {
        if let reader, reader != OperationRegistry.resetReader { registry.removeReader(reader) }
        lock.destroy()
    }

    /// The counts since the last restart of all operations that ran since then.
    func differences() -> [OperationSnapshot] {
        registry.operations.all.map(difference(of:)).filter { !$0.isEmpty }
    }

    /// The counts since the last restart and since the engine was created, at the cost of one reading.
    ///
    /// The minimum and maximum of the latter are only as precise as their buckets.
    func differencesAndTotals() -> (differences: [OperationSnapshot], totals: [OperationSnapshot]) {
        var differences: [OperationSnapshot] = []
        var totals: [OperationSnapshot] = []
        for operation in registry.operations.all {
            let (difference, total) = lock.withLock { read(operation, restarts: false) }
            if !difference.isEmpty { differences.append(difference) }
            if !total.isEmpty { totals.append(total) }
        }
        return (differences, totals)
    }

    /// The counts of one operation since the last restart.
    func difference(of operation: Operation) -> OperationSnapshot {
        lock.withLock { read(operation, restarts: false).difference }
    }

    /// The counts since the last restart, and restarts the reader.
    @discardableResult
    func restart() -> [OperationSnapshot] {
        lock.withLock {
            registry.operations.all.map { read($0, restarts: true).difference }.filter { !$0.isEmpty }
        }
    }

    /// Prevents other threads from reading during a fork.
    func acquireForFork() { lock.acquireForFork() }

    private func read(
        _ operation: Operation,
        restarts: Bool
    ) -> (difference: OperationSnapshot, total: OperationSnapshot) {
        let now = registry.read(operation, for: reader, restarts: restarts)
        let total = OperationSnapshot(name: operation.name, histogram: now.histogram, errorCount: now.errorCount)
        var difference = total
        if let earlier = seen[operation.id] {
            if now.histogram.count == earlier.histogram.count {
                // Nothing was counted, so there is nothing to unpack and subtract.
                difference.histogram = ExponentialHistogram(validScale: now.histogram.scale, unit: now.histogram.unit)
                difference.errorCount = now.errorCount - earlier.errorCount
            } else if earlier.histogram.subtract(from: &difference.histogram) {
                difference.histogram.setExtremes(now.extent)
                difference.errorCount = now.errorCount - earlier.errorCount
            } else {
                difference.histogram = now.histogram
            }
        }
        if restarts, !difference.isEmpty {
            seen[operation.id] = Seen(histogram: PackedHistogram(now.histogram), errorCount: now.errorCount)
        }
        return (difference, total)
    }
}

/// Reads what an engine has counted since the previous read (OTLP's delta temporality).
///
/// An engine can have any number of readers. They do not affect each other, and ``PercentileEngine/reset()`` does not
/// affect them.
public final class DeltaReader: Sendable {
    /// Kept alive, because the engine owns the memory of the operations.
    private let engine: PercentileEngine
    private let reader: HistogramReader

    /// Creates a reader whose first ``collect()`` returns everything since the engine was created.
    public init(of engine: PercentileEngine) {
        self.engine = engine
        reader = HistogramReader(of: engine)
    }

    /// The counts since the last call. Operations without new counts are left out.
    public func collect() -> [OperationSnapshot] { reader.restart() }
}
