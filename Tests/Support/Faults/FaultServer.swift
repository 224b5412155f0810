import SpanKitPlatform
import Testing

/// A real HTTP/1.1 server on a free loopback port that does to its clients what the network and bad servers do.
///
/// ```swift
/// let server = try FaultServer(.unavailable(.seconds(1)), .resetMidBody, .ok)
/// defer { server.stop() }
/// ```
/// One thread accepts, one serves each connection; every wait in them ends, at the latest after `Duration.generous`.
public final class FaultServer: Sendable {
    private let server: LoopbackServer
    private let received: Monitor<[ReceivedRequest]>

    /// Starts a server that gives these answers, one for each request in the order of their heads; the last one repeats.
    public convenience init(_ answers: Answer...) throws {
        try self.init(answers: answers)
    }

    /// Starts a server that gives these answers, one for each request in the order of their heads; the last one repeats.
    /// - Parameter keepsBodies: false where the memory of this process is measured.
    public convenience init(answers: [Answer], keepsBodies: Bool = true) throws {
        try self.init(.answers(answers.isEmpty ? [.ok] : answers), keepsBodies)
    }

    /// Starts a server that asks for each answer.
    ///
    /// The question comes when the whole request is there: answers that act before that act after it. Use a list for them.
    /// - Parameters:
    ///   - keepsBodies: false where the memory of this process is measured; the closure sees them all the same.
    ///   - answer: gets the request and how many came before; called on the threads of the connections.
    public convenience init(
        keepsBodies: Bool = true,
        answer: @escaping @Sendable (ReceivedRequest, Int) -> Answer
    ) throws {
        try self.init(.closure(answer), keepsBodies)
    }

    private init(_ source: FaultScript.Source, _ keepsBodies: Bool) throws {
        let script = FaultScript(source)
        let received: Monitor<[ReceivedRequest]> = Monitor([])
        self.received = received
        server = try LoopbackServer { socket, number in
            var connection = FaultConnection(socket, number: number, script: script) { request in
                var request = request
                if !keepsBodies { request.body = [] }
                received.change { $0.append(request) }
            }
            connection.serve()
        }
    }

    deinit { stop() }

    /// The port on 127.0.0.1, the same as long as this object lives.
    public var port: UInt16 { server.port }

    /// `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// The requests so far, in the order in which their bodies were complete or given up.
    public var requests: [ReceivedRequest] { received.read { $0 } }

    /// How many connections were accepted, also those on which nothing was read.
    public var connectionCount: Int { server.connectionCount }

    /// How many connections are open now.
    public var openConnectionCount: Int { server.openConnectionCount }

    /// Forgets the requests so far, for tests that run for long.
    public func forgetRequests() {
        received.change { $0 = [] }
    }

    /// Waits until so many requests are there, without blocking a thread of the pool.
    /// - Returns: all requests.
    public func requests(atLeast count: Int) async throws -> [ReceivedRequest] {
        try await eventually("\(count) requests arrive", requests) { $0.count >= count }
    }

    /// Blocks until so many requests are there.
    /// - Returns: false when the time was over first, which fails the test.
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

    /// Refuses connections from now on and ends those that stand; the port stays ours.
    public func pause() {
        server.pause()
    }

    /// Takes connections again, on the same port.
    public func resume() throws {
        try server.resume()
    }

    /// Ends everything at once and waits for the threads. May be called twice.
    public func stop() {
        server.stop()
    }
}
