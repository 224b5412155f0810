/// A port on 127.0.0.1 that refuses connections. It is bound, so that no other program gets it while this object lives.
public final class RefusedPort: Sendable {
    private let socket: LoopbackSocket
    /// The port.
    public let port: UInt16
    /// `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// Reserves a free port.
    public init() throws {
        socket = try LoopbackSocket.bound()
        port = socket.port
    }

    deinit { socket.close() }
}
