/// A setting that is in force, and where it comes from.
public struct ResolvedSetting: Sendable, Hashable {
    /// What is set. The raw value is the name that is shown.
    public enum Kind: String, Sendable, Hashable {
        /// The configuration file.
        case configuration
        /// Whether telemetry is off.
        case disabled
        /// The kind of an exporter.
        case exporter
        /// The URL that spans are sent to, without secrets.
        case endpoint
        /// The encoding of requests.
        case `protocol`
        /// The compression of requests.
        case compression
        /// The names of additional request headers.
        case headers
        /// The file of trusted certificate authorities.
        case certificate = "CA certificate"
        /// The file of the client's certificate.
        case clientCertificate = "client certificate"
        /// The file of the client's key.
        case clientKey = "client key"
        /// The limit for all attempts to send a batch.
        case timeout
        /// The sampler.
        case sampler
        /// What is done with secrets and personal data.
        case redaction
        /// The directory for undelivered spans.
        case spool
        /// The rules of tail sampling.
        case tailSampling = "tail sampling"
        /// The resource detectors, and how many attributes each found.
        case detected
    }

    /// What is set.
    public var kind: Kind
    /// The value, without secrets.
    public var value: String
    /// The variable, option or key of a file that set it, or `default`.
    public var source: String

    /// The name that is shown, such as `endpoint`.
    public var name: String { kind.rawValue }

    /// Creates a setting.
    public init(_ kind: Kind, _ value: String, source: String) {
        self.kind = kind
        self.value = value
        self.source = source
    }
}
