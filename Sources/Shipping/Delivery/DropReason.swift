/// Why spans or data points of metrics were dropped.
public enum DropReason: Hashable, Sendable {
    /// The span log was full, because spans ended faster than they could be sent.
    case queueFull
    /// More spans were open at the same time than `RecordingConfiguration.liveSpanCapacity` allows.
    case tooManyLive
    /// The receiver accepted the request and rejected some of its spans (partial success).
    case rejected
    /// The receiver answered with an HTTP status after which a request must not be retried.
    case status(Int)
    /// The receiver answered a gRPC call with a status that must not be retried.
    case grpcStatus(Int)
    /// The receiver was unavailable for longer than spans are kept.
    case timeout
    /// The receiver rejected a request with a single span as too large.
    case tooLarge
    /// The receiver's response was longer than ``OTLPExporter/maximumResponseBytes``.
    case answerTooLarge
    /// The exporter's settings are unusable, for example because a certificate file is missing or the URL is invalid.
    case settings
    /// The spool has reached its maximum size, and these were its oldest spans.
    case spoolFull
    /// The spans were in the spool for longer than ``SpoolConfiguration/keepsFor``.
    case spoolExpired
    /// A file in the spool cannot be read, or an output file cannot be written.
    case file
    /// Tail sampling did not keep their traces.
    case tailSampled
    /// The data points are inconsistent, so strict receivers would refuse the whole request.
    case invalid
    /// Data points of a newer collection replaced them before they could be sent. The newer ones include their counts.
    case superseded

    /// The value of `error.type` in the metrics about the exporter.
    public var name: String {
        switch self {
        case .queueFull: "queue_full"
        case .tooManyLive: "too_many_live"
        case .rejected: "rejected"
        case .status(let code): "\(code)"
        case .grpcStatus(let code): GRPCStatus.name(of: code)
        case .timeout: "timeout"
        case .tooLarge: "too_large"
        case .answerTooLarge: "answer_too_large"
        case .settings: "settings"
        case .spoolFull: "spool_full"
        case .spoolExpired: "spool_expired"
        case .file: "file"
        case .tailSampled: "tail_sampled"
        case .invalid: "invalid"
        case .superseded: "superseded"
        }
    }
}
