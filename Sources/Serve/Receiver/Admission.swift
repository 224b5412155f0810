import SpanKitPlatform

/// Decides which requests may use memory.
///
/// The bytes of all requests between their first byte and their commit are counted, compressed and decompressed. A request that
/// would exceed the limit is told to come back (429), so that memory is bounded at any input rate.
final class Admission: Sendable {
    /// The bytes of all requests together: what waits for the writer is at most this.
    static let byteLimit = 64 * 1_024 * 1_024

    private struct State {
        var usedBytes = 0
        var refusedCount = 0
    }

    private let state = Locked(State())

    /// The number of requests that the sender was told to repeat later: because of the load, or because the store could not be written.
    var refusedCount: Int { state.withLock { $0.refusedCount } }

    /// Counts bytes of a request; nil if there is no room for them.
    func admit(_ byteCount: Int) -> Ticket? {
        let isAdmitted = reserve(byteCount)
        if !isAdmitted { refuse() }
        return isAdmitted ? Ticket(self, byteCount) : nil
    }

    func refuse() { state.withLock { $0.refusedCount += 1 } }

    /// A request that is alone is admitted at any size: other limits bound it.
    fileprivate func reserve(_ byteCount: Int, beyond own: Int = 0) -> Bool {
        state.withLock { state in
            guard state.usedBytes == own || state.usedBytes + byteCount <= Self.byteLimit else { return false }
            state.usedBytes += byteCount
            return true
        }
    }

    fileprivate func release(_ byteCount: Int) { state.withLock { $0.usedBytes -= byteCount } }

    /// The bytes of one request. They are released with the ticket.
    final class Ticket: Sendable {
        private let admission: Admission
        private let byteCount: Locked<Int>

        fileprivate init(_ admission: Admission, _ byteCount: Int) {
            self.admission = admission
            self.byteCount = Locked(byteCount)
        }

        deinit { admission.release(byteCount.withLock { $0 }) }

        /// Counts further bytes, so that the request has this many.
        /// - Returns: Whether there is room for them.
        func grow(to count: Int) -> Bool {
            byteCount.withLock { own in
                guard count > own else { return true }
                guard admission.reserve(count - own, beyond: own) else {
                    admission.refuse()
                    return false
                }
                own = count
                return true
            }
        }
    }
}
