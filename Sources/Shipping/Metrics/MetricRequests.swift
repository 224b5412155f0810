import SpanKitHTTP
import SpanKitPlatform

/// Sends the requests of a metric reader over ``ReceiverConnections``, one at a time, while the reader's thread waits.
///
/// While another signal cannot reach the receiver, a request waits for the next attempt of that signal.
final class MetricRequests: ReceiverMember, @unchecked Sendable {
    private struct State {
        /// The request that is to be sent, and the limit of the attempt.
        var request: (body: Body, timeout: Duration?)?
        /// The number of the current request.
        var token = 0
        var reply: OTLPClient.Reply?
        /// Whether the current request is under way.
        var isSent = false
        /// Whether the reader no longer waits for the current request.
        var isCancelled = false
        /// When another signal tries again.
        var notBefore: ContinuousClock.Instant?
        /// Changed by ``wake()``.
        var wakeCount = 0
        var isEnding = false
        var hasEnded = false
    }

    private let client: OTLPClient
    private let connections: ReceiverConnections
    private let state = Monitor(State())

    /// Nil if libcurl cannot be initialized, or if the system cannot create a thread.
    /// - Parameter note: gets a line when something about the receiver was found out.
    init?(_ exporter: OTLPExporter, _ pool: ConnectionPool?, note: @escaping (String) -> Void) {
        guard let connections = pool.map({ $0.connections(for: exporter) }) ?? ReceiverConnections(),
            let client = OTLPClient(exporter, .metrics, sharing: connections, note: note)
        else { return nil }
        (self.connections, self.client) = (connections, client)
        guard connections.add(self) else { return nil }
    }

    // MARK: On the reader's thread

    /// Sends a body and waits for the reply.
    /// - Parameters:
    ///   - timeout: the limit of the attempt, including the time until another signal has reached the receiver; nil for none.
    ///   - end: the deadline of the shutdown; nil before it.
    func reply(to body: Body, timeout: Duration?, until end: () -> ContinuousClock.Instant?) -> OTLPClient.Reply {
        let deadline = timeout.map { ContinuousClock.now.advanced(by: $0) }
        state.change { state in
            state.token += 1
            (state.request, state.reply, state.isSent, state.isCancelled) = ((body, timeout), nil, false, false)
        }
        connections.client.wake()
        while true {
            // Before the end is read, so that no wake-up is lost.
            let wakeCount = state.read(\.wakeCount)
            let limit = [deadline, end()].compactMap { $0 }.min()
            _ = state.wait(until: limit) { $0.reply != nil || $0.wakeCount != wakeCount ? true : nil }
            if let reply = state.read(\.reply) { return reply }
            if let limit, limit <= .now { return cancel() }
        }
    }

    private func cancel() -> OTLPClient.Reply {
        let isSent = state.change { state in
            state.request = nil
            state.isCancelled = true
            return state.isSent
        }
        connections.client.wake()
        return .verdict(.again(after: nil, reason: "no answer in time"), mayHaveArrived: isSent)
    }

    /// Ends the wait of ``reply(to:timeout:until:)``, so that it reads the end again.
    func wake() { state.change { $0.wakeCount += 1 } }

    /// Gives up the connections.
    func end() {
        state.change { $0.isEnding = true }
        connections.client.wake()
    }

    var hasEnded: Bool { state.read(\.hasEnded) }

    // MARK: On the thread of the connections

    var parallelRequests: Int { 1 }
    var hasRequests: Bool { client.hasRequests }

    func owns(_ token: Int) -> Bool { client.owns(token) }

    func proceed(maySend: Bool, _ random: inout SystemRandomNumberGenerator) -> ContinuousClock.Instant {
        let now = ContinuousClock.now
        let later = now.advanced(by: .seconds(60))
        let (isCancelled, isEnding) = state.read { ($0.isCancelled, $0.isEnding) }
        if isCancelled || isEnding { _ = client.cancelAll() }
        if isEnding {
            state.change { $0.hasEnded = true }
            return now
        }
        guard maySend else { return later }
        let next = state.change { state -> (token: Int, body: Body, timeout: Duration?)? in
            guard let request = state.request, state.notBefore.map({ $0 <= now }) ?? true else { return nil }
            (state.request, state.isSent) = (nil, true)
            return (state.token, request.body, request.timeout)
        }
        guard let next else { return state.read { $0.request == nil ? nil : $0.notBefore } ?? later }
        if let reply = client.post(next.body, token: next.token, timeout: next.timeout) { answer(next.token, reply) }
        return now
    }

    func receive(
        _ token: Int,
        _ answer: HTTPAnswer,
        _ random: inout SystemRandomNumberGenerator
    ) -> ReceiverContact {
        let (token, reply) = client.read(answer, token: token)
        self.answer(token, reply)
        // The backoff of a metric reader is longer than that of the other signals, so it does not tell them that it has failed.
        return answer.status != 0 ? .reached : .unknown
    }

    private func answer(_ token: Int, _ reply: OTLPClient.Reply) {
        state.change { state in
            if state.token == token, !state.isCancelled { state.reply = reply }
        }
    }

    func share(_ failure: DeliveryQueue.Failure) { state.change { $0.notBefore = failure.nextAttempt } }

    func receiverIsBack() { state.change { $0.notBefore = nil } }
}
