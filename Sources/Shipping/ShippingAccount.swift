/// What happened to every ended span, or to every log record. For each destination, `created = exported + dropped + waiting + in flight +
/// unacknowledged`.
///
/// Each term is counted independently; none is computed from the others. The equation holds (``isBalanced``) after a
/// flush or the shutdown, and whenever no span is ending and no batch is being passed to a destination.
public struct ShippingAccount: Sendable, Hashable {
    /// The numbers of waiting spans, by where they wait.
    public struct Waiting: Sendable, Hashable {
        /// Spans in the span log that are not in a batch yet.
        public var log: UInt64 = 0
        /// Spans in the span log that wait for the tail-sampling decision on their trace.
        public var tailSampling: UInt64 = 0
        /// Spans in a batch that is being encoded.
        public var encoding: UInt64 = 0
        /// Spans in request bodies in memory.
        public var memory: UInt64 = 0
        /// Spans in request bodies in files of the spool.
        public var files: UInt64 = 0

        /// The total number of waiting spans.
        public var total: UInt64 { log + tailSampling + encoding + memory + files }

        /// Creates counts that are all zero.
        public init() {}
    }

    /// The spans, the log records, or the data points of metrics, of one destination.
    public struct Destination: Sendable, Hashable {
        /// The name, such as `traces → http://localhost:4318/v1/traces`.
        public var name: String
        /// The kind of exporter: `otel.component.type` of OpenTelemetry's conventions.
        public var componentType = "otlp_http_json_span_exporter"
        /// What is counted, in the singular: `span`, `log record` or `data point`.
        package var noun = "span"
        /// Spans that the receiver has accepted, or that were written to the output.
        public var exported: UInt64 = 0
        /// Dropped spans by reason.
        public var dropped: [DropReason: UInt64] = [:]
        /// Spans that wait to be sent.
        public var waiting = Waiting()
        /// Spans in requests that have no response yet.
        public var inFlight: UInt64 = 0
        /// Spans that were sent, but not acknowledged before the deadline of the shutdown; 0 before the shutdown. They
        /// may have arrived. With a spool, such spans are in ``Waiting/files``, because they will be sent again.
        public var unacknowledged: UInt64 = 0
        /// Exported spans that may have arrived twice, because an earlier attempt got no response.
        public var possiblyDuplicated: UInt64 = 0
        /// The number of requests that were sent, including retries.
        public var requests: UInt64 = 0
        /// The reason why requests fail; nil while they succeed.
        public var failure: String?

        /// The spans that the destination has received and has neither exported nor dropped, by the attribute `state`
        /// of the metrics about the exporter.
        package var pending: [(state: String, count: UInt64)] {
            [
                ("memory", waiting.memory), ("file", waiting.files), ("in_flight", inFlight),
                ("unacknowledged", unacknowledged),
            ]
        }

        /// The number of dropped spans.
        public var droppedCount: UInt64 { dropped.values.reduce(0, +) }

        /// The number of spans in ``waiting`` and ``inFlight``.
        public var undelivered: UInt64 { waiting.total + inFlight }

        /// Creates counts that are all zero for a destination.
        public init(name: String) {
            self.name = name
        }

        init(
            _ destination: any SpanKitShipping.Destination,
            _ signal: OTLPSignal,
            _ delivery: DeliveryAccount,
            _ census: DeliveryCensus
        ) {
            self.init(name: destination.name, componentType: destination.componentType, delivery, census)
            noun = signal.noun
        }

        init(name: String, componentType: String, _ delivery: DeliveryAccount, _ census: DeliveryCensus) {
            self.name = name
            self.componentType = componentType
            exported = delivery.exported
            dropped = delivery.dropped
            possiblyDuplicated = delivery.possiblyDuplicated
            requests = delivery.requests
            waiting.memory = census.memory
            waiting.files = census.files
            inFlight = census.inFlight
            unacknowledged = census.unacknowledged
        }
    }

    /// Sampled spans that have ended, including those recovered from the spool.
    public var created: UInt64 = 0
    /// The spans of ``created`` that were recovered from processes that have ended.
    public var recovered: UInt64 = 0
    /// The destinations. Each counts the same spans.
    public var destinations: [Destination] = []
    /// The decisions of tail sampling; nil if it is off.
    public var tailSampling: TailSamplingAccount?
    /// The size of all request bodies in the spool, in bytes; nil without a spool.
    public var spooledBytes: UInt64?
    /// Whether the flush or the shutdown reached its deadline.
    public var timedOut = false
    /// The total size of all request bodies before and after compression, in bytes. If destinations use several
    /// formats, only the bodies in the first one are counted.
    public var bodyBytes: (plain: UInt64, sent: UInt64) {
        get { (plainBytes, sentBytes) }
        set { (plainBytes, sentBytes) = newValue }
    }

    /// The names of the destinations in metrics (`otel.component.name`): the kind and a number.
    package var componentNames: [String] { Self.componentNames(of: destinations) }

    package static func componentNames(of destinations: [Destination]) -> [String] {
        var counts: [String: Int] = [:]
        return destinations.map { destination in
            defer { counts[destination.componentType, default: 0] += 1 }
            return "\(destination.componentType)/\(counts[destination.componentType, default: 0])"
        }
    }

    /// The ended spans that are not in a body yet, by the attribute `state` of the metrics about the exporter. The
    /// numbers are the same for every destination.
    package var queued: [(state: String, count: UInt64)] {
        guard let waiting = destinations.first?.waiting else { return [] }
        return [("log", waiting.log), ("tail_sampling", waiting.tailSampling), ("encoding", waiting.encoding)]
    }

    /// Whether any span has been delivered to any destination.
    package var hasDelivered: Bool { destinations.contains { $0.exported > 0 } }

    private var plainBytes: UInt64 = 0
    private var sentBytes: UInt64 = 0

    /// Creates counts that are all zero, without destinations.
    public init() {}

    /// Whether the equation of ``ShippingAccount`` holds for every destination.
    public var isBalanced: Bool {
        destinations.allSatisfy { $0.exported + $0.droppedCount + $0.undelivered + $0.unacknowledged == created }
    }
}

extension ShippingAccount: CustomStringConvertible {
    /// The state of the export as text, one line for each destination.
    public var description: String {
        destinations.map { "\($0.name): \($0.outcome(of: created))" }.joined(separator: "\n")
    }
}

extension ShippingAccount.Destination {
    /// The numbers of spans in one line, for log messages.
    /// - Parameter spool: the directory of the spool.
    package func outcome(of created: UInt64, spool: String? = nil) -> String {
        var parts = ["\(exported) of \(created) \(noun)\(created == 1 ? "" : "s") delivered"]
        if unacknowledged > 0 { parts.append("\(unacknowledged) sent, not acknowledged (may have arrived)") }
        if waiting.files > 0 {
            parts.append("\(waiting.files) \(waiting.files == 1 ? "waits" : "wait") in \(spool ?? "the spool")")
        }
        let elsewhere = undelivered - waiting.files
        if elsewhere > 0 { parts.append("\(elsewhere) not delivered") }
        for (reason, count) in dropped.sorted(by: { $0.key.name < $1.key.name }) {
            parts.append("\(count) dropped (\(reason.name))")
        }
        if possiblyDuplicated > 0 { parts.append("\(possiblyDuplicated) possibly delivered twice") }
        let outcome = parts.joined(separator: ", ")
        guard undelivered + unacknowledged > 0, let failure else { return outcome }
        return "\(outcome): \(failure)"
    }
}
