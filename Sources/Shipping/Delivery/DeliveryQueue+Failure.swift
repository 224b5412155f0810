import SpanKitPlatform

extension DeliveryQueue {
    /// A failing receiver.
    struct Failure: Equatable {
        var since: Instant
        var count: Int
        var nextAttempt: Instant
        /// The end of the receiver's `Retry-After`. There is no attempt before it, even while a flush waits.
        var notBefore: Instant?
        var reason: String
        /// Whether nothing could be sent, so that the failure concerns every signal of the receiver.
        var isUnreachable = false
        /// Whether only another destination has tried (``DeliveryQueue/share(_:)``), and nothing was logged here.
        var isShared = false

        /// The reason, and how long the receiver asks to wait.
        func description(_ now: Instant) -> String {
            guard let notBefore, notBefore > now else { return reason }
            return "\(reason); the receiver asks to wait \(ReadableDuration(now.duration(to: notBefore)))"
        }
    }
}
