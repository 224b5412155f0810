import SpanKitPlatform

/// The last minute of an engine, or however long: what summaries of a running server show.
///
/// Made of parts that are dropped one by one as they grow too old. Each part is kept packed, a few kilobytes for each
/// operation that ran. Time comes from the caller, in nanoseconds of any clock that does not go back.
/// Call ``advance(to:)`` at least once a part; what happened between two calls counts as happened at the later one.
public final class SlidingWindow: @unchecked Sendable {
    private struct Part {
        var number: UInt64
        var operations: [(name: String, histogram: PackedHistogram, errorCount: UInt64)]
    }

    private let engine: PercentileEngine
    private let reader: HistogramReader
    private let place: Int
    private let partCount: UInt64
    private let partNanoseconds: UInt64
    private let lock = Lock()
    // Under the lock:
    private var parts: [Part] = []
    private var current: UInt64

    /// A window that begins now, with nothing in it.
    ///
    /// - Parameters:
    ///   - engine: what to watch.
    ///   - parts: how many parts the window has, the running one included; at least 1.
    ///   - partNanoseconds: the length of a part; at least 1.
    ///   - now: the caller's time in nanoseconds.
    public init(
        of engine: PercentileEngine,
        parts: Int = 6,
        partNanoseconds: UInt64 = 10_000_000_000,
        startingAt now: UInt64
    ) {
        self.engine = engine
        place = engine.registry.addReader()
        reader = HistogramReader(registry: engine.registry, reader: place)
        partCount = UInt64(max(parts, 1))
        self.partNanoseconds = max(partNanoseconds, 1)
        current = now / self.partNanoseconds
        reader.beginAnew()
    }

    deinit {
        engine.registry.removeReader(place)
        lock.destroy()
    }

    /// Closes the running part if its time is over, and drops the parts that are too old.
    public func advance(to now: UInt64) {
        lock.withLock { advanceLocked(to: now) }
    }

    /// What was counted within the window that ends now, of the operations that ran in it.
    public func snapshot(at now: UInt64) -> [OperationSnapshot] {
        lock.withLock {
            advanceLocked(to: now)
            return merged(with: reader.differences())
        }
    }

    /// The same as ``snapshot(at:)``, with everything since the engine was made, at the cost of one reading.
    ///
    /// Of the latter the extremes are known to their bucket only.
    package func snapshotAndTotal(at now: UInt64) -> (window: [OperationSnapshot], total: [OperationSnapshot]) {
        lock.withLock {
            advanceLocked(to: now)
            let (running, totals) = reader.differencesAndTotals()
            return (merged(with: running), totals)
        }
    }

    private func merged(with running: [OperationSnapshot]) -> [OperationSnapshot] {
        var merged: [OperationSnapshot] = []
        var places: [String: Int] = [:]
        func place(of name: String) -> Int {
            if let place = places[name] { return place }
            places[name] = merged.count
            let empty = ExponentialHistogram(
                validScale: engine.registry.table.scale,
                unit: engine.registry.table.unit
            )
            merged.append(OperationSnapshot(name: name, histogram: empty))
            return merged.count - 1
        }
        for part in parts {
            for operation in part.operations {
                let place = place(of: operation.name)
                operation.histogram.add(to: &merged[place].histogram)
                merged[place].errorCount &+= operation.errorCount
            }
        }
        for running in running {
            let place = place(of: running.name)
            // Of one engine: they have one unit and scale.
            try? merged[place].histogram.merge(running.histogram)
            merged[place].errorCount &+= running.errorCount
        }
        return merged
    }

    private func advanceLocked(to now: UInt64) {
        let number = now / partNanoseconds
        guard number > current else { return }
        let ended = reader.beginAnew()
        if !ended.isEmpty {
            let packed = ended.map { ($0.name, PackedHistogram($0.histogram), $0.errorCount) }
            // A caller that was late closes the part just before its time.
            parts.append(Part(number: number - 1, operations: packed))
        }
        current = number
        parts.removeAll { $0.number + partCount <= number }
    }
}
