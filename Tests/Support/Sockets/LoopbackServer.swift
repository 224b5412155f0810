import SpanKitPlatform

/// Accepts connections on a port of 127.0.0.1, each served by a thread of its own.
///
/// All state is in one monitor. A connection's descriptor is closed under its lock, by the thread that served it, so that
/// nobody shuts down a number that belongs to another connection by now.
final class LoopbackServer: Sendable {
    private struct State {
        var connections: [Int: LoopbackSocket] = [:]
        var accepted = 0
        var threads = 0
        var listener: LoopbackSocket?
        var isStopped = false
    }

    /// The same as long as this object lives: nobody else gets the number, not even after `stop()`.
    let port: UInt16

    private let reservation: LoopbackSocket
    private let serve: @Sendable (LoopbackSocket, Int) -> Void
    private let state = Monitor(State())

    /// Starts on a free port.
    /// - Parameter serve: gets a connection and its number; the connection is closed when it returns.
    init(serve: @escaping @Sendable (LoopbackSocket, Int) -> Void) throws {
        reservation = try LoopbackSocket.bound()
        port = reservation.port
        self.serve = serve
        try resume()
    }

    deinit { reservation.close() }

    /// How many connections were accepted.
    var connectionCount: Int { state.read { $0.accepted } }

    /// How many connections are open now.
    var openConnectionCount: Int { state.read { $0.connections.count } }

    /// Refuses connections from now on and ends those that stand; the port stays ours.
    func pause() {
        state.change { state in
            state.listener?.shutdown()
            for connection in state.connections.values { connection.shutdown() }
        }
        _ = state.wait(until: .now + .generous) { $0.listener == nil ? true : nil }
    }

    /// Takes connections again.
    func resume() throws {
        try state.change { state in
            guard !state.isStopped, state.listener == nil else { return }
            let listener = try LoopbackSocket.bound(to: port)
            do {
                try listener.listen()
            } catch {
                listener.close()
                throw error
            }
            guard Thread("test-accept", { [self] in acceptConnections(from: listener) }) != nil else {
                listener.close()
                throw SystemError("pthread_create")
            }
            state.listener = listener
            state.threads += 1
        }
    }

    /// Ends everything at once and waits for the threads. May be called twice.
    func stop() {
        state.change { $0.isStopped = true }
        pause()
        _ = state.wait(until: .now + .generous) { $0.threads == 0 ? true : nil }
    }

    private func acceptConnections(from listener: LoopbackSocket) {
        while let socket = listener.accept() {
            state.change { state in
                let number = state.accepted
                guard Thread("test-serve", { [self] in serveConnection(socket, number) }) != nil else {
                    return socket.close()
                }
                state.accepted += 1
                state.threads += 1
                state.connections[number] = socket
            }
        }
        state.change { state in
            // A connection may have been accepted after `pause` ended the others.
            for connection in state.connections.values { connection.shutdown() }
            listener.close()
            state.listener = nil
            state.threads -= 1
        }
    }

    private func serveConnection(_ socket: LoopbackSocket, _ number: Int) {
        serve(socket, number)
        state.change { state in
            state.connections[number] = nil
            socket.close()
            state.threads -= 1
        }
    }
}
