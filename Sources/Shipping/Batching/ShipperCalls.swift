/// What other threads want of the shipper's thread, and when that may sleep.
///
/// Holds no thread, no lock and no clock: whoever has it keeps it under a monitor, and every order of events can be tried
/// (`ShipperCallsTests`). A call that comes while the thread is busy is there when it looks again; that is all there is to lost
/// wake-ups.
struct ShipperCalls: Hashable {
    /// What the thread was called for.
    struct Call: Hashable {
        var isStopping: Bool
        /// The latest flush that is wanted; 0 for none.
        var flush: Int
    }

    /// A chunk of the log was begun, or a destination has room again.
    private var isSignalled = false
    private var flushesWanted = 0
    private var flushesDone = 0
    /// A flush waits for room: no reason to wake up again before there is some.
    private(set) var isBlocked = false
    private(set) var isStopping = false
    private(set) var hasEnded = false

    // MARK: From other threads

    mutating func signal() { isSignalled = true }

    /// - Returns: what ``isFlushed(_:)`` is to be asked for.
    mutating func wantFlush() -> Int {
        flushesWanted += 1
        return flushesWanted
    }

    /// The caller of a flush waits no longer, so the thread need not hurry for it.
    mutating func giveUp(_ flush: Int) { flushesDone = max(flushesDone, flush) }

    mutating func stop() { isStopping = true }

    /// Whether a flush is over, or will never be.
    func isFlushed(_ flush: Int) -> Bool { flushesDone >= flush || hasEnded }

    // MARK: On the thread

    /// Whether there is something to do; if not, the thread may sleep until something changes.
    var isCalled: Bool {
        isSignalled || isStopping || flushesWanted > flushesDone && !isBlocked
    }

    /// What there is to do, and looks away from it.
    mutating func take() -> Call {
        isSignalled = false
        isBlocked = false
        return Call(isStopping: isStopping, flush: flushesWanted > flushesDone ? flushesWanted : 0)
    }

    /// Tells what became of a call.
    /// - Parameter isOver: the log was emptied, or nobody will take more of it for now.
    mutating func answer(_ call: Call, isOver: Bool) {
        guard call.flush > 0 else { return }
        if isOver { flushesDone = max(flushesDone, call.flush) } else { isBlocked = true }
    }

    mutating func end() { hasEnded = true }

    /// Forgets a signal that was answered while stopping.
    mutating func takeSignal() -> Bool {
        defer { isSignalled = false }
        return isSignalled
    }
}
