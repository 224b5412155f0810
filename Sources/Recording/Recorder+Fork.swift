import CClock
import Percentiles

extension Recorder {
    /// Sets what is called in the child of a fork, on the thread that records the first spans there: threads do not come along,
    /// so whoever reads the log has to start one.
    package func onFirstSpansAfterFork(_ body: @escaping @Sendable () -> Void) {
        forked.withLock { $0 = body }
    }

    static func prepareForFork() {
        all.acquireForFork()
        for recorder in allAcquired { recorder.acquireForFork() }
        // Last: whoever holds any other lock may ask for an anchor.
        AnchoredClock.shared.acquireForFork()
    }

    static func forkedInParent() {
        AnchoredClock.shared.releaseAfterFork()
        for recorder in allAcquired.reversed() { recorder.releaseAfterFork() }
        all.releaseAfterFork()
    }

    static func forkedInChild() {
        let recorders = allAcquired
        forkedInParent()
        for recorder in recorders { recorder.startEmptyAfterFork() }
    }

    private static var allAcquired: [Recorder] { all.acquiredValue }

    private func acquireForFork() {
        forked.acquireForFork()
        threads.acquireForFork()
        log.acquireForFork()
        pool.acquireForFork()
        strings.acquireForFork()
        traceStates.acquireForFork()
        region.acquireForFork()
        engine.acquireForFork()
    }

    private func releaseAfterFork() {
        engine.releaseAfterFork()
        region.releaseAfterFork()
        traceStates.releaseAfterFork()
        strings.releaseAfterFork()
        pool.releaseAfterFork()
        log.releaseAfterFork()
        threads.releaseAfterFork()
        forked.releaseAfterFork()
    }

    private func startEmptyAfterFork() {
        region.becomePrivate()
        let own = ownThread()
        threads.withLock { threads in
            for thread in threads.live {
                if thread == own {
                    thread.pointee.startEmptyAfterFork()
                } else {
                    // Its thread is not here; what it kept is free, the rest of it is a few bytes.
                    pool.give(UnsafeBufferPointer(start: thread.pointee.slots, count: thread.pointee.slotCount))
                }
            }
            threads.live = own.map { [$0] } ?? []
            threads.retired = [:]
        }
        log.startEmptyAfterFork()
        pool.freeAllAfterFork()
        engine.reset()
        log.onChunkOpened { [self] in
            let callback = forked.withLock { callback in
                defer { callback = nil }
                return callback
            }
            callback?()
        }
    }

    /// The forking thread's part of this recorder, if it has one.
    private func ownThread() -> UnsafeMutablePointer<ThreadRecorder>? {
        var candidate = spankit_thread_recording()?.assumingMemoryBound(to: ThreadRecorder.self)
        while let thread = candidate {
            if thread.pointee.recorder.toOpaque() == Unmanaged.passUnretained(self).toOpaque() { return thread }
            candidate = thread.pointee.next
        }
        return nil
    }
}
