import CSpanKit
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
    @usableFromInline let capacity = Atomic<UInt32>(0)
    @usableFromInline let histograms = Atomic<UnsafeMutablePointer<UnsafeMutablePointer<LiveHistogram>?>?>(nil)
    /// How often this thread has recorded an operation that has no histogram of its own here yet.
    let warmUps = Atomic<UnsafeMutablePointer<UInt16>?>(nil)
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
        guard operation.rawValue < capacity.load(ordering: .relaxed) else { return nil }
        return histograms.load(ordering: .relaxed).unsafelyUnwrapped[Int(operation.rawValue)]
    }

    static let bytesPerOperation =
        MemoryLayout<UnsafeMutablePointer<LiveHistogram>?>.stride + MemoryLayout<UInt16>.stride

    /// Makes room for the handles below `needed`.
    ///
    /// By the thread, under the registry's lock.
    /// - Returns: by how many bytes it grew.
    func makeRoom(for needed: UInt32) -> Int {
        let capacity = capacity.load(ordering: .relaxed)
        guard needed > capacity else { return 0 }
        var larger: UInt32 = 64
        while larger < needed { larger *= 2 }
        let table = UnsafeMutablePointer<UnsafeMutablePointer<LiveHistogram>?>.allocate(capacity: Int(larger))
        let counts = UnsafeMutablePointer<UInt16>.allocate(capacity: Int(larger))
        table.initialize(repeating: nil, count: Int(larger))
        counts.initialize(repeating: 0, count: Int(larger))
        if let histograms = histograms.load(ordering: .relaxed), let warmUps = warmUps.load(ordering: .relaxed) {
            table.update(from: histograms, count: Int(capacity))
            counts.update(from: warmUps, count: Int(capacity))
        }
        let growth = Int(larger - capacity) * Self.bytesPerOperation
        freeTables()
        histograms.store(table, ordering: .relaxed)
        warmUps.store(counts, ordering: .relaxed)
        self.capacity.store(larger, ordering: .relaxed)
        return growth
    }

    /// Gives back the tables, not the histograms in them.
    func freeTables() {
        histograms.exchange(nil, ordering: .relaxed)?.deallocate()
        warmUps.exchange(nil, ordering: .relaxed)?.deallocate()
        capacity.store(0, ordering: .relaxed)
    }
}
