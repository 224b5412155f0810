import CSpanKit

extension Recorder {
    /// Sets what is called in the child of a fork, on the thread that records the first spans there: threads do not come along,
    /// so whoever reads the log has to start one.
    package func onFirstSpansAfterFork(_ body: @escaping @Sendable () -> Void) {
        forked.withLock { $0 = body }
    }

    /// Takes every lock of every recorder until the fork is over (``ForkHook``). Runs in the parent, while its other threads run.
    static func prepareForFork() {
        _ = rehearsal
        all.acquireForFork()
        for recorder in all.acquiredValue { recorder.acquireForFork() }
        // Last: whoever holds any other lock may ask for an anchor.
        AnchoredClock.shared.acquireForFork()
    }

    /// Goes through what a child does first, in a recorder that is never used. The runtime makes the types that this needs now, in the
    /// parent: in a child it might wait for a lock that a thread of the parent held, which is not there to give it back.
    private static let rehearsal: Void = dormant.forgetParent()

    private func acquireForFork() {
        becomingOwn.acquireForFork()
        forked.acquireForFork()
        threads.acquireForFork()
        inheritedLog.acquireForFork()
        pool.acquireForFork()
        strings.acquireForFork()
        traceStates.acquireForFork()
        region.acquireForFork()
        sampling.unmarkedTraceIDs.acquireForFork()
        ignoredCalls.acquireForFork()
        engine.acquireForFork()
    }

    /// Forgets what is the parent's, in the child of a fork, before anything is recorded or read there.
    ///
    /// The handler of the fork has seen to the rest: the region is the child's own, no slot is in use, and no thread has a
    /// ``ThreadRecorder``. So every way to a span's start or end comes through ``thread()``, and that comes here.
    @inline(__always)
    func becomeOwn() {
        if process.load(ordering: .acquiring) != spankit_forks() { startEmptyAfterFork() }
    }

    @inline(never)
    private func startEmptyAfterFork() {
        becomingOwn.withLock { _ in
            guard process.load(ordering: .relaxed) != spankit_forks() else { return }
            forgetParent()
            process.store(spankit_forks(), ordering: .releasing)
        }
    }

    private func forgetParent() {
        // What the parent's threads kept is a few bytes each, and left where it is.
        threads.withLock { $0 = Threads() }
        inheritedLog.chunks.startEmptyAfterFork()
        pool.startEmptyAfterFork()
        inheritedLog.chunks.onChunkOpened { [self] in
            let callback = forked.withLock { callback in
                defer { callback = nil }
                return callback
            }
            callback?()
        }
    }
}

/// Keeps recording right across `fork`: the child starts empty, with ids of its own, and the parent's spans stay the parent's.
///
/// Every lock of every recorder is taken before the fork and given back on both sides, so that none is held in the child by a
/// thread that does not exist there, and nothing is copied half-changed. What happens after the fork is in `ForkHandlers.c`,
/// where no Swift runs; ``Recorder/becomeOwn()`` does the rest when the child uses a recorder first.
enum ForkHook {
    private static let isInstalled: Bool = spankit_on_fork { Recorder.prepareForFork() }

    static func install() {
        _ = isInstalled
    }
}
