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

/// Where the spans of one destination are that are neither exported nor dropped, each counted where it is.
struct DeliveryCensus: Equatable {
    /// In bodies that wait in memory.
    var memory: UInt64 = 0
    /// In bodies that wait in files of the spool.
    var files: UInt64 = 0
    /// In requests that have no answer yet.
    var inFlight: UInt64 = 0
    /// After the end: in bodies of which something had been sent without an answer, and which are in no file.
    var unacknowledged: UInt64 = 0

    /// All of them.
    var total: UInt64 { memory + files + inFlight + unacknowledged }
}
