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
    /// A flush or the shutdown waits: takes bodies without end, and tries as often until the deadline as the receiver allows.
    func hurry(until deadline: ContinuousClock.Instant)
    /// Whether something can be delivered before the deadline: false when the receiver has asked for more time than that.
    func canDeliver(before deadline: ContinuousClock.Instant) -> Bool
    /// Waits until everything that was handed over so far is accepted, refused or dropped, or cannot be before the deadline.
    func settle(until deadline: ContinuousClock.Instant)
    /// Delivers what is left, as ``settle(until:)`` does, and ends the thread.
    func close(until deadline: ContinuousClock.Instant)
    /// Whether its thread is done.
    var hasEnded: Bool { get }
    /// What became of the spans so far.
    var account: DestinationAccount { get }
}

extension Destination {
    func dropOldestFile(_ reason: DropReason, where condition: (SpoolFile) -> Bool) -> SpoolFile? { nil }
    func hurry(until deadline: ContinuousClock.Instant) {}
    func canDeliver(before deadline: ContinuousClock.Instant) -> Bool { true }
}

/// What one destination made of the spans it was given.
struct DestinationAccount: Equatable {
    var delivery = DeliveryAccount()
    var census = DeliveryCensus()
    /// What the receiver says while it takes nothing.
    var failure: String?
}
