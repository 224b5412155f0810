/// What became of every span that was recorded: `created = exported + dropped + undelivered`.
public struct ShippingAccount: Sendable, Hashable {
    /// What one destination made of the spans.
    public struct Destination: Sendable, Hashable {
        /// Such as `traces → http://localhost:4318/v1/traces`.
        public var name: String
        /// What kind of exporter it is, as `otel.component.type` of OpenTelemetry's conventions.
        public var componentType = "otlp_http_json_span_exporter"
        /// Accepted by the receiver, or written.
        public var exported: UInt64 = 0
        /// Lost, with the reason.
        public var dropped: [DropReason: UInt64] = [:]
        /// Still here: in the log, in the queue, under way, in the spool.
        public var undelivered: UInt64 = 0
        /// Of the exported ones: those that may have arrived twice, because an earlier attempt had no answer.
        public var possiblyDuplicated: UInt64 = 0
        /// Requests that were sent.
        public var requests: UInt64 = 0

        /// All that are lost.
        public var droppedCount: UInt64 { dropped.values.reduce(0, +) }

        /// Creates an account.
        public init(name: String) {
            self.name = name
        }
    }

    /// Sampled spans that have ended, and those that were recovered from the spool.
    public var created: UInt64 = 0
    /// Of the created ones: recovered from processes that are gone.
    public var recovered: UInt64 = 0
    /// Each with its own account of the same spans.
    public var destinations: [Destination] = []
    /// What tail sampling has made of them before; nil where it is off.
    public var tailSampling: TailSamplingAccount?
    /// Bytes of bodies that wait in the spool; nil without one.
    public var spooledBytes: UInt64?
    /// Whether the deadline of the flush or the shutdown ended it.
    public var timedOut = false
    /// Bytes of bodies before and after compression.
    public var bodyBytes: (plain: UInt64, sent: UInt64) {
        get { (plainBytes, sentBytes) }
        set { (plainBytes, sentBytes) = newValue }
    }

    /// The names of the destinations in metrics (`otel.component.name`): the kind, and a number among those of the kind.
    package var componentNames: [String] {
        var counts: [String: Int] = [:]
        return destinations.map { destination in
            defer { counts[destination.componentType, default: 0] += 1 }
            return "\(destination.componentType)/\(counts[destination.componentType, default: 0])"
        }
    }

    private var plainBytes: UInt64 = 0
    private var sentBytes: UInt64 = 0

    /// Creates an empty account.
    public init() {}

    /// Whether nothing is missing anywhere.
    public var isBalanced: Bool {
        destinations.allSatisfy { $0.exported + $0.droppedCount + $0.undelivered == created }
    }
}

extension ShippingAccount: CustomStringConvertible {
    /// One line for each destination.
    public var description: String {
        destinations.map { destination in
            var line = "\(destination.name): \(destination.exported) of \(created) spans exported"
            if destination.undelivered > 0 { line += ", \(destination.undelivered) undelivered" }
            for (reason, count) in destination.dropped.sorted(by: { $0.key.name < $1.key.name }) {
                line += ", \(count) dropped (\(reason.name))"
            }
            if destination.possiblyDuplicated > 0 { line += ", \(destination.possiblyDuplicated) possibly twice" }
            return line
        }.joined(separator: "\n")
    }
}
