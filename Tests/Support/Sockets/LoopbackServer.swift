import SpanKitPlatform

/// Accepts connections on a port of 127.0.0.1 and serves each on its own thread.
///
/// All state is in one monitor. The thread of a connection closes its descriptor with the monitor's lock held, so that no other
/// thread shuts down a descriptor that belongs to a new connection.
final class LoopbackServer: Sendable {
    private struct State {
        var connections: [Int: LoopbackSocket] = [:]
        var accepted = 0
        var threads = 0
        var listener: LoopbackSocket?
        var isStopped = false
    }

    /// The port, which stays reserved as long as this object lives, even after `stop()`.
    let port: UInt16
    /// The Unix domain socket that is served instead of the port.
    let socketPath: String?

    private let reservation: LoopbackSocket
    private let serve: @Sendable (LoopbackSocket, Int) -> Void
    private let state = Monitor(State())

    /// Starts on a free port.
    /// - Parameters:
    ///   - socketPath: the path of a Unix domain socket to serve instead of the port.
    ///   - serve: called with each connection and its number. The connection is closed when it returns.
    init(socketPath: String? = nil, serve: @escaping @Sendable (LoopbackSocket, Int) -> Void) throws {
        reservation = try LoopbackSocket.bound()
        port = reservation.port
        self.socketPath = socketPath
        self.serve = serve
        try resume()
    }

    deinit { reservation.close() }

    /// The number of connections that were accepted.
    var connectionCount: Int { state.read { $0.accepted } }

    /// The number of open connections.
    var openConnectionCount: Int { state.read { $0.connections.count } }

    /// Refuses new connections and ends the open ones. The port stays reserved.
    func pause() {
        state.change { state in
            state.listener?.shutdown()
            for connection in state.connections.values { connection.shutdown() }
        }
        _ = state.wait(until: .now + .generous) { $0.listener == nil ? true : nil }
    }

    /// Accepts connections again.
    func resume() throws {
        try state.change { state in
            guard !state.isStopped, state.listener == nil else { return }
            let listener =
                if let socketPath { try LoopbackSocket.bound(toPath: socketPath) } else {
                    try LoopbackSocket.bound(to: port)
                }
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

    /// Ends all connections immediately and waits for the threads. It can be called twice.
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
