/// The requests of other threads to the shipper's thread, and whether that thread may sleep.
///
/// A state machine without thread, lock or clock, so that tests can try every order of events (`ShipperCallsTests`).
/// The owner protects it with a monitor. A call that arrives while the thread is busy stays recorded, so no wake-up is
/// lost.
struct ShipperCalls: Hashable {
    /// The work that the thread was called for.
    struct Call: Hashable {
        var isStopping: Bool
        /// The number of the latest requested flush; 0 for none.
        var flush: Int
    }

    /// A new chunk of the log was opened, or a destination has room again.
    private var isSignalled = false
    private var flushesWanted = 0
    private var flushesDone = 0
    /// A flush waits for room at a destination. The thread need not wake up before there is some.
    private(set) var isBlocked = false
    private(set) var isStopping = false
    private(set) var hasEnded = false

    // MARK: From other threads

    mutating func signal() { isSignalled = true }

    /// - Returns: the number of the flush, for ``isFlushed(_:)``.
    mutating func wantFlush() -> Int {
        flushesWanted += 1
        return flushesWanted
    }

    /// Cancels a flush whose caller no longer waits.
    mutating func giveUp(_ flush: Int) { flushesDone = max(flushesDone, flush) }

    mutating func stop() { isStopping = true }

    /// Whether a flush is done, or the thread has ended.
    func isFlushed(_ flush: Int) -> Bool { flushesDone >= flush || hasEnded }

    // MARK: On the thread

    /// Whether there is work. If not, the thread may sleep until something changes.
    var isCalled: Bool {
        isSignalled || isStopping || flushesWanted > flushesDone && !isBlocked
    }

    /// Returns the work and resets the signal.
    mutating func take() -> Call {
        isSignalled = false
        isBlocked = false
        return Call(isStopping: isStopping, flush: flushesWanted > flushesDone ? flushesWanted : 0)
    }

    /// Records the result of a call.
    /// - Parameter isOver: whether the log is empty; if not, the flush waits for room.
    mutating func answer(_ call: Call, isOver: Bool) {
        guard call.flush > 0 else { return }
        if isOver { flushesDone = max(flushesDone, call.flush) } else { isBlocked = true }
    }

    mutating func end() { hasEnded = true }

    /// Returns and resets the signal, while stopping.
    mutating func takeSignal() -> Bool {
        defer { isSignalled = false }
        return isSignalled
    }
}
