/// What the owner of a ``DeliveryQueue`` must do after a request.
package enum DeliveryEvent {
    /// The bodies were accepted. If requests had failed before, `recovered` is that failure, which is now over.
    case delivered([Delivery], rejected: Int, message: String, recovered: DeliveryQueue.Failure?)
    case postponed(isFirst: Bool, reason: String)
    case dropped(Delivery, DropReason, reason: String)
    /// Split or cut the body, and put it back with ``DeliveryQueue/replace(_:with:)``.
    case tooLarge(Delivery, reason: String, status: Int)
    /// A request with several bodies was refused. Each will be sent alone.
    case disbanded
}
