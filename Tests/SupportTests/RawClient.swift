import SpanKitTestSupport

/// A client that does nothing by itself: writes bytes, reads bytes.
struct RawClient {
    /// An answer with a length.
    struct Reply {
        let head: String
        let body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
        var status: Int? { Int(head.split(separator: " ").dropFirst().first ?? "") }
        subscript(header: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(header.lowercased() + ": ") }
                .map { String($0.dropFirst(header.count + 2)) }
        }
    }

    let socket: LoopbackSocket

    init(_ port: UInt16) throws {
        socket = try LoopbackSocket(connectingTo: port)
    }

    /// Connects, sends one request, reads one answer, and closes.
    static func exchange(_ server: FaultServer, _ body: String = "{}", type: String = "application/json") throws
        -> Reply
    {
        let client = try RawClient(server.port)
        defer { client.close() }
        client.post(Array(body.utf8), ["Content-Type: \(type)"])
        return try client.reply()
    }

    /// - Returns: false when the connection did not take it.
    @discardableResult
    func post(_ body: [UInt8], _ headers: [String] = [], path: String = "/v1/traces") -> Bool {
        let head = ["POST \(path) HTTP/1.1", "Host: 127.0.0.1"] + headers + ["Content-Length: \(body.count)", "", ""]
        return socket.send(Array(head.joined(separator: "\r\n").utf8) + body)
    }

    func reply() throws -> Reply {
        var bytes: [UInt8] = []
        let separator = Array("\r\n\r\n".utf8)
        while true {
            if let end = bytes.firstRange(of: separator) {
                let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                let length = Int(Reply(head: head, body: [])["Content-Length"] ?? "") ?? 0
                while bytes.count < end.upperBound + length { try bytes += more() }
                return Reply(head: head, body: Array(bytes[end.upperBound...]))
            }
            try bytes += more()
        }
    }

    /// The code with which reading fails; nil when the other side closed in order.
    func failure() -> Int32? {
        do {
            _ = try socket.receiveAll()
            return nil
        } catch {
            return (error as? SystemError)?.code
        }
    }

    func close() {
        socket.close()
    }

    struct EndOfStream: Error {}

    private func more() throws -> [UInt8] {
        let bytes = try socket.receive()
        if bytes.isEmpty { throw EndOfStream() }
        return bytes
    }
}
