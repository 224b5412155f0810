import Testing

/// A protocol of OTLP, and the kind of connection it uses.
public enum Transport: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case json = "http/json"
    case protobuf = "http/protobuf"
    case grpc
    case jsonOverSocket = "http/json through a Unix domain socket"
    case grpcOverSocket = "grpc through a Unix domain socket"

    /// Whether requests use HTTP/2.
    public var isGRPC: Bool { self == .grpc || self == .grpcOverSocket }

    /// Whether bodies are JSON.
    public var isJSON: Bool { self == .json || self == .jsonOverSocket }

    /// Whether requests use a Unix domain socket.
    public var usesSocket: Bool { self == .jsonOverSocket || self == .grpcOverSocket }

    /// The name in the list of a test's arguments.
    public var testDescription: String { rawValue }
}
