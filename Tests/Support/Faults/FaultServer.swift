import SpanKitPlatform
import Testing

/// A server on a free loopback port that fails like networks and faulty servers do. It speaks HTTP/1.1, or gRPC if its transport does.
///
/// ```swift
/// let server = try FaultServer(.unavailable(.seconds(1)), .resetMidBody, .ok)
/// defer { server.stop() }
/// ```
/// One thread accepts connections, and each connection has its own thread. All their waits end after `Duration.generous`.
public final class FaultServer: Sendable {
    private let server: LoopbackServer
    private let received: Monitor<[ReceivedRequest]>

    /// Starts a server that gives these answers, one for each request in the order of their heads. The last one repeats.
    public convenience init(_ answers: Answer...) throws {
        try self.init(answers: answers)
    }

    /// Starts a server that gives these answers, one for each request in the order of their heads. The last one repeats.
    /// - Parameter keepsBodies: false if the test measures the memory of this process.
    public convenience init(answers: [Answer], keepsBodies: Bool = true) throws {
        try self.init(.answers(answers.isEmpty ? [.ok] : answers), keepsBodies)
    }

    /// Starts a server that calls a closure for each answer.
    ///
    /// The closure is called with the complete request. For answers that act before the request is read, use a list of answers.
    /// - Parameters:
    ///   - keepsBodies: false if the test measures the memory of this process. The closure still gets the bodies.
    ///   - answer: gets the request and the number of requests before it. It is called on the threads of the connections.
    public convenience init(
        keepsBodies: Bool = true,
        answer: @escaping @Sendable (ReceivedRequest, Int) -> Answer
    ) throws {
        try self.init(.closure(answer), keepsBodies)
    }

    /// Starts a server on a Unix domain socket.
    public convenience init(socketPath: String, _ answers: Answer...) throws {
        try self.init(.answers(answers.isEmpty ? [.ok] : answers), true, .jsonOverSocket, socketPath: socketPath)
    }

    /// Starts a server that gives these answers to the requests of a transport. The last one repeats.
    public convenience init(_ transport: Transport, _ answers: Answer...) throws {
        try self.init(.answers(answers.isEmpty ? [.ok] : answers), true, transport)
    }

    /// Starts a server that calls a closure for each answer to the requests of a transport.
    public convenience init(
        _ transport: Transport,
        answer: @escaping @Sendable (ReceivedRequest, Int) -> Answer
    ) throws {
        try self.init(.closure(answer), true, transport)
    }

    /// What its clients use.
    public let transport: Transport
    private let folder: TemporaryFolder?

    private init(
        _ source: FaultScript.Source,
        _ keepsBodies: Bool,
        _ transport: Transport = .json,
        socketPath given: String? = nil
    ) throws {
        self.transport = transport
        folder = transport.usesSocket && given == nil ? TemporaryFolder("s") : nil
        let socketPath = given ?? folder.map { $0.path("otel.sock") }
        let script = FaultScript(source)
        let received: Monitor<[ReceivedRequest]> = Monitor([])
        self.received = received
        server = try LoopbackServer(socketPath: socketPath) { socket, number in
            func record(_ request: ReceivedRequest) {
                var request = request
                if !keepsBodies { request.body = [] }
                received.change { $0.append(request) }
            }
            if transport.isGRPC {
                var connection = HTTP2Connection(socket, number: number, script: script, record: record)
                connection.serve()
            } else {
                var connection = FaultConnection(socket, number: number, script: script, record: record)
                connection.serve()
            }
        }
    }

    deinit { stop() }

    /// The port on 127.0.0.1, which stays the same as long as this object lives.
    public var port: UInt16 { server.port }

    /// `http://127.0.0.1:PORT`, or `http+unix://…` with the percent-encoded path of the socket.
    public var url: String {
        guard let path = server.socketPath else { return "http://127.0.0.1:\(port)" }
        return "http+unix://\(path.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "%2F"))"
    }

    /// The requests so far, in the order in which their bodies were complete or cut off.
    public var requests: [ReceivedRequest] { received.read { $0 } }

    /// The number of accepted connections, including those on which nothing was read.
    public var connectionCount: Int { server.connectionCount }

    /// The number of open connections.
    public var openConnectionCount: Int { server.openConnectionCount }

    /// Removes the requests so far, for tests that run for a long time.
    public func forgetRequests() {
        received.change { $0 = [] }
    }

    /// Waits until so many requests have arrived, without blocking a thread of the pool.
    /// - Returns: all requests.
    public func requests(atLeast count: Int) async throws -> [ReceivedRequest] {
        try await eventually("\(count) requests arrive", requests) { $0.count >= count }
    }

    /// Blocks until so many requests have arrived.
    /// - Returns: false if they did not arrive in time, which fails the test.
    @discardableResult
    public func waitForRequests(
        _ count: Int,
        within longest: Duration = .generous,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Bool {
        let isThere = received.wait(until: .now + longest) { $0.count >= count ? true : nil } ?? false
        #expect(
            isThere,
            "waited \(longest) for \(count) requests; \(requests.count) came",
            sourceLocation: sourceLocation
        )
        return isThere
    }

    /// Refuses new connections and ends the open ones. The port stays reserved.
    public func pause() {
        server.pause()
    }

    /// Accepts connections again, on the same port.
    public func resume() throws {
        try server.resume()
    }

    /// Ends all connections immediately and waits for the threads. It can be called twice.
    public func stop() {
        server.stop()
    }
}
