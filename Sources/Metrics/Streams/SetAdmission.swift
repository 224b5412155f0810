import SpanKitPlatform

/// Which attribute sets of an observable instrument have a series of their own: the first ones that callbacks have reported, up to a limit.
///
/// Such a set keeps its series, so that it does not matter in which order a callback reports the sets later.
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

    /// Whether a set has its own series already.
    func hasPlace(_ set: AttributeSet) -> Bool { state.withLock { $0.admitted.contains(set) } }

    /// Decides which sets of a collection have their own series, in the order of the sets.
    ///
    /// A set that is no longer reported makes room for another one. After the limit was exceeded, this is no longer so: a set would then move
    /// from the overflow into a series of its own, and the total of the overflow would fall.
    /// - Parameter isComplete: whether these are all sets that are still reported.
    /// - Returns: the sets that belong to the overflow.
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
