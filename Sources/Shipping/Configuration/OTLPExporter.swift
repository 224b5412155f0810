import SpanKitOTLP

/// Where and how spans are sent with OTLP over HTTP.
public struct OTLPExporter: Sendable, Hashable {
    /// The full URL that is posted to, `http` or `https`, such as `http://localhost:4318/v1/traces`.
    public var url: String
    /// Sent with every request. Values are never logged.
    public var headers: [HTTPHeader] = []
    /// JSON by default; many back ends for language models take nothing but protobuf.
    public var encoding = Encoding.json
    /// gzip with level 1 by default.
    public var compression = Compression.gzip()
    /// For one batch of spans: all attempts and the waits between them; zero for no limit. For a reading of metrics, where zero
    /// means 30 s.
    public var timeout = Duration.seconds(10)
    /// PEM file of the authorities that may have signed the server's certificate; nil for the system's.
    public var certificateFile: String?
    /// PEM file of the certificate that this client shows; needs ``clientKeyFile``.
    public var clientCertificateFile: String?
    /// PEM file of its key.
    public var clientKeyFile: String?
    /// Stands before the exporter's own name in the `User-Agent` header, such as `MyServer/1.2`.
    public var userAgentProduct: String?
    /// Requests under way at the same time while the receiver answers well. Its first failure makes it one.
    public var parallelRequests = 4
    /// Bytes of a body before compression; spans that would make it longer go with the next one. 4 MiB by default:
    /// receivers refuse more than 20 MiB, some more than one.
    public var bodyBytes = 4 * 1_024 * 1_024
    /// The longest answer that is read, after decompression; 4 MiB by default, as the protocol says.
    public var maximumResponseBytes = 4 * 1_024 * 1_024
    /// How long a batch is kept and sent again while the receiver does not take it. Then it is dropped and counted, unless
    /// there is a spool.
    public var keepsFor = Duration.seconds(300)
    /// Bytes of bodies that wait in memory, compressed. Without a spool no more spans are taken from the log then.
    public var waitingBytes = 16 * 1_024 * 1_024

    /// Creates an exporter with the protocol's defaults.
    public init(url: String) {
        self.url = url
    }
}

/// A header field of a request.
public struct HTTPHeader: Sendable, Hashable {
    /// A token, as RFC 9110 §5.1 says.
    public var name: String
    /// Without line breaks.
    public var value: String

    /// Creates a field.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension HTTPHeader: CustomStringConvertible {
    /// The name only: values tend to be secrets.
    public var description: String { "\(name): …" }
}
