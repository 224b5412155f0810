import SpanKitHTTP
import SpanKitOTLP

/// The protocol of requests (`OTEL_EXPORTER_OTLP_PROTOCOL`). The raw value is the value of the variable.
public enum OTLPProtocol: String, Sendable, Hashable, CaseIterable {
    /// OTLP over HTTP, as JSON. The default.
    case httpJSON = "http/json"
    /// OTLP over HTTP, as protobuf.
    case httpProtobuf = "http/protobuf"
    /// OTLP over gRPC, as protobuf. Requires a libcurl with HTTP/2.
    case grpc

    /// The encoding of bodies.
    package var encoding: Encoding { self == .httpJSON ? .json : .protobuf }

    /// `otel.component.type` of an exporter in OpenTelemetry's conventions.
    /// - Parameter kind: what it exports: `span` or `metric`.
    func componentType(of kind: String) -> String {
        switch self {
        case .httpJSON: "otlp_http_json_\(kind)_exporter"
        case .httpProtobuf: "otlp_http_\(kind)_exporter"
        case .grpc: "otlp_grpc_\(kind)_exporter"
        }
    }

    init(_ encoding: Encoding) { self = encoding == .json ? .httpJSON : .httpProtobuf }

    /// Why the protocol cannot be used on this machine, and what to do, in one line; nil if it can be used.
    /// - Parameter hasHTTP2: whether libcurl was built with HTTP/2.
    package func problem(hasHTTP2: Bool = HTTPClient.hasHTTP2) -> String? {
        guard self == .grpc, !hasHTTP2 else { return nil }
        return "gRPC needs HTTP/2, and this system's libcurl \(HTTPClient.libraryVersion) was built without it; "
            + "set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf and use the receiver's port for HTTP, which is usually 4318"
    }
}

/// The data that an exporter sends. Each signal has its own path and its own variables, `OTEL_EXPORTER_OTLP_TRACES_…`.
package enum OTLPSignal: String, Sendable {
    case traces
    case metrics
    case logs

    /// The path of requests over HTTP below a base URL.
    package var path: String { "v1/\(rawValue)" }

    /// The path of requests over gRPC, which no setting changes.
    package var servicePath: String {
        // The service names are `trace`, `metrics` and `logs`: only the first one is not a plural.
        let name = self == .traces ? "trace" : rawValue
        let service = name.prefix(1).uppercased() + name.dropFirst()
        return "/opentelemetry.proto.collector.\(name).v1.\(service)Service/Export"
    }

    /// The URL that a receiver on the same machine listens on.
    package func defaultURL(_ transport: OTLPProtocol = .httpJSON) -> String {
        transport == .grpc ? "http://localhost:4317" : "http://localhost:4318/\(path)"
    }

    /// The variables of an option; the one for this signal overrides the general one.
    func names(_ option: String) -> [String] {
        ["OTEL_EXPORTER_OTLP_\(rawValue.uppercased())_\(option)", "OTEL_EXPORTER_OTLP_\(option)"]
    }
}
