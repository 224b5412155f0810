/// One plain HTTP/1.1 request on a connection of its own, to ask the programs that tests start.
public struct HTTPExchange: Sendable {
    /// The answer's status.
    public let status: Int
    /// The answer's first line and headers.
    public let head: String
    /// The answer's body, without the framing of chunks.
    public let body: [UInt8]
    /// `body` as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// Sends a request to 127.0.0.1 and reads until the other side closes.
    public init(
        _ method: String = "GET",
        port: UInt16,
        path: String,
        headers: [String] = [],
        body: [UInt8] = [],
        limit: Duration = .generous
    ) throws {
        let socket = try LoopbackSocket(connectingTo: port, limit: limit)
        defer { socket.close() }
        let lines =
            ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"] + headers
            + (method == "GET" ? [] : ["Content-Length: \(body.count)"])
        guard socket.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body) else {
            throw SystemError("send to 127.0.0.1:\(port)")
        }
        let bytes = try socket.receiveAll()
        let separator = Array("\r\n\r\n".utf8)
        guard let end = bytes.firstRange(of: separator) else { throw NoAnswer() }
        head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let isChunked = head.lowercased().contains("\r\ntransfer-encoding: chunked")
        self.body = isChunked ? try Self.joined(bytes[end.upperBound...]) : Array(bytes[end.upperBound...])
        status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
    }

    struct NoAnswer: Error {}

    /// Undoes the framing of chunks.
    private static func joined(_ bytes: ArraySlice<UInt8>) throws -> [UInt8] {
        var rest = bytes
        var body: [UInt8] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\r")) {
            let digits = String(decoding: rest[..<end], as: UTF8.self).prefix { $0 != ";" }
            guard let size = Int(digits, radix: 16), size >= 0, rest.count >= end - rest.startIndex + 4 + size else {
                break
            }
            if size == 0 { return body }
            body += rest[(end + 2)..<(end + 2 + size)]
            rest = rest[(end + 4 + size)...]
        }
        throw NoAnswer()
    }
}
