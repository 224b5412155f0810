import SpanKitPlatform

extension DeliveryQueue {
    /// Whether another body should be handed over now.
    /// - Parameter hasSpool: whether bodies of an unavailable receiver wait in files.
    package func takesBody(hasSpool: Bool, _ now: Instant) -> Bool {
        if hasSpool, failure != nil { return true }
        guard hasRoom, !isHurrying(now) else { return hasRoom }
        // While requests succeed, few bodies wait here: spans in the log can still be joined into one large body.
        return waitingBodyCount < (failure == nil ? 2 * parallelRequests : 64)
    }

    /// A failing receiver.
    package struct Failure: Equatable {
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
