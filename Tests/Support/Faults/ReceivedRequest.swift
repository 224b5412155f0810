/// A request that a client sent.
public struct ReceivedRequest: Sendable {
    /// The time when its head was complete.
    public let arrival: ContinuousClock.Instant
    /// The number of the connection, starting from 0. Requests with the same number used the same connection.
    public let connection: Int
    /// `POST`.
    public let method: String
    /// The target in the first line, with the query; an absolute URL for a request to a proxy.
    public let path: String
    /// The headers in their order, as they were written.
    public let headers: [(name: String, value: String)]
    /// The body as it was sent, without the framing of chunks.
    public internal(set) var body: [UInt8]
    /// Whether the body is complete; false if the server stopped reading it.
    public internal(set) var isComplete: Bool

    /// For gRPC, whether the message is compressed (1) or not (0); `body` is the message without its frame.
    public internal(set) var frameFlag: UInt8?

    /// The first value of a header, in any case of letters.
    public subscript(header: String) -> String? {
        headers.first { $0.name.lowercased() == header.lowercased() }?.value
    }

    /// The decompressed body; nil if it cannot be decompressed.
    public var decodedBody: [UInt8]? {
        if let frameFlag {
            return frameFlag == 0 ? body : self["grpc-encoding"] == "gzip" ? Gzip.decompress(body) : nil
        }
        return switch self["content-encoding"]?.lowercased() {
        case nil, "identity": body
        case "gzip", "deflate": Gzip.decompress(body)
        default: nil
        }
    }

    /// `decodedBody` as text; empty if it cannot be decompressed.
    public var text: String { String(decoding: decodedBody ?? [], as: UTF8.self) }

    /// Whether the content type is protobuf.
    public var isProtobuf: Bool {
        ["application/x-protobuf", "application/grpc"].contains(self["content-type"]?.lowercased())
    }

    var asksToClose: Bool { self["connection"]?.lowercased() == "close" }
}
