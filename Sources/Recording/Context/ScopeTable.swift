import SpanKitPlatform

/// Assigns numbers to the scopes of libraries, so that a span contains four bytes instead of the scope.
///
/// Number 0 is the program's own scope, which is not stored here. The other scopes are stored in chunks of the region, before their
/// numbers are used, so that other processes can read them. A scope that does not fit there is known only to this process.
///
/// Use it from any thread. A lock is taken only to look up a scope or a number: once for each tracer, and once for each scope of a body.
final class ScopeTable: @unchecked Sendable {
    /// The maximum number of scopes, because names of scopes that contain ids must not fill the memory.
    static let capacity = 1_000

    private struct State {
        var numbers: [InstrumentationScope: UInt32] = [:]
        /// The scope with number 1 is the first.
        var scopes: [InstrumentationScope] = []
        var stored = NumberedBytes(.scopes)
    }

    private let region: Region
    private let state = Locked(State())

    init(region: Region) {
        self.region = region
    }

    /// The number of a scope; nil if there are too many scopes.
    func number(of scope: InstrumentationScope) -> UInt32? {
        state.withLock { state in
            if let known = state.numbers[scope] { return known }
            guard state.scopes.count < Self.capacity else { return nil }
            let number = UInt32(state.scopes.count + 1)
            _ = scope.entries.storage.withUnsafeBytes { state.stored.store($0, number: number, in: region) }
            state.scopes.append(scope)
            state.numbers[scope] = number
            return number
        }
    }

    /// The scope with a number; nil for 0 and unknown numbers.
    func scope(of number: UInt32) -> InstrumentationScope? {
        guard number != 0 else { return nil }
        return state.withLock { state in
            Int(number) <= state.scopes.count ? state.scopes[Int(number) - 1] : nil
        }
    }

    func acquireForFork() { state.acquireForFork() }
}
