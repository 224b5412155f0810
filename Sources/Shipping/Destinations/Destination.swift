/// Where bodies go. Each destination has a queue and a thread of its own, so that one that is slow or away holds up no other.
protocol Destination: AnyObject, Sendable {
    /// For lines of the log, such as `traces → http://localhost:4318/v1/traces`; without secrets.
    var name: String { get }
    /// How it wants its bodies.
    var format: BodyFormat { get }
    /// `otel.component.type` of OpenTelemetry's conventions, or one in their manner where they have none.
    var componentType: String { get }
    /// Whether another body may be handed over now.
    var hasRoom: Bool { get }
    /// Nobody takes its bodies at the moment.
    var isFailing: Bool { get }
    /// Takes a body over.
    func offer(_ delivery: Delivery, isReplay: Bool)
    /// Counts spans as dropped that were not handed over.
    func drop(_ reason: DropReason, spans: Int)
    /// Makes room in the spool: takes out the oldest body that waits in it. Nil when there is none that could be taken.
    func dropOldestFile(_ reason: DropReason, where condition: (SpoolFile) -> Bool) -> SpoolFile?
    /// Ends waits between attempts: somebody wants to know now.
    func tryNow()
    /// Waits until everything handed over so far is settled, or an attempt has shown that it cannot be now.
    func settle(until deadline: ContinuousClock.Instant)
    /// Tries what is left once more and ends the thread. What could not be delivered by then stays undelivered.
    func close(until deadline: ContinuousClock.Instant)
    /// What became of the spans so far.
    var account: DestinationAccount { get }
}

extension Destination {
    func dropOldestFile(_ reason: DropReason, where condition: (SpoolFile) -> Bool) -> SpoolFile? { nil }
    func tryNow() {}
}

/// What one destination made of the spans it was given.
struct DestinationAccount: Equatable {
    var delivery = DeliveryAccount()
    var waiting = 0
    var inFlight = 0
}
