/// Where every span is: `created = exported + dropped + waiting + in flight + unacknowledged`, for each destination.
///
/// Each term is counted where the spans are; none is what is left over from the others. They add up (``isBalanced``) when no span
/// is ending and no batch is changing hands at that moment: after a flush or the shutdown, always.
public struct ShippingAccount: Sendable, Hashable {
    /// Spans that wait, by where they wait.
    public struct Waiting: Sendable, Hashable {
        /// In the span log: they have ended, and no batch has taken them yet.
        public var log: UInt64 = 0
        /// In the span log, held back until tail sampling decides on their trace.
        public var tailSampling: UInt64 = 0
        /// In a batch that is being encoded.
        public var encoding: UInt64 = 0
        /// In request bodies in memory.
        public var memory: UInt64 = 0
        /// In request bodies in files of the spool.
        public var files: UInt64 = 0

        /// All of them.
        public var total: UInt64 { log + tailSampling + encoding + memory + files }

        /// Nothing waits.
        public init() {}
    }

    /// Where the spans are as far as one destination is concerned.
    public struct Destination: Sendable, Hashable {
        /// Such as `traces → http://localhost:4318/v1/traces`.
        public var name: String
        /// What kind of exporter it is, as `otel.component.type` of OpenTelemetry's conventions.
        public var componentType = "otlp_http_json_span_exporter"
        /// Accepted by the receiver, or written.
        public var exported: UInt64 = 0
        /// Lost, with the reason.
        public var dropped: [DropReason: UInt64] = [:]
        /// Neither sent nor lost.
        public var waiting = Waiting()
        /// In requests that have no answer yet.
        public var inFlight: UInt64 = 0
        /// After the shutdown: sent, but not acknowledged before the deadline. They may have arrived. With a spool such spans are in
        /// ``Waiting/files``, because they will be sent again.
        public var unacknowledged: UInt64 = 0
        /// Of the exported ones: those that may have arrived twice, because an earlier attempt had no answer.
        public var possiblyDuplicated: UInt64 = 0
        /// Requests that were sent.
        public var requests: UInt64 = 0
        /// What the receiver says while it takes nothing; nil while all is well.
        public var failure: String?

        /// The spans that were handed to the exporter and are neither exported nor lost, under the `state` of self-metrics.
        package var pending: [(state: String, count: UInt64)] {
            [
                ("memory", waiting.memory), ("file", waiting.files), ("in_flight", inFlight),
                ("unacknowledged", unacknowledged),
            ]
        }

        /// All that are lost.
        public var droppedCount: UInt64 { dropped.values.reduce(0, +) }

        /// Not delivered yet: ``waiting`` and ``inFlight``.
        public var undelivered: UInt64 { waiting.total + inFlight }

        /// Creates an account.
        public init(name: String) {
            self.name = name
        }

        init(_ destination: any SpanKitShipping.Destination, _ delivery: DeliveryAccount, _ census: DeliveryCensus) {
            name = destination.name
            componentType = destination.componentType
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

    /// The ended spans that no request body holds yet, under the `state` of self-metrics: the same for every destination.
    package var queued: [(state: String, count: UInt64)] {
        guard let waiting = destinations.first?.waiting else { return [] }
        return [("log", waiting.log), ("tail_sampling", waiting.tailSampling), ("encoding", waiting.encoding)]
    }

    /// Whether any span has been delivered to any destination.
    package var hasDelivered: Bool { destinations.contains { $0.exported > 0 } }

    private var plainBytes: UInt64 = 0
    private var sentBytes: UInt64 = 0

    /// Creates an empty account.
    public init() {}

    /// Whether every created span is in exactly one term, for each destination.
    public var isBalanced: Bool {
        destinations.allSatisfy { $0.exported + $0.droppedCount + $0.undelivered + $0.unacknowledged == created }
    }
}

extension ShippingAccount: CustomStringConvertible {
    /// One line for each destination.
    public var description: String {
        destinations.map { "\($0.name): \($0.outcome(of: created))" }.joined(separator: "\n")
    }
}

extension ShippingAccount.Destination {
    /// What became of the spans, in one line: the same terms wherever the product says so.
    /// - Parameter spool: where bodies wait in files.
    package func outcome(of created: UInt64, spool: String? = nil) -> String {
        var parts = ["\(exported) of \(created) \(created == 1 ? "span" : "spans") delivered"]
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
