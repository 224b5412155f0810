import CSpanKit
import Synchronization

/// The histograms of one thread for one engine, by operation.
///
/// Only the thread changes `histograms`, with the registry's lock. The thread itself therefore reads it without the lock, and
/// other threads with it. The shard belongs to the thread and outlives the engine: ``engineID`` is 0 then, and nothing else in
/// it is valid.
@usableFromInline
struct ThreadShard: ~Copyable {
    /// The engine that the shard belongs to; 0 when that engine is gone.
    @usableFromInline let engineID: Atomic<UInt64>
    @usableFromInline let capacity = Atomic<UInt32>(0)
    @usableFromInline let histograms = Atomic<UnsafeMutablePointer<UnsafeMutablePointer<LiveHistogram>?>?>(nil)
    /// For each operation, how often this thread recorded it before it got its own histogram.
    let warmUps = Atomic<UnsafeMutablePointer<UInt16>?>(nil)
    let registry: OperationRegistry
    var next: UnsafeMutablePointer<ThreadShard>?

    init(registry: OperationRegistry, next: UnsafeMutablePointer<ThreadShard>?) {
        engineID = Atomic(registry.id)
        self.registry = registry
        self.next = next
    }

    /// The shard that this thread used last, of any engine.
    @inlinable
    @inline(__always)
    static var current: UnsafeMutablePointer<ThreadShard>? {
        spankit_thread_percentiles()?.assumingMemoryBound(to: ThreadShard.self)
    }

    /// This thread's histogram of an operation; nil if it has none.
    @inlinable
    @inline(__always)
    func histogram(of operation: OperationID) -> UnsafeMutablePointer<LiveHistogram>? {
        guard operation.rawValue < capacity.load(ordering: .relaxed) else { return nil }
        return histograms.load(ordering: .relaxed).unsafelyUnwrapped[Int(operation.rawValue)]
    }

    static let bytesPerOperation =
        MemoryLayout<UnsafeMutablePointer<LiveHistogram>?>.stride + MemoryLayout<UInt16>.stride

    /// Makes room for the handles below `needed`. Called by the thread, with the registry's lock.
    /// - Returns: by how many bytes the tables grew.
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

    /// Frees the tables, but not the histograms in them.
    func freeTables() {
        histograms.exchange(nil, ordering: .relaxed)?.deallocate()
        warmUps.exchange(nil, ordering: .relaxed)?.deallocate()
        capacity.store(0, ordering: .relaxed)
    }
}
