import CSpanKit
import SpanKitPlatform
import Synchronization

/// The histograms of all threads and series of the process.
///
/// Each series has two numbers: an even one for zeros and positive numbers, and the next one for negative numbers. Lock order: the
/// registry's lock first, then that of one series. A thread takes the registry's lock when it gets a histogram, when the range of one
/// grows, and when it ends. A reader takes it for one series at a time.
final class DistributionRegistry: @unchecked Sendable {
    static let shared = DistributionRegistry()

    let lock = Lock()
    // The lock guards these.
    private var threads: [UnsafeMutablePointer<ThreadDistributions>] = []
    private var series: [Unmanaged<DistributionCells>?] = []
    private var unusedPlaces: [Int] = []

    /// The process that the counts belong to, as numbered by `spankit_forks()`.
    private let process = Atomic<UInt64>(spankit_forks())
    /// The bytes of the threads' own histograms, and of the shared ones.
    private let privateBytes = Atomic<Int>(0)
    private let sharedBytes = Atomic<Int>(0)
    /// The largest number of bytes of the threads' own histograms. Beyond it, threads share histograms and lock them.
    static let privateBudget = 64 << 20
    /// The largest number of bytes of shared histograms. Beyond it, numbers that need new buckets are counted by octave.
    static let sharedBudget = 256 << 20

    private static let exitHook = ThreadExitHook { _ in DistributionRegistry.shared.retireThread() }

    // MARK: Series

    /// Returns a place for a new series. The numbers of the series are twice the place, and one more.
    func add(_ cells: DistributionCells) -> Int {
        lock.withLock {
            let place = unusedPlaces.popLast() ?? series.count
            if place == series.count { series.append(nil) }
            series[place] = .passUnretained(cells)
            return place
        }
    }

    /// Frees the threads' histograms of a series that is no longer in use, and its place.
    func remove(_ place: Int) {
        lock.withLock {
            series[place] = nil
            for thread in threads {
                for number in [UInt32(place * 2), UInt32(place * 2 + 1)] {
                    guard let distribution = thread.pointee.distribution(number) else { continue }
                    thread.pointee.set(number, nil)
                    free(distribution)
                }
            }
            unusedPlaces.append(place)
        }
    }

    /// Frees a thread's own histogram.
    func free(_ distribution: LiveDistribution) {
        privateBytes.wrappingSubtract(distribution.bytes, ordering: .relaxed)
        distribution.destroy()
    }

    // MARK: Threads

    /// The calling thread's histograms, created if necessary.
    func thread() -> UnsafeMutablePointer<ThreadDistributions> {
        if let known = ThreadDistributions.current { return known }
        let made = UnsafeMutablePointer<ThreadDistributions>.allocate(capacity: 1)
        made.initialize(to: ThreadDistributions())
        lock.withLock { threads.append(made) }
        spankit_set_thread_metrics(made)
        Self.exitHook?.arm()
        return made
    }

    /// The calling thread's histogram of a number; nil if it records into the shared one.
    /// - Parameters:
    ///   - reuses: whether there may be histograms of threads that have ended.
    ///   - reuse: returns one of them, if there is one. Called with the registry's lock, so that a reader finds its
    ///     counts either there or here.
    ///   - make: creates one; returns nil if the system has no memory.
    func distribution(
        _ number: UInt32,
        reuses: Bool,
        _ reuse: () -> LiveDistribution?,
        _ make: () -> LiveDistribution?
    ) -> LiveDistribution? {
        let thread = thread()
        if let known = thread.pointee.distribution(number) { return known }
        if number >= thread.pointee.capacity.load(ordering: .relaxed) {
            lock.withLock { thread.pointee.makeRoom(for: number) }
        }
        guard thread.pointee.isWarm(number) else { return nil }
        if reuses {
            let reused = lock.withLock {
                let reused = reuse()
                if let reused { thread.pointee.set(number, reused) }
                return reused
            }
            if let reused { return reused }
        }
        guard privateBytes.load(ordering: .relaxed) < Self.privateBudget, let made = make() else { return nil }
        privateBytes.wrappingAdd(made.bytes, ordering: .relaxed)
        lock.withLock { thread.pointee.set(number, made) }
        return made
    }

    /// Counts a magnitude above zero in the calling thread's own histogram, whose range it extends.
    /// - Returns: whether it was counted.
    func record(_ magnitude: Double, extending distribution: LiveDistribution) -> Bool {
        let allowance = Self.privateBudget - privateBytes.load(ordering: .relaxed)
        let growth = lock.withLock { distribution.record(magnitude, allowance: allowance) }
        guard let growth else { return false }
        if growth > 0 { privateBytes.wrappingAdd(growth, ordering: .relaxed) }
        return true
    }

    /// The bytes that shared histograms may still take.
    var sharedAllowance: Int { Self.sharedBudget - sharedBytes.load(ordering: .relaxed) }

    func addSharedBytes(_ bytes: Int) { sharedBytes.wrappingAdd(bytes, ordering: .relaxed) }

    /// Passes the counts of the calling thread, which ends, to the shared histograms.
    private func retireThread() {
        guard let thread = ThreadDistributions.current else { return }
        spankit_set_thread_metrics(nil)
        lock.withLock {
            threads.removeAll { $0 == thread }
            for number in 0..<thread.pointee.capacity.load(ordering: .relaxed) {
                guard let distribution = thread.pointee.distribution(number) else { continue }
                let isTaken = series[Int(number / 2)]?
                    ._withUnsafeGuaranteedRef { $0.absorb(distribution, isNegative: number & 1 == 1) }
                if isTaken != true { free(distribution) }
            }
        }
        thread.deinitialize(count: 1)
        thread.deallocate()
    }

    // MARK: Reading

    /// Calls `body` with each thread's histograms of a series, and whether they are of negative numbers. The caller holds the lock, so that
    /// no buckets are moved and no thread passes its counts on meanwhile.
    func forEachDistribution(_ number: UInt32, _ body: (LiveDistribution, Bool) -> Void) {
        for thread in threads {
            if let distribution = thread.pointee.distribution(number) { body(distribution, false) }
            if let distribution = thread.pointee.distribution(number + 1) { body(distribution, true) }
        }
    }

    // MARK: Fork

    /// Takes the registry's lock and those of all series until the fork is over.
    func acquireForFork() {
        lock.acquireForFork()
        for cells in series { cells?._withUnsafeGuaranteedRef { $0.lock.acquireForFork() } }
    }

    /// Discards the counts of the parent in the child of a fork, before anything is counted there.
    ///
    /// The thread-local of the thread that forked is empty in the child, so that its first record comes here.
    @inline(__always)
    func becomeOwn() {
        if process.load(ordering: .acquiring) != spankit_forks() { startEmptyAfterFork() }
    }

    @inline(never)
    private func startEmptyAfterFork() {
        lock.withLock {
            guard process.load(ordering: .relaxed) != spankit_forks() else { return }
            for thread in threads {
                for number in 0..<thread.pointee.capacity.load(ordering: .relaxed) {
                    if let distribution = thread.pointee.distribution(number) { free(distribution) }
                }
                thread.deinitialize(count: 1)
                thread.deallocate()
            }
            threads = []
            for cells in series { cells?._withUnsafeGuaranteedRef { $0.forgetParent() } }
            // All are freed. The sizes of those in files cannot be read any more.
            privateBytes.store(0, ordering: .relaxed)
            sharedBytes.store(0, ordering: .relaxed)
            process.store(spankit_forks(), ordering: .releasing)
        }
    }
}
