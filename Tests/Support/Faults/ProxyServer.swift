import SpanKitPlatform

/// A small forward proxy on a free loopback port, for `http_proxy` and `https_proxy`.
///
/// It only connects to 127.0.0.1. Requests for hosts that are not in its routes get 502, without a DNS query.
public final class ProxyServer: Sendable {
    /// A request to the proxy.
    public struct Request: Sendable {
        /// `CONNECT` for a tunnel, else the method of the request.
        public let method: String
        /// `host:port` for a tunnel, else the absolute URL.
        public let target: String
        /// The value of `Proxy-Authorization`.
        public let authorization: String?
    }

    /// The port on 127.0.0.1.
    public var port: UInt16 { server.port }
    /// `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }
    /// All requests so far, including refused ones.
    public var requests: [Request] { received.read { $0 } }

    private let server: LoopbackServer
    private let received: Monitor<[Request]>

    /// Starts a proxy.
    /// - Parameters:
    ///   - routes: ports for `host:port` of hosts that do not exist.
    ///   - authorization: the required value of `Proxy-Authorization`, such as `Basic dTpw`. Other requests get 407.
    public init(routes: [String: UInt16] = [:], authorization: String? = nil) throws {
        let received: Monitor<[Request]> = Monitor([])
        self.received = received
        server = try LoopbackServer { socket, number in
            socket.setTimeLimit(.generous)
            var reader = RequestReader(socket, connection: number)
            guard var request = reader.readHead() else { return }
            let given = request["proxy-authorization"]
            received.change {
                $0.append(Request(method: request.method, target: request.path, authorization: given))
            }
            guard authorization == nil || authorization == given else {
                return Self.refuse(
                    socket,
                    "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\""
                )
            }
            let isTunnel = request.method == "CONNECT"
            guard let (authority, path) = isTunnel ? (request.path, "") : Self.parts(request.path),
                let port = Self.port(authority, routes), let target = try? LoopbackSocket(connectingTo: port)
            else { return Self.refuse(socket, "502 Bad Gateway") }
            defer { target.close() }
            target.setTimeLimit(.generous)
            if isTunnel {
                socket.send(Array("HTTP/1.1 200 Connection Established\r\n\r\n".utf8))
                Self.join(socket, target)
            } else {
                reader.readBody(of: &request)
                target.send(Self.forwarded(request, path))
                Self.copy(from: target, to: socket)
            }
        }
    }

    deinit { stop() }

    /// Ends all connections immediately and waits for the threads.
    public func stop() {
        server.stop()
    }

    private static func refuse(_ socket: LoopbackSocket, _ status: String) {
        socket.send(Array("HTTP/1.1 \(status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8))
    }

    /// The host with the port, and the path, of `http://host:port/path`.
    private static func parts(_ url: String) -> (authority: String, path: String)? {
        guard url.hasPrefix("http://") else { return nil }
        let rest = url.dropFirst(7)
        let authority = rest.prefix { $0 != "/" }
        return (String(authority), "/" + rest.dropFirst(authority.count + 1))
    }

    private static func port(_ authority: String, _ routes: [String: UInt16]) -> UInt16? {
        let named = authority.contains(":") ? authority : authority + ":80"
        if let port = routes[named] { return port }
        let parts = named.split(separator: ":")
        guard parts.count == 2, parts[0] == "127.0.0.1" || parts[0] == "localhost" else { return nil }
        return UInt16(parts[1])
    }

    /// Only one request is forwarded for each connection, so that the proxy does not need to read answers.
    private static func forwarded(_ request: ReceivedRequest, _ path: String) -> [UInt8] {
        let dropped = ["connection", "proxy-connection", "proxy-authorization", "transfer-encoding", "content-length"]
        var head = "\(request.method) \(path) HTTP/1.1\r\n"
        for (name, value) in request.headers where !dropped.contains(name.lowercased()) {
            head += "\(name): \(value)\r\n"
        }
        head += "Content-Length: \(request.body.count)\r\nConnection: close\r\n\r\n"
        return Array(head.utf8) + request.body
    }

    /// Copies both ways until both sides have finished.
    private static func join(_ client: LoopbackSocket, _ target: LoopbackSocket) {
        let isDone = Monitor(false)
        let thread = Thread("test-proxy") {
            copy(from: target, to: client)
            isDone.change { $0 = true }
        }
        guard thread != nil else { return }
        copy(from: client, to: target)
        if isDone.wait(until: .now + .generous, { $0 ? true : nil }) == nil {
            // The other thread must be out of its calls before the descriptors are closed.
            client.shutdown()
            target.shutdown()
            _ = isDone.wait(until: .now + .generous) { $0 ? true : nil }
        }
    }

    private static func copy(from source: LoopbackSocket, to sink: LoopbackSocket) {
        while let bytes = try? source.receive(), !bytes.isEmpty, sink.send(bytes) {}
        sink.finishSending()
    }
}
