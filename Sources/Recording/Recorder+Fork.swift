import CSpanKit

// In the child of a fork, a recorder starts without spans and with its own ids; the parent keeps its spans.
//
// Every lock of every recorder is taken before the fork and released in both processes. So no lock is held in the child by a thread
// that does not exist there, and no state is copied half-changed. `ForkHandlers.c` runs after the fork, where Swift must not run.
// ``Recorder/becomeOwn()`` does the rest when the child first uses a recorder.
extension Recorder {
    static let isForkHookInstalled: Bool = spankit_on_fork { Recorder.prepareForFork() }

    /// Sets a function that is called in the child of a fork, on the thread that records the first span or log record
    /// there. The function has to start the thread that reads the log, because a child has none of its parent's
    /// threads.
    package func onFirstSpansAfterFork(_ body: @escaping @Sendable () -> Void) {
        forked.withLock { $0 = body }
    }

    /// Takes every lock of every recorder until the fork is over. Runs in the parent, while its other threads run.
    private static func prepareForFork() {
        _ = rehearsal
        all.acquireForFork()
        for recorder in all.acquiredValue { recorder.acquireForFork() }
        // The lock of the clock is taken last, because a thread that holds another lock may ask for an anchor.
        AnchoredClock.shared.acquireForFork()
    }

    /// Runs ``forgetParent()`` in the parent, on a recorder that is never used, so that the Swift runtime creates the
    /// types that this function needs before the fork. In a child, the runtime could wait forever for a lock that a
    /// thread of the parent held.
    private static let rehearsal: Void = dormant.forgetParent()

    private func acquireForFork() {
        becomingOwn.acquireForFork()
        forked.acquireForFork()
        threads.acquireForFork()
        inheritedLog.acquireForFork()
        inheritedLogRecords.acquireForFork()
        pool.acquireForFork()
        strings.acquireForFork()
        traceStates.acquireForFork()
        scopes.acquireForFork()
        region.acquireForFork()
        callerLog.acquireForFork()
        engine.acquireForFork()
    }

    /// Clears the parent's state in the child of a fork, before anything is recorded or read there.
    ///
    /// The fork handler has done the rest: the region is the child's own, no slot is in use, and no thread has a
    /// ``ThreadRecorder``. So starting or ending a span always calls ``thread()`` first, which calls this.
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
        // The parts of the parent's threads are not freed; they are a few bytes each.
        threads.withLock { $0 = Threads() }
        pool.startEmptyAfterFork()
        for log in [inheritedLog, inheritedLogRecords] {
            log.chunks.startEmptyAfterFork()
            log.chunks.onChunkOpened { [self] in
                let callback = forked.withLock { callback in
                    defer { callback = nil }
                    return callback
                }
                callback?()
            }
        }
    }
}
