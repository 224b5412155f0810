import SpanKitHTTP
import SpanKitPlatform
import SpanKitRecording

/// Sends requests to a receiver on the thread of its ``ReceiverConnections``, which calls everything here.
protocol ReceiverMember: AnyObject, Sendable {
    /// The maximum number of requests at a time.
    var parallelRequests: Int { get }
    /// Whether it needs the connections no more. Other threads may ask as well.
    var hasEnded: Bool { get }
    /// Whether requests are in flight.
    var hasRequests: Bool { get }
    /// Whether a token of the connections belongs to one of its requests.
    func owns(_ token: Int) -> Bool
    /// Takes the next step: sends at most one request, or ends.
    /// - Parameter maySend: false while another member tries to reach the receiver.
    /// - Returns: when to call it again, if no answer arrives before.
    func proceed(maySend: Bool, _ random: inout SystemRandomNumberGenerator) -> ContinuousClock.Instant
    /// Takes the answer to one of its requests.
    func receive(_ token: Int, _ answer: HTTPAnswer, _ random: inout SystemRandomNumberGenerator) -> ReceiverContact
    /// Waits as long as another member that could not reach the receiver.
    func share(_ failure: DeliveryQueue.Failure)
    /// Tries again at once if the receiver could not be reached before.
    func receiverIsBack()
}

/// What an answer says about the receiver, whichever signal it is for.
enum ReceiverContact {
    case reached
    /// Nothing could be sent, such as after a refused connection.
    case unreachable(DeliveryQueue.Failure)
    case unknown
}

/// The connections to one receiver, and the thread that uses them, shared by the destinations of all signals there.
///
/// A connection that is idle serves any signal. While nothing can be sent to the receiver, one member tries, and the others wait
/// for the result. An answer such as 503 is about one signal, so it delays no other.
final class ReceiverConnections: @unchecked Sendable {
    /// What identifies a receiver: exporters with the same key share the connections.
    struct Key: Hashable {
        private let server: String
        private let files: [String?]

        /// Nil for a URL that is not valid.
        init?(_ exporter: OTLPExporter) {
            guard let url = try? EndpointURL(exporter.url) else { return nil }
            server = url.socketPath ?? url.origin
            files = [exporter.certificateFile, exporter.clientCertificateFile, exporter.clientKeyFile]
        }
    }

    private struct State {
        var members: [any ReceiverMember] = []
        var memberCount = 0
        var isRunning = false
    }

    /// Used on the thread, apart from ``HTTPClient/wake()``.
    let client: HTTPClient
    private let state = Locked(State())
    /// Whether the last request that ended could not be sent. Used on the thread.
    private var isUnreachable = false

    /// Nil if libcurl cannot be initialized.
    init?() {
        guard let client = HTTPClient(connections: 1) else { return nil }
        self.client = client
    }

    /// A number for the tokens of a member's requests (``OTLPClient``), which no other member here has.
    func nextMemberNumber() -> Int {
        state.withLock { state in
            state.memberCount += 1
            return state.memberCount
        }
    }

    /// Adds a member, and starts the thread if it does not run; false if the system cannot create one.
    func add(_ member: any ReceiverMember) -> Bool {
        let isFirst = state.withLock { state in
            state.members.append(member)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if isFirst, Thread("spankit-http", { self.run() }) == nil {
            state.withLock { $0 = State(memberCount: $0.memberCount) }
            return false
        }
        client.wake()
        return true
    }

    // MARK: On the thread

    private func run() {
        muteLogRecordsOfThread()
        var random = SystemRandomNumberGenerator()
        var connections = 0
        while let members = currentMembers() {
            // Each member may have all its requests in flight, whatever the others do.
            let wanted = members.reduce(0) { $0 + $1.parallelRequests }
            if wanted != connections { client.allow(connections: wanted) }
            connections = wanted
            var wake = ContinuousClock.now.advanced(by: .seconds(60))
            for member in members {
                let waits = isUnreachable && members.contains { $0 !== member && $0.hasRequests }
                wake = min(wake, member.proceed(maySend: !waits, &random))
            }
            for (token, answer) in client.poll(for: max(.zero, ContinuousClock.now.duration(to: wake))) {
                guard let member = members.first(where: { $0.owns(token) }) else { continue }
                learn(from: member.receive(token, answer, &random), member, members)
            }
        }
    }

    private func currentMembers() -> [any ReceiverMember]? {
        state.withLock { state in
            state.members.removeAll(where: \.hasEnded)
            state.isRunning = !state.members.isEmpty
            return state.isRunning ? state.members : nil
        }
    }

    /// Tells the other members whether the receiver could be reached.
    private func learn(from contact: ReceiverContact, _ member: any ReceiverMember, _ members: [any ReceiverMember]) {
        switch contact {
        case .unknown: break
        case .reached:
            guard isUnreachable else { return }
            isUnreachable = false
            for other in members where other !== member { other.receiverIsBack() }
        case .unreachable(let failure):
            isUnreachable = true
            for other in members where other !== member { other.share(failure) }
        }
    }
}

/// Finds the connections for an exporter, so that the exporters of several signals share them.
package final class ConnectionPool: Sendable {
    private let connections = Locked<[ReceiverConnections.Key: ReceiverConnections]>([:])

    package init() {}

    /// The connections to the receiver of an exporter; nil if libcurl cannot be initialized.
    func connections(for exporter: OTLPExporter) -> ReceiverConnections? {
        guard let key = ReceiverConnections.Key(exporter) else { return ReceiverConnections() }
        return connections.withLock { connections in
            if let known = connections[key] { return known }
            guard let new = ReceiverConnections() else { return nil }
            connections[key] = new
            return new
        }
    }
}
