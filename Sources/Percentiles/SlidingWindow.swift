import SpanKitPlatform

/// The counts of an engine over a recent period, by default the last minute.
///
/// The window is divided into parts of equal length, which are dropped one by one when they are too old. A part takes a
/// few kilobytes for each operation that ran. The caller passes the current time in nanoseconds of any monotonic clock.
///
/// Call ``advance(to:)`` at least once per part. Each call assigns all runs since the previous call to one part.
public final class SlidingWindow: @unchecked Sendable {
    private typealias Counts = [(name: String, histogram: PackedHistogram, errorCount: UInt64)]

    private struct Part {
        var number: UInt64
        var operations: Counts
    }

    private let engine: PercentileEngine
    private let reader: HistogramReader
    private let partCount: UInt64
    private let partNanoseconds: UInt64
    private let lock = Lock()
    // Guarded by the lock:
    private var parts: [Part] = []
    /// The sum of `parts`, so that a snapshot does not unpack each of them.
    private var closed: Counts = []
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
        reader = HistogramReader(of: engine)
        partCount = UInt64(max(parts, 1))
        self.partNanoseconds = max(partNanoseconds, 1)
        current = now / self.partNanoseconds
        reader.restart()
    }

    deinit { lock.destroy() }

    /// Ends the current part if its time is over, and drops parts that are too old.
    public func advance(to now: UInt64) {
        lock.withLock { advanceLocked(to: now) }
    }

    /// The counts of the operations that ran within the window that ends at `now`.
    public func snapshot(at now: UInt64) -> [OperationSnapshot] {
        lock.withLock {
            advanceLocked(to: now)
            return merged([closed], with: reader.differences())
        }
    }

    /// The counts within the window and since the engine was created, in one pass.
    ///
    /// The minimum and maximum of the total are exact only to the width of a bucket.
    package func snapshotAndTotal(at now: UInt64) -> (window: [OperationSnapshot], total: [OperationSnapshot]) {
        lock.withLock {
            advanceLocked(to: now)
            let (running, totals) = reader.differencesAndTotals()
            return (merged([closed], with: running), totals)
        }
    }

    private func merged(_ parts: [Counts], with running: [OperationSnapshot] = []) -> [OperationSnapshot] {
        var merged: [OperationSnapshot] = []
        var places: [ByteText: Int] = [:]
        func place(of name: String) -> Int {
            if let place = places[ByteText(name)] { return place }
            places[ByteText(name)] = merged.count
            let empty = ExponentialHistogram(
                validScale: engine.registry.table.scale,
                unit: engine.registry.table.unit
            )
            merged.append(OperationSnapshot(name: name, histogram: empty))
            return merged.count - 1
        }
        for part in parts {
            for operation in part {
                let place = place(of: operation.name)
                operation.histogram.add(to: &merged[place].histogram)
                merged[place].errorCount &+= operation.errorCount
            }
        }
        for running in running {
            let place = place(of: running.name)
            if merged[place].histogram.isEmpty {
                merged[place].histogram = running.histogram
            } else {
                // Histograms of one engine have the same unit and scale, so this cannot fail.
                try? merged[place].histogram.merge(running.histogram)
            }
            merged[place].errorCount &+= running.errorCount
        }
        return merged
    }

    private func advanceLocked(to now: UInt64) {
        let number = now / partNanoseconds
        guard number > current else { return }
        let ended = reader.restart()
        if !ended.isEmpty {
            // If the caller is late, the runs since its last call count in the part before this one.
            parts.append(Part(number: number - 1, operations: Self.packed(ended)))
        }
        current = number
        parts.removeAll { $0.number + partCount <= number }
        closed = parts.count == 1 ? parts[0].operations : Self.packed(merged(parts.map(\.operations)))
    }

    private static func packed(_ snapshots: [OperationSnapshot]) -> Counts {
        snapshots.map { ($0.name, PackedHistogram($0.histogram), $0.errorCount) }
    }
}
