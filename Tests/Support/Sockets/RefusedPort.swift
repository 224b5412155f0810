/// A port on 127.0.0.1 where nobody listens, as long as this object lives: bound, so that nobody else gets the number.
public final class RefusedPort: Sendable {
    private let socket: LoopbackSocket
    /// The port.
    public let port: UInt16
    /// `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// Takes a free port.
    public init() throws {
        socket = try LoopbackSocket.bound()
        port = socket.port
    }

    deinit { socket.close() }
}
