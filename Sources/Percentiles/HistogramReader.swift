import SpanKitPlatform

/// Reads what an engine's operations have counted since this reader was last restarted.
///
/// Counters are never reset. A reader remembers the counts it has seen and subtracts them, so that any number of readers can
/// share the counters and no update is lost. Its lock is taken before the registry's.
final class HistogramReader: @unchecked Sendable {
    let registry: OperationRegistry
    private let reader: Int?
    private let lock = Lock()
    private var seen: [OperationID: EarlierCounts] = [:]

    /// Creates a reader with a number that every engine has. Without a number, it cannot be restarted.
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

    /// The counts of one operation since the last restart.
    func difference(of operation: Operation) -> OperationSnapshot {
        lock.withLock { read(operation, restarts: false) }
    }

    /// The counts since the last restart, and restarts the reader.
    @discardableResult
    func restart() -> [OperationSnapshot] {
        lock.withLock {
            registry.operations.all.map { read($0, restarts: true) }.filter { !$0.isEmpty }
        }
    }

    /// Prevents other threads from reading during a fork.
    func acquireForFork() { lock.acquireForFork() }

    private func read(_ operation: Operation, restarts: Bool) -> OperationSnapshot {
        let (total, extent) = registry.read(operation, for: reader, restarts: restarts)
        let difference = seen[operation.id]?.difference(to: total, extent) ?? total
        if restarts, !difference.isEmpty { seen[operation.id] = EarlierCounts(total) }
        return difference
    }
}

/// What an operation had counted at an earlier moment.
struct EarlierCounts {
    private let histogram: PackedHistogram
    private let errorCount: UInt64

    init(_ total: OperationSnapshot) {
        histogram = PackedHistogram(total.histogram)
        errorCount = total.errorCount
    }

    /// Whether something was counted since then.
    func isBefore(_ total: OperationSnapshot) -> Bool {
        total.histogram.count != histogram.count || total.errorCount != errorCount
    }

    /// What was counted since then. If `total` is not a later state of the same counts, the result is `total` itself.
    /// - Parameter extent: The extremes of the durations since then.
    func difference(to total: OperationSnapshot, _ extent: DurationExtent) -> OperationSnapshot {
        var difference = total
        if total.histogram.count == histogram.count {
            // Nothing was counted, so there is nothing to unpack and subtract.
            difference.histogram = ExponentialHistogram(
                validScale: total.histogram.scale,
                unit: total.histogram.unit
            )
        } else if histogram.subtract(from: &difference.histogram) {
            difference.histogram.setExtremes(extent)
        } else {
            return total
        }
        difference.errorCount = total.errorCount - errorCount
        return difference
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
    public func collect() -> [OperationSnapshot] {
        engine.countMissing()
        return reader.restart()
    }
}
