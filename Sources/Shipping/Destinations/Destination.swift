/// A receiver or an output that bodies are delivered to. Each destination has its own queue and thread, so that a slow
/// or unreachable one does not delay the others.
protocol Destination: AnyObject, Sendable {
    /// The name in log lines, such as `traces → http://localhost:4318/v1/traces`, without secrets.
    var name: String { get }
    /// The format of its bodies.
    var format: BodyFormat { get }
    /// `otel.component.type` of OpenTelemetry's conventions, or a name in their style.
    var componentType: String { get }
    /// Whether it accepts another body now.
    var hasRoom: Bool { get }
    /// Whether its receiver is unavailable.
    var isFailing: Bool { get }
    /// Hands a body over.
    func offer(_ delivery: Delivery, isReplay: Bool)
    /// Counts spans as dropped that were not handed over.
    func drop(_ reason: DropReason, spans: Int)
    /// Removes the oldest body that waits in the spool from the queue, to free space; nil if no body waits.
    func dropOldestFile(_ reason: DropReason, where condition: (SpoolFile) -> Bool) -> SpoolFile?
    /// Delivers what waits until the deadline, because a flush or the shutdown waits: without a limit on bodies, and
    /// with as many attempts as the receiver allows.
    func hurry(until deadline: ContinuousClock.Instant)
    /// Whether an attempt is possible before the deadline: false if the receiver has asked for more time.
    func canDeliver(before deadline: ContinuousClock.Instant) -> Bool
    /// Waits until everything that was handed over is accepted or dropped, or cannot be before the deadline.
    func settle(until deadline: ContinuousClock.Instant)
    /// Delivers what is left, as ``settle(until:)`` does, and ends the thread.
    func close(until deadline: ContinuousClock.Instant)
    /// Whether its thread has ended.
    var hasEnded: Bool { get }
    /// Where the spans are that were handed over.
    var account: ShippingAccount.Destination { get }
}

extension Destination {
    func dropOldestFile(_ reason: DropReason, where condition: (SpoolFile) -> Bool) -> SpoolFile? { nil }
    func hurry(until deadline: ContinuousClock.Instant) {}
    func canDeliver(before deadline: ContinuousClock.Instant) -> Bool { true }
}
