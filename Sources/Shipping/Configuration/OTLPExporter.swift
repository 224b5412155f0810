import SpanKitOTLP

/// A receiver of OTLP over HTTP or gRPC, and how requests are sent to it.
public struct OTLPExporter: Sendable, Hashable {
    /// The full URL that requests are posted to, such as `http://localhost:4318/v1/traces`. For gRPC, only its scheme, host and port
    /// are used, such as `http://localhost:4317`; `https` requires TLS.
    public var url: String
    /// Additional header fields of every request. Values are never logged. gRPC allows fewer names and values; others are left out,
    /// which is logged.
    public var headers: [HTTPHeader] = []
    /// Header fields that change while the program runs, such as a token that expires; nil for none.
    public var credentials: OTLPCredentials?
    /// The protocol, JSON over HTTP by default. Many backends for language models only accept protobuf.
    ///
    /// If a receiver over HTTP answers that it does not support the encoding (status 415), the other one is used. If it speaks only
    /// gRPC, gRPC is used. Both are logged once, and all bodies are converted.
    public var `protocol`: OTLPProtocol
    /// The encoding of the protocol. JSON is only sent over HTTP, so setting it replaces gRPC.
    public var encoding: Encoding {
        get { self.protocol.encoding }
        set { if newValue != self.protocol.encoding { self.protocol = OTLPProtocol(newValue) } }
    }
    /// The compression, gzip with level 1 by default.
    public var compression = Compression.gzip()
    /// The time limit for a series of attempts to send one batch, including the waits between them, 10 s by default; zero for no
    /// limit. When it is reached, a new series begins, until ``keepsFor`` is over. For metrics,
    /// ``MetricReaderConfiguration/timeout`` applies as well.
    public var timeout = Duration.seconds(10)
    /// A PEM file of the certificate authorities to trust; nil to trust those of the system. If this or one of the other PEM files is
    /// replaced, later requests use the new one.
    public var certificateFile: String?
    /// A PEM file with the client's certificate for mutual TLS; nil for none. Requires ``clientKeyFile``.
    public var clientCertificateFile: String?
    /// A PEM file with the private key of the client's certificate; nil for none.
    public var clientKeyFile: String?
    /// A product such as `MyServer/1.2`, written before the exporter's name in the `User-Agent` header; nil for none.
    public var userAgentProduct: String?
    /// The maximum number of requests in flight, 4 by default. After a failure, requests are sent one at a time until
    /// the receiver recovers.
    public var parallelRequests = 4
    /// The maximum size of a request body before compression, in bytes. 4 MB by default, because most receivers reject more than 4 MiB
    /// over gRPC. Over HTTP, the OpenTelemetry Collector rejects more than 20 MiB by default. Some receivers reject more than 1 MiB.
    public var bodyBytes = 4_000_000
    /// The maximum size of a response after decompression, in bytes. 4 MiB by default, as the protocol recommends.
    public var maximumResponseBytes = 4 * 1_024 * 1_024
    /// The time for which a batch is retried, 5 minutes by default. After that, the batch is dropped and counted. With
    /// a spool, ``SpoolConfiguration/keepsFor`` applies instead.
    public var keepsFor = Duration.seconds(300)
    /// The maximum total size of the request bodies that wait in memory, in bytes after compression, 16 MiB by default.
    /// Beyond it, further spans stay in the log. If there is a spool and the receiver is unavailable, they wait in the
    /// spool.
    public var waitingBytes = 16 * 1_024 * 1_024

    /// Creates an exporter with the default settings.
    /// - Parameter transport: the protocol of requests.
    public init(url: String, protocol transport: OTLPProtocol = .httpJSON) {
        self.url = url
        self.protocol = transport
    }
}

/// A header field of a request.
public struct HTTPHeader: Sendable, Hashable {
    /// The name, a token as in RFC 9110 §5.1.
    public var name: String
    /// The value, without line breaks.
    public var value: String

    /// Creates a header field.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension HTTPHeader: CustomStringConvertible {
    /// The name without the value, which may be a secret.
    public var description: String { "\(name): …" }
}

extension DeliveryQueue.Settings {
    /// The settings of an exporter.
    package init(_ exporter: OTLPExporter) {
        self.init()
        parallelRequests = max(1, exporter.parallelRequests)
        exportTimeout = exporter.timeout > .zero ? exporter.timeout : nil
        keepsFor = exporter.keepsFor
        waitingBytes = exporter.waitingBytes
    }
}
