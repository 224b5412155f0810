import Synchronization

/// One operation of an engine: its name, the histogram that threads share, and its number of failures.
final class Operation: @unchecked Sendable {
    let id: OperationID
    let name: String
    let hash: UInt64
    /// The histogram of threads that have recorded this operation rarely, and of threads that ended. It has its own lock.
    let shared: UnsafeMutablePointer<LiveHistogram>
    let errorCount = Atomic<UInt64>(0)
    /// For each reader, the extremes since its last restart. Guarded by the registry's lock.
    var extents: [DurationExtent]
    /// The extremes of all durations up to the last tick. Guarded by the registry's lock.
    var lifetime = DurationExtent()

    init(id: OperationID, name: String, hash: UInt64, table: IndexTable, readers: Int) {
        self.id = id
        self.name = name
        self.hash = hash
        shared = LiveHistogram.make(table: table)
        extents = Array(repeating: DurationExtent(), count: readers)
    }

    deinit { LiveHistogram.destroy(shared) }
}

/// The handle of an operation in one ``PercentileEngine``.
@frozen
public struct OperationID: Hashable, Sendable {
    @usableFromInline package let rawValue: UInt32

    @inlinable
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The overflow operation, which counts the runs of all operations beyond the engine's limit.
    public static let overflow = OperationID(rawValue: 0)
}
