import SpanKitHTTP

/// Chooses the protocol of the requests to a receiver.
///
/// It is the configured one, until the receiver asks for another encoding (status 415) or turns out to speak gRPC. Then the other
/// protocol is tried. It is kept if the receiver accepts it; otherwise the configured one is used again.
struct ProtocolChoice {
    /// What an answer means for its request.
    enum Effect: Equatable {
        /// The answer decides what happens to the body.
        case none
        /// The answer decides what happens to the body, and the receiver accepts the other protocol.
        case settled
        /// The request has to be sent again at once, in the current protocol.
        case resend
    }

    private enum Phase { case configured, trying, settled }

    let configured: OTLPProtocol
    private(set) var current: OTLPProtocol
    private var phase = Phase.configured
    private var trialsLeft = 2
    private let hasHTTP2: Bool

    /// - Parameter hasHTTP2: whether gRPC can be tried.
    init(_ configured: OTLPProtocol, hasHTTP2: Bool = HTTPClient.hasHTTP2) {
        self.configured = configured
        current = configured
        self.hasHTTP2 = hasHTTP2
    }

    /// Whether bodies in another encoding have to be converted. Otherwise each body is sent in its own encoding.
    var isAdapted: Bool { phase != .configured }

    /// Reads an answer.
    /// - Parameter used: the protocol of the request.
    mutating func read(_ answer: HTTPAnswer, _ used: OTLPProtocol) -> Effect {
        switch phase {
        case .configured:
            guard trialsLeft > 0, let other = wanted(answer, used) else { return .none }
            trialsLeft -= 1
            current = other
            phase = .trying
            return .resend
        // A request that was on its way when another protocol was chosen.
        case .trying where used != current, .settled where used != current:
            return wanted(answer, used) == nil ? .none : .resend
        case .settled: return .none
        case .trying:
            switch Self.result(answer, used) {
            case nil: return .none
            case true?:
                phase = .settled
                return .settled
            case false?:
                current = configured
                phase = .configured
                // If the request may have arrived, the answer counts, and the body is retried as after any such failure.
                return answer.failure == .timedOut && answer.sentBytes > 0 ? .none : .resend
            }
        }
    }

    /// The protocol that the receiver asks for; nil if it does not ask.
    private func wanted(_ answer: HTTPAnswer, _ used: OTLPProtocol) -> OTLPProtocol? {
        guard used != .grpc else { return nil }
        if answer.status == 415 { return used == .httpJSON ? .httpProtobuf : .httpJSON }
        // A server of gRPC begins with frames of HTTP/2. After a connection that was only closed, the request may have arrived.
        if case .noConnection(.notHTTP, _) = answer.failure { return hasHTTP2 ? .grpc : nil }
        return nil
    }

    /// Whether the receiver accepts a protocol that is tried; nil if the answer does not tell.
    private static func result(_ answer: HTTPAnswer, _ used: OTLPProtocol) -> Bool? {
        if used == .grpc {
            if GRPCStatus(answer.grpcFields) != nil { return true }
            switch answer.failure {
            // The receiver is not there at the moment.
            case .noConnection(.refused, _), .noConnection(.unknownHost, _), .noConnection(.proxy, _), .cancelled:
                return nil
            // A server that speaks HTTP/1.1 only may wait for the rest of a request for ever.
            default: return false
            }
        }
        return answer.status == 415 ? false : 200..<300 ~= answer.status ? true : nil
    }
}
