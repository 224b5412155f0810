/// A setting in effect, and its source.
public struct ResolvedSetting: Sendable, Hashable {
    /// The kind of a setting. The raw value is its display name.
    public enum Kind: String, Sendable, Hashable {
        /// The configuration file.
        case configuration
        /// Whether telemetry is turned off.
        case disabled
        /// The kind of exporter, such as OTLP.
        case exporter
        /// The URL that spans are sent to, without secrets.
        case endpoint
        /// The encoding of requests.
        case `protocol`
        /// The compression of requests.
        case compression
        /// The names of additional request headers.
        case headers
        /// The file of the bearer token.
        case bearerToken = "bearer token"
        /// The file of trusted certificate authorities.
        case certificate = "CA certificate"
        /// The file of the client's certificate.
        case clientCertificate = "client certificate"
        /// The file of the client's key.
        case clientKey = "client key"
        /// The time limit for a series of attempts to send a batch.
        case timeout
        /// The sampler.
        case sampler
        /// How secrets and personal data are redacted.
        case redaction
        /// The directory for undelivered spans.
        case spool
        /// The rules of tail sampling.
        case tailSampling = "tail sampling"
        /// The resource detectors, and the number of attributes that each found.
        case detected
    }

    /// The kind of the setting.
    public var kind: Kind
    /// The value, without secrets.
    public var value: String
    /// The environment variable, command-line option or configuration key that set it; `default` if none did.
    public var source: String

    /// The display name, such as `endpoint`.
    public var name: String { kind.rawValue }

    /// Creates a setting.
    public init(_ kind: Kind, _ value: String, source: String) {
        self.kind = kind
        self.value = value
        self.source = source
    }
}
