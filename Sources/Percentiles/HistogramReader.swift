/// What has happened to an engine's operations since this reader last began anew.
///
/// Counters are never reset: a reader remembers what it has seen, packed, and subtracts. So any number of readers share one
/// set of counters and no update is lost. Its lock is taken before the registry's.
final class HistogramReader: @unchecked Sendable {
    private struct Seen {
        var bytes: [UInt8]
        var errorCount: UInt64
    }

    let registry: OperationRegistry
    private let reader: Int
    private let lock = Lock()
    private var seen: [OperationID: Seen] = [:]

    init(registry: OperationRegistry, reader: Int) {
        self.registry = registry
        self.reader = reader
    }

    deinit { lock.destroy() }

    /// What was counted since the beginning, of the operations that have run.
    func differences() -> [OperationSnapshot] {
        allOperations.map(difference(of:)).filter { !$0.isEmpty }
    }

    /// What one operation counted since the beginning.
    func difference(of operation: Operation) -> OperationSnapshot {
        lock.withLock { read(operation, beginningAnew: false) }
    }

    /// The same as ``differences()``, and the next one begins here.
    @discardableResult
    func beginAnew() -> [OperationSnapshot] {
        lock.withLock { allOperations.map { read($0, beginningAnew: true) }.filter { !$0.isEmpty } }
    }

    private var allOperations: [Operation] {
        (0...registry.operations.limit).lazy
            .map { self.registry.operations.operation(OperationID(rawValue: UInt32($0))) }
            .prefix { $0 != nil }
            .compactMap { $0 }
    }

    private func read(_ operation: Operation, beginningAnew: Bool) -> OperationSnapshot {
        let now = registry.read(operation, for: reader, beginningAnew: beginningAnew)
        var snapshot = OperationSnapshot(name: operation.name, histogram: now.histogram, errorCount: now.errorCount)
        if let earlier = seen[operation.id], let histogram = try? ExponentialHistogram(serialized: earlier.bytes),
            let difference = try? now.histogram.subtracting(histogram)
        {
            snapshot.histogram = difference
            snapshot.histogram.setExtremes(now.extent)
            snapshot.errorCount = now.errorCount - earlier.errorCount
        }
        if beginningAnew, !snapshot.isEmpty {
            seen[operation.id] = Seen(bytes: now.histogram.serialized(), errorCount: now.errorCount)
        }
        return snapshot
    }
}
