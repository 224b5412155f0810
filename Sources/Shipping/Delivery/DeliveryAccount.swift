/// What one destination made of the spans it was given.
struct DeliveryAccount: Equatable {
    var exported: UInt64 = 0
    var dropped: [DropReason: UInt64] = [:]
    var possiblyDuplicated: UInt64 = 0
    var requests: UInt64 = 0

    mutating func drop(_ reason: DropReason, _ count: Int) {
        if count > 0 { dropped[reason, default: 0] += UInt64(count) }
    }
}
