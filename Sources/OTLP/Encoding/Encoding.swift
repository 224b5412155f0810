/// The encoding of OTLP messages.
public enum Encoding: String, Sendable, CaseIterable {
    /// OTLP/JSON: one JSON object on one line.
    case json
    /// OTLP/protobuf: binary Protocol Buffers.
    case protobuf

    /// The media type of requests and responses, for the `Content-Type` header.
    public var contentType: String {
        switch self {
        case .json: "application/json"
        case .protobuf: "application/x-protobuf"
        }
    }
}
