import SpanKitPlatform

/// A body on its way to one destination.
package struct Delivery: Sendable {
    /// Where the body is.
    enum Content: Sendable {
        case memory(Body)
        /// In the spool, and also in memory while there is room.
        case file(SpoolFile, Body?)
    }

    var content: Content
    package let spanCount: Int
    /// The memory that the body takes while it waits, in bytes.
    let memoryBytes: Int
    /// When it was handed over.
    let queued: ContinuousClock.Instant
    /// The end of the latest series of attempts (`OTEL_EXPORTER_OTLP_TIMEOUT`); nil before the first attempt.
    var exportDeadline: ContinuousClock.Instant?
    var attempts = 0
    /// Whether an attempt without an answer may have arrived.
    var mayHaveArrived = false
    /// Whether large values of its only span have been cut.
    var isTrimmed = false
    /// Whether it must be sent alone, because it was refused together with others.
    var isAlone = false
    /// The order in which bodies were handed over.
    var number: UInt64 = 0

    /// Whether the body waits in a file.
    var isInFile: Bool { if case .file = content { true } else { false } }

    /// Whether it may be sent with others in one request. It must not if an earlier attempt may have arrived, because a
    /// receiver recognises a repetition only by identical bytes.
    var canBeJoined: Bool { !mayHaveArrived && !isAlone && !isTrimmed }

    package init(_ body: Body, queued: ContinuousClock.Instant) {
        content = .memory(body)
        spanCount = body.spanCount
        memoryBytes = body.memoryBytes
        self.queued = queued
    }

    /// - Parameter body: the content of the file, if it is in memory.
    init(_ file: SpoolFile, body: Body? = nil, queued: ContinuousClock.Instant) {
        content = .file(file, body)
        spanCount = file.spanCount
        memoryBytes = body?.memoryBytes ?? 0
        self.queued = queued
    }

    /// Reads the body from its file, unless it is in memory.
    func load() -> SpoolFile.Content {
        switch content {
        case .memory(let body), .file(_, let body?): .body(body)
        case .file(let file, nil): file.load()
        }
    }
}

/// The outcome of the spans that were handed to one destination.
package struct DeliveryAccount: Equatable {
    package var exported: UInt64 = 0
    package var dropped: [DropReason: UInt64] = [:]
    package var possiblyDuplicated: UInt64 = 0
    var requests: UInt64 = 0

    mutating func drop(_ reason: DropReason, _ count: Int) {
        if count > 0 { dropped[reason, default: 0] += UInt64(count) }
    }
}

/// Where the spans of one destination are that are neither exported nor dropped.
package struct DeliveryCensus: Equatable {
    /// In bodies that wait in memory.
    package var memory: UInt64 = 0
    /// In bodies that wait in files of the spool.
    package var files: UInt64 = 0
    /// In requests that have no answer yet.
    package var inFlight: UInt64 = 0
    /// After sending has ended: spans that were sent without an answer and are not in a file.
    package var unacknowledged: UInt64 = 0

    /// All of them.
    var total: UInt64 { memory + files + inFlight + unacknowledged }
}
