import CSpanKit
import SpanKitPlatform
import Synchronization

// In the child of a fork, a meter starts from zero: the parent's counts are exported by the parent. The kernel clears the memory of cells
// in the child. Every lock of every meter is taken before the fork, so that no thread that does not exist in the child holds one there.
extension MeterState {
    private struct WeakMeter {
        weak var state: MeterState?
    }

    private static let all = Locked<[WeakMeter]>([])
    private static let isForkHookInstalled: Bool = spankit_on_fork { MeterState.prepareForFork() }

    func registerForFork() {
        _ = Self.isForkHookInstalled
        Self.all.withLock { all in
            all.removeAll { $0.state == nil }
            all.append(WeakMeter(state: self))
        }
    }

    /// Takes every lock of every meter until the fork is over. Runs in the parent, while its other threads run.
    private static func prepareForFork() {
        all.acquireForFork()
        let meters = all.acquiredValue.compactMap(\.state)
        for meter in meters { meter.acquireForFork() }
        DistributionRegistry.shared.acquireForFork()
        // Last, because blocks of a file are taken with any of these locks.
        for meter in meters { meter.memory.file?.acquireForFork() }
    }

    private func acquireForFork() {
        // First, because the companion asks for series while it holds its own locks.
        companion.acquireForFork()
        companion.acquiredValue?.acquireForFork()
        becomingOwn.acquireForFork()
        instruments.acquireForFork()
        for instrument in instruments.acquiredValue.inOrder { instrument.acquireForFork() }
        collectors.acquireForFork()
        memory.acquireForFork()
        log.acquireForFork()
    }

    /// Forgets the parent's counts in the child of a fork, before anything is read there.
    @inline(__always)
    func becomeOwn() {
        if process.load(ordering: .acquiring) != spankit_forks() { startEmptyAfterFork() }
    }

    @inline(never)
    private func startEmptyAfterFork() {
        becomingOwn.withLock { _ in
            guard process.load(ordering: .relaxed) != spankit_forks() else { return }
            DistributionRegistry.shared.becomeOwn()
            let (all, observables) = instruments.withLock { ($0.inOrder, $0.observables) }
            for instrument in all { instrument.forgetParent() }
            // A call that hung in the parent never returns here.
            for callback in observables.flatMap(\.callbacks) { callback.setHanging(false) }
            process.store(spankit_forks(), ordering: .releasing)
        }
    }
}
