/// What a client sent.
public struct ReceivedRequest: Sendable {
    /// When its head was complete.
    public let arrival: ContinuousClock.Instant
    /// Counts the connections of the server from 0: equal numbers mean a connection was kept alive.
    public let connection: Int
    /// `POST`.
    public let method: String
    /// As it stands in the first line, with the query; absolute when a proxy was asked.
    public let path: String
    /// In the order they came, as they were written.
    public let headers: [(name: String, value: String)]
    /// As sent, without the framing of chunks.
    public internal(set) var body: [UInt8]
    /// False when the server cut the body off.
    public internal(set) var isComplete: Bool

    /// The first value of a header, whatever its case.
    public subscript(header: String) -> String? {
        headers.first { $0.name.lowercased() == header.lowercased() }?.value
    }

    /// The body after the content coding is undone; nil when that fails.
    public var decodedBody: [UInt8]? {
        switch self["content-encoding"]?.lowercased() {
        case nil, "identity": body
        case "gzip", "deflate": Gzip.decompress(body)
        default: nil
        }
    }

    /// `decodedBody` as text; empty when it cannot be decoded.
    public var text: String { String(decoding: decodedBody ?? [], as: UTF8.self) }

    /// True when the body is declared as protobuf.
    public var isProtobuf: Bool {
        self["content-type"]?.lowercased().hasPrefix("application/x-protobuf") ?? false
    }

    var asksToClose: Bool { self["connection"]?.lowercased() == "close" }
}
