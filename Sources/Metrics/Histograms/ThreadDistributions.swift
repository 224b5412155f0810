import CSpanKit
import SpanKitPlatform
import Synchronization

/// The histograms of one thread by number.
///
/// The thread itself reads the table without a lock. Only the thread adds to it and replaces it, with the registry's lock, so that
/// other threads can read it with that lock. They remove only histograms of series that are no longer in use.
@usableFromInline
struct ThreadDistributions: ~Copyable {
    @usableFromInline typealias Entry = Atomic<UnsafeMutableRawPointer?>

    /// The number of entries in the table.
    @usableFromInline let capacity = Atomic<UInt32>(0)
    @usableFromInline let table = Atomic<UnsafeMutablePointer<Entry>?>(nil)
    /// How many numbers this thread has recorded into shared histograms, by number. Only the thread uses it.
    private(set) var warmUps: UnsafeMutablePointer<UInt16>?

    /// How many numbers a thread records into the shared histogram of a series before it gets its own.
    static let warmUpRecords: UInt16 = 256

    init() {}

    deinit {
        table.load(ordering: .relaxed)?.deallocate()
        warmUps?.deallocate()
    }

    /// The calling thread's histograms; nil before its first record.
    @inlinable @inline(__always)
    static var current: UnsafeMutablePointer<ThreadDistributions>? {
        spankit_thread_metrics()?.assumingMemoryBound(to: ThreadDistributions.self)
    }

    /// The thread's histogram with a number; nil if it has none.
    @inlinable @inline(__always)
    func distribution(_ number: UInt32) -> LiveDistribution? {
        guard number < capacity.load(ordering: .relaxed) else { return nil }
        let table = table.load(ordering: .relaxed).unsafelyUnwrapped
        return table[Int(number)].load(ordering: .relaxed).map { LiveDistribution($0) }
    }

    /// Sets the entry of a number. The caller holds the registry's lock.
    func set(_ number: UInt32, _ distribution: LiveDistribution?) {
        guard number < capacity.load(ordering: .relaxed) else { return }
        table.load(ordering: .relaxed)?[Int(number)].store(distribution?.address, ordering: .relaxed)
    }

    /// Counts a number that the thread will record into the shared histogram.
    /// - Returns: whether it has recorded enough of them for a histogram of its own.
    func isWarm(_ number: UInt32) -> Bool {
        guard number < capacity.load(ordering: .relaxed), let warmUps else { return false }
        guard warmUps[Int(number)] < Self.warmUpRecords else { return true }
        warmUps[Int(number)] += 1
        return false
    }

    /// Makes room for a number. Called by the thread, with the registry's lock.
    mutating func makeRoom(for number: UInt32) {
        let capacity = capacity.load(ordering: .relaxed)
        guard number >= capacity else { return }
        var larger: UInt32 = 64
        while larger <= number { larger *= 2 }
        let entries = UnsafeMutablePointer<Entry>.allocate(capacity: Int(larger))
        let counts = UnsafeMutablePointer<UInt16>.allocate(capacity: Int(larger))
        counts.initialize(repeating: 0, count: Int(larger))
        let old = table.load(ordering: .relaxed)
        for place in 0..<Int(larger) {
            let known = place < Int(capacity) ? old?[place].load(ordering: .relaxed) : nil
            (entries + place).initialize(to: Entry(known))
        }
        if let warmUps { counts.update(from: warmUps, count: Int(capacity)) }
        warmUps?.deallocate()
        warmUps = counts
        table.store(entries, ordering: .relaxed)
        self.capacity.store(larger, ordering: .relaxed)
        old?.deallocate()
    }
}
