import SpanKitPlatform

/// Calls a ``HeaderProvider`` and keeps its header fields. One thread uses it; the tasks of the calls store their results.
final class ProviderCalls: CredentialSource {
    fileprivate typealias Instant = ContinuousClock.Instant

    fileprivate struct State {
        var fields: [(name: String, value: String)] = []
        /// 0 until the first fields have arrived.
        var version = 0
        /// When the fields are fetched again, and when they become invalid; nil for never.
        var renewal: Instant?
        var expiry: Instant?
        /// Whether the receiver has refused the fields.
        var isRefused = false
        var call: Call?
        var lastCall = 0
        /// Calls that exceeded their time limit and have not returned.
        var lostCalls = 0
        var failures = 0
        /// The end of the backoff.
        var nextCall: Instant?
        var problem: String?

        func isValid(_ now: Instant) -> Bool { version > 0 && !isRefused && (expiry.map { now < $0 } ?? true) }
    }

    fileprivate struct Call {
        var number: Int
        var deadline: Instant
        var task: Task<Void, Never>?
    }

    /// The maximum number of calls that have exceeded their limit and have not returned. There is no further call until one returns.
    private static let lostCallLimit = 4
    /// The maximum time for which a request waits for a call. The thread processes no other answers in this time.
    private static let longestWait = Duration.milliseconds(250)

    private let provider: HeaderProvider
    private let state = Monitor(State())

    init(_ provider: HeaderProvider) {
        self.provider = provider
        // Before the first batch is ready.
        callIfDue(.now)
    }

    deinit {
        state.read { $0.call?.task }?.cancel()
    }

    var problem: String? { state.read { $0.problem } }

    func current(_ now: ContinuousClock.Instant, waitingAtMost limit: Duration?) -> Fields? {
        callIfDue(now)
        let end = now.advanced(by: min(limit ?? Self.longestWait, Self.longestWait))
        _ = state.wait(until: end) { $0.isValid(.now) || $0.call == nil ? true : nil }
        return state.read { $0.isValid(.now) ? ($0.fields, $0.version) : nil }
    }

    func refuse(version: Int) {
        state.change { state in
            if state.version == version { state.isRefused = true }
        }
        callIfDue(.now)
    }

    /// Starts a call if the fields have to be fetched. Cancels a call that has exceeded its time limit.
    private func callIfDue(_ now: ContinuousClock.Instant) {
        let (provider, state) = (self.provider, self.state)
        let (number, late) = state.change { state -> (Int?, Task<Void, Never>?) in
            var late: Task<Void, Never>?
            if let call = state.call, call.deadline <= now {
                late = call.task
                state.call = nil
                state.lostCalls += 1
                state.failed("the closure has not returned within \(ReadableDuration(provider.timeLimit))", now)
            }
            let isDue = !state.isValid(now) || state.renewal.map { $0 <= now } ?? false
            guard isDue, state.call == nil, state.lostCalls < Self.lostCallLimit,
                state.nextCall.map({ $0 <= now }) ?? true
            else { return (nil, late) }
            state.lastCall += 1
            state.call = Call(number: state.lastCall, deadline: now.advanced(by: provider.timeLimit))
            return (state.lastCall, late)
        }
        late?.cancel()
        guard let number else { return }
        let task = Task.detached {
            let result: Result<ExpiringHeaders, any Error>
            do { result = .success(try await provider.fetch()) } catch { result = .failure(error) }
            state.change { $0.end(number, result, .now) }
        }
        state.change { if $0.call?.number == number { $0.call?.task = task } }
    }
}

extension ProviderCalls.State {
    fileprivate mutating func end(
        _ number: Int,
        _ result: Result<ExpiringHeaders, any Error>,
        _ now: ContinuousClock.Instant
    ) {
        guard call?.number == number else {
            lostCalls -= 1
            return
        }
        call = nil
        switch result {
        // Not the text of the error, which may quote a secret.
        case .failure(let error): failed("the closure threw \(String(reflecting: type(of: error)))", now)
        case .success(let headers):
            if let invalid = headers.headers.first(where: { !$0.isValid || $0.isReserved }) {
                // The name of a field is no secret, unless the arguments were confused.
                let name = invalid.isReserved ? " named \(invalid.name)" : ""
                return failed("the closure returned a header field\(name) that is not allowed", now)
            }
            guard headers.validFor.map({ $0 > .zero }) ?? true else {
                return failed("the closure returned header fields that have already expired", now)
            }
            fields = headers.headers.map { ($0.name, $0.value) }
            version += 1
            isRefused = false
            expiry = headers.validFor.map { now.advanced(by: $0) }
            renewal = headers.validFor.map { now.advanced(by: $0 * 0.8) }
            (failures, nextCall, problem) = (0, nil, nil)
        }
    }

    fileprivate mutating func failed(_ reason: String, _ now: ContinuousClock.Instant) {
        problem = reason
        nextCall = now.advanced(by: min(.seconds(60), .seconds(1 << min(6, failures))))
        failures += 1
    }
}
