import CClock
import Synchronization

/// What one thread keeps for one engine: its own histograms, by operation.
///
/// `histograms` is changed by the thread alone, under the registry's lock; so the thread reads it without, others with it.
/// The shard itself belongs to the thread and outlives the engine: once the engine is gone, ``engineID`` is 0 and nothing
/// else in it is valid.
@usableFromInline
struct ThreadShard: ~Copyable {
    /// The engine it belongs to; never reused, 0 once that is gone.
    @usableFromInline let engineID: Atomic<UInt64>
    @usableFromInline var capacity: UInt32 = 0
    @usableFromInline var histograms: UnsafeMutablePointer<UnsafeMutablePointer<LiveHistogram>?>?
    /// How often this thread has recorded an operation that has no histogram of its own here yet.
    var warmUps: UnsafeMutablePointer<UInt16>?
    let registry: OperationRegistry
    var next: UnsafeMutablePointer<ThreadShard>?

    init(registry: OperationRegistry, next: UnsafeMutablePointer<ThreadShard>?) {
        engineID = Atomic(registry.id)
        self.registry = registry
        self.next = next
    }

    /// The shard this thread used last, of whatever engine.
    @inlinable
    @inline(__always)
    static var current: UnsafeMutablePointer<ThreadShard>? {
        spankit_thread_percentiles()?.assumingMemoryBound(to: ThreadShard.self)
    }

    /// This thread's histogram of an operation, nil when it has none.
    @inlinable
    @inline(__always)
    func histogram(of operation: OperationID) -> UnsafeMutablePointer<LiveHistogram>? {
        guard operation.rawValue < capacity else { return nil }
        return histograms.unsafelyUnwrapped[Int(operation.rawValue)]
    }

    static let bytesPerOperation =
        MemoryLayout<UnsafeMutablePointer<LiveHistogram>?>.stride + MemoryLayout<UInt16>.stride

    /// Makes room for the handles below `needed`.
    ///
    /// By the thread, under the registry's lock.
    /// - Returns: by how many bytes it grew.
    mutating func makeRoom(for needed: UInt32) -> Int {
        guard needed > capacity else { return 0 }
        var larger: UInt32 = 64
        while larger < needed { larger *= 2 }
        let table = UnsafeMutablePointer<UnsafeMutablePointer<LiveHistogram>?>.allocate(capacity: Int(larger))
        let counts = UnsafeMutablePointer<UInt16>.allocate(capacity: Int(larger))
        table.initialize(repeating: nil, count: Int(larger))
        counts.initialize(repeating: 0, count: Int(larger))
        if let histograms, let warmUps {
            table.update(from: histograms, count: Int(capacity))
            counts.update(from: warmUps, count: Int(capacity))
        }
        let growth = Int(larger - capacity) * Self.bytesPerOperation
        freeTables()
        histograms = table
        warmUps = counts
        capacity = larger
        return growth
    }

    /// Gives back the tables, not the histograms in them.
    mutating func freeTables() {
        histograms?.deallocate()
        warmUps?.deallocate()
        histograms = nil
        warmUps = nil
        capacity = 0
    }
}
