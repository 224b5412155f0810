/// How OTLP messages become bytes.
public enum Encoding: String, Sendable, CaseIterable {
    /// OTLP/JSON: one object on one line.
    case json
    /// Protocol buffers.
    case protobuf

    /// The media type of a request and of its answer.
    public var contentType: String {
        switch self {
        case .json: "application/json"
        case .protobuf: "application/x-protobuf"
        }
    }
}
