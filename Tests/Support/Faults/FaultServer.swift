/// A real HTTP/1.1 server on a free loopback port that does to its clients what the network and bad servers do.
///
/// ```swift
/// let server = try FaultServer(.unavailable(.seconds(1)), .resetMidBody, .ok)
/// defer { server.stop() }
/// ```
/// One thread accepts, one serves each connection; every wait in them ends, at the latest after two minutes.
public final class FaultServer: Sendable {
    /// The port on 127.0.0.1, the same until `stop()`, also across pauses.
    public let port: UInt16

    private let reservation: LoopbackSocket
    private let script: FaultScript
    private let state: Monitor<State>

    struct State {
        var requests: [HTTPRequest] = []
        var connections: [Int: LoopbackSocket] = [:]
        var accepted = 0
        var threads = 0
        var listener: LoopbackSocket?
        var isStopped = false
    }

    /// Starts a server that gives these answers, one for each request in the order of their heads; the last one repeats.
    public convenience init(_ answers: Answer...) throws {
        try self.init(answers: answers)
    }

    /// Starts a server that gives these answers, one for each request in the order of their heads; the last one repeats.
    public convenience init(answers: [Answer]) throws {
        try self.init(script: .answers(answers.isEmpty ? [.ok] : answers))
    }

    /// Starts a server that asks for each answer.
    ///
    /// The question comes when the whole request is there: answers that act before that act after it. Use a list for them.
    /// - Parameter answer: gets the request and how many came before; called on the threads of the connections.
    public convenience init(answer: @escaping @Sendable (HTTPRequest, Int) -> Answer) throws {
        try self.init(script: .closure(answer))
    }

    private init(script: FaultScript.Source) throws {
        reservation = try LoopbackSocket.bound()
        port = reservation.port
        self.script = FaultScript(script)
        state = Monitor(State())
        do {
            try resume()
        } catch {
            reservation.close()
            throw error
        }
    }

    /// `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// The requests so far, in the order in which their bodies were complete or given up.
    public var requests: [HTTPRequest] { state.withLock { $0.requests } }

    /// How many connections were accepted, also those on which nothing was read.
    public var connectionCount: Int { state.withLock { $0.accepted } }

    /// Forgets the requests so far, for tests that run for long.
    public func forgetRequests() {
        state.withLock { $0.requests = [] }
    }

    /// Waits until so many requests are there, without blocking a thread of the pool.
    /// - Returns: all requests, fewer than `count` when the time was over.
    public func requests(atLeast count: Int, within longest: Duration = .seconds(10)) async -> [HTTPRequest] {
        let end = ContinuousClock.now + longest
        while requests.count < count, .now < end { try? await Task.sleep(for: .milliseconds(2)) }
        return requests
    }

    /// Blocks until so many requests are there.
    /// - Returns: false when the time was over first.
    public func waitForRequests(_ count: Int, within longest: Duration = .seconds(10)) -> Bool {
        state.wait(longest) { $0.requests.count >= count }
    }

    /// Refuses connections from now on and ends those that stand; the port stays ours.
    public func pause() {
        state.withLock { state in
            state.listener?.shutdown()
            for connection in state.connections.values { connection.shutdown() }
        }
        _ = state.wait(.seconds(10)) { $0.listener == nil }
    }

    /// Takes connections again, on the same port.
    public func resume() throws {
        try state.withLock { state in
            guard !state.isStopped, state.listener == nil else { return }
            let listener = try LoopbackSocket.bound(to: port)
            do {
                try listener.listen()
            } catch {
                listener.close()
                throw error
            }
            guard PlainThread.start({ [self] in acceptConnections(from: listener) }) else {
                listener.close()
                throw SystemError("pthread_create")
            }
            state.listener = listener
            state.threads += 1
        }
    }

    /// Ends everything at once and waits for the threads. May be called twice.
    public func stop() {
        let isFirst = state.withLock { state in
            defer { state.isStopped = true }
            return !state.isStopped
        }
        pause()
        _ = state.wait(.seconds(10)) { $0.threads == 0 }
        if isFirst { reservation.close() }
    }

    private func acceptConnections(from listener: LoopbackSocket) {
        while let socket = listener.accept() {
            state.withLock { state in
                let number = state.accepted
                let isStarted = PlainThread.start { [self] in serve(socket, number) }
                guard isStarted else { return socket.close() }
                state.accepted += 1
                state.threads += 1
                state.connections[number] = socket
            }
        }
        state.withLock { state in
            // A connection accepted while `pause` looked at the others.
            for connection in state.connections.values { connection.shutdown() }
            listener.close()
            state.listener = nil
            state.threads -= 1
        }
    }

    private func serve(_ socket: LoopbackSocket, _ number: Int) {
        var connection = FaultConnection(socket, number: number, script: script) { [state] request in
            state.withLock { $0.requests.append(request) }
        }
        connection.serve()
        // Closed under the lock, so that `pause` never meets a descriptor that belongs to somebody else by now.
        state.withLock { state in
            state.connections[number] = nil
            socket.close()
            state.threads -= 1
        }
    }
}
