import SpanKitPlatform

/// The counts of an engine over a recent period, by default the last minute.
///
/// The window is divided into parts of equal length, which are dropped one by one when they are too old. A part takes a
/// few kilobytes for each operation that ran. The caller passes the current time in nanoseconds of any monotonic clock.
///
/// Call ``advance(to:)`` at least once per part. Each call assigns all runs since the previous call to one part.
public final class SlidingWindow: @unchecked Sendable {
    /// A part that is over, of an operation that ran in it.
    private struct Part {
        var number: UInt64
        /// The operation's counts before the part; nil for none.
        var before: EarlierCounts?
        /// The extremes of the durations in the part.
        var extent: DurationExtent
    }

    /// Kept alive, because the engine owns the memory of the operations.
    private let engine: PercentileEngine
    private let reader: Int
    private let partCount: UInt64
    private let partNanoseconds: UInt64
    private let lock = Lock()
    // Guarded by the lock:
    /// The parts of each operation that are over, oldest first.
    private var parts: [OperationID: [Part]] = [:]
    /// The counts of each operation before the current part.
    private var before: [OperationID: EarlierCounts] = [:]
    private var current: UInt64

    /// Creates an empty window that starts now.
    /// - Parameters:
    ///   - engine: the engine to read.
    ///   - parts: the number of parts, including the current one; at least 1.
    ///   - partNanoseconds: the length of a part in nanoseconds; at least 1.
    ///   - now: the current time in nanoseconds.
    public init(
        of engine: PercentileEngine,
        parts: Int = 6,
        partNanoseconds: UInt64 = 10_000_000_000,
        startingAt now: UInt64
    ) {
        self.engine = engine
        engine.countMissing()
        reader = engine.registry.addReader()
        partCount = UInt64(max(parts, 1))
        self.partNanoseconds = max(partNanoseconds, 1)
        current = now / self.partNanoseconds
        for operation in engine.registry.operations.all {
            let (total, _) = engine.registry.read(operation, for: reader, restarts: true)
            if !total.isEmpty { before[operation.id] = EarlierCounts(total) }
        }
    }

    deinit {
        engine.registry.removeReader(reader)
        lock.destroy()
    }

    /// Ends the current part if its time is over, and drops parts that are too old.
    public func advance(to now: UInt64) {
        engine.countMissing()
        lock.withLock { advanceLocked(to: now) }
    }

    /// The counts of the operations that ran within the window that ends at `now`.
    public func snapshot(at now: UInt64) -> [OperationSnapshot] {
        snapshotAndTotal(at: now).window
    }

    /// The counts within the window and since the engine was created, in one pass.
    ///
    /// The minimum and maximum of the total are exact only to the width of a bucket.
    package func snapshotAndTotal(at now: UInt64) -> (window: [OperationSnapshot], total: [OperationSnapshot]) {
        engine.countMissing()
        return lock.withLock {
            advanceLocked(to: now)
            var window: [OperationSnapshot] = []
            var totals: [OperationSnapshot] = []
            for operation in engine.registry.operations.all {
                let (total, extent) = engine.registry.read(operation, for: reader, restarts: false)
                guard !total.isEmpty else { continue }
                let lately = counts(of: operation.id, total, extent)
                if !lately.isEmpty { window.append(lately) }
                totals.append(total)
            }
            return (window, totals)
        }
    }

    /// The counts of an operation within the window.
    /// - Parameter extent: The extremes of the durations in the current part.
    private func counts(
        of operation: OperationID,
        _ total: OperationSnapshot,
        _ extent: DurationExtent
    ) -> OperationSnapshot {
        let parts = parts[operation] ?? []
        let extent = parts.reduce(extent) { $0.union($1.extent) }
        if let before = parts.isEmpty ? before[operation] : parts[0].before {
            return before.difference(to: total, extent)
        }
        var all = total
        all.histogram.setExtremes(extent)
        return all
    }

    private func advanceLocked(to now: UInt64) {
        let number = now / partNanoseconds
        guard number > current else { return }
        current = number
        for operation in engine.registry.operations.all {
            let (total, extent) = engine.registry.read(operation, for: reader, restarts: true)
            let earlier = before[operation.id]
            var kept = parts[operation.id] ?? []
            if earlier?.isBefore(total) ?? !total.isEmpty {
                // If the caller is late, the runs since its last call count in the part before this one.
                kept.append(Part(number: number - 1, before: earlier, extent: extent))
                before[operation.id] = EarlierCounts(total)
            }
            kept.removeAll { $0.number + partCount <= number }
            parts[operation.id] = kept.isEmpty ? nil : kept
        }
    }
}
