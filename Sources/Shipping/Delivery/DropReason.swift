/// Why spans did not arrive. Raw values are those of `error.type` in the self-metrics.
public enum DropReason: Hashable, Sendable {
    /// The span log was full: spans ended faster than they could be sent.
    case queueFull
    /// More spans were open at once than the recorder has slots.
    case tooManyLive
    /// The receiver took the request and refused some of its spans (partial success).
    case rejected
    /// The receiver answered with a status that must not be retried.
    case status(Int)
    /// Nobody took the spans for as long as they are kept.
    case timeout
    /// The receiver refuses bodies of this size, even with a single span.
    case tooLarge
    /// The receiver's answer was longer than the cap.
    case answerTooLarge
    /// The settings cannot work: a certificate file that is missing, a URL that is none.
    case settings
    /// The spool has reached its size and these were the oldest.
    case spoolFull
    /// The spans were in the spool for longer than it keeps them.
    case spoolExpired
    /// The file in the spool, or the output, cannot be read or written.
    case file
    /// The spans ended after shutdown.
    case alreadyShutdown
    /// Not lost but left out: tail sampling did not keep their traces.
    case tailSampled

    /// As `error.type` has it.
    public var name: String {
        switch self {
        case .queueFull: "queue_full"
        case .tooManyLive: "too_many_live"
        case .rejected: "rejected"
        case .status(let code): "\(code)"
        case .timeout: "timeout"
        case .tooLarge: "too_large"
        case .answerTooLarge: "answer_too_large"
        case .settings: "settings"
        case .spoolFull: "spool_full"
        case .spoolExpired: "spool_expired"
        case .file: "file"
        case .alreadyShutdown: "already_shutdown"
        case .tailSampled: "tail_sampled"
        }
    }
}
