/// The encoding of OTLP messages.
public enum Encoding: String, Sendable, CaseIterable {
    /// OTLP/JSON, one object on one line.
    case json
    /// Protocol Buffers.
    case protobuf

    /// The media type of requests and responses.
    public var contentType: String {
        switch self {
        case .json: "application/json"
        case .protobuf: "application/x-protobuf"
        }
    }
}
