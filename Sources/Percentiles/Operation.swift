import Synchronization

/// One operation of an engine: its name, the histogram all threads share, its failures.
final class Operation: @unchecked Sendable {
    let id: OperationID
    let name: String
    let hash: UInt64
    /// Written under its own lock: by threads that have recorded little of this operation, and by those that ended.
    let shared: UnsafeMutablePointer<LiveHistogram>
    let errorCount = Atomic<UInt64>(0)
    /// For each reader of the engine, the extremes since it last began anew.
    ///
    /// Under the registry's lock.
    var extents: [DurationExtent]
    /// The extremes of all that the last tick has seen.
    ///
    /// Under the registry's lock.
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
