import SpanKitPlatform

/// Which attribute sets of an observable instrument have a series of their own: the first ones that callbacks have reported, up to a limit.
///
/// They keep their places, so that it does not matter in which order a callback reports its sets later.
final class SetAdmission: Sendable {
    private struct State {
        var admitted: Set<AttributeSet> = []
        var hasOverflowed = false
    }

    /// The largest number of sets.
    let limit: Int
    private let state = Locked(State())

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether a set has a place already.
    func hasPlace(_ set: AttributeSet) -> Bool { state.withLock { $0.admitted.contains(set) } }

    /// Gives places to the sets of a collection, in their order.
    ///
    /// Sets that are no longer reported give their places to others. Once there is an overflow, they keep them, because the total of the
    /// overflow must not fall when one of its sets gets a place.
    /// - Parameter isComplete: whether these are all sets that are still reported.
    /// - Returns: the sets that have no place.
    func settle(_ reported: [AttributeSet], isComplete: Bool) -> Set<AttributeSet> {
        state.withLock { state in
            if isComplete, !state.hasOverflowed { state.admitted.formIntersection(reported) }
            var rejected: Set<AttributeSet> = []
            for set in reported where !state.admitted.contains(set) {
                if state.admitted.count < limit { state.admitted.insert(set) } else { rejected.insert(set) }
            }
            if !rejected.isEmpty { state.hasOverflowed = true }
            return rejected
        }
    }

    /// Notes that a set was combined with others before it could get a place.
    func overflow() { state.withLock { $0.hasOverflowed = true } }

    var hasOverflowed: Bool { state.withLock { $0.hasOverflowed } }

    func acquireForFork() { state.acquireForFork() }
}
