import SpanKitPlatform

/// A body on its way to one destination.
struct Delivery: Sendable {
    /// Where the bytes are.
    enum Content: Sendable {
        case memory(Body)
        /// The body itself is kept in memory as long as it is young.
        case file(SpoolFile, Body?)
    }

    var content: Content
    let spanCount: Int
    /// Bytes of memory that the body takes while it waits.
    let memoryBytes: Int
    /// When it was handed over.
    let queued: ContinuousClock.Instant
    /// When the current series of attempts ends (`OTEL_EXPORTER_OTLP_TIMEOUT`); nil before the first attempt.
    var exportDeadline: ContinuousClock.Instant?
    var attempts = 0
    /// The last attempt may have arrived although no answer came.
    var mayHaveArrived = false
    /// Large values of its only span have been cut already.
    var isTrimmed = false
    /// To be sent by itself: it was refused together with others.
    var isAlone = false
    /// The order in which bodies were handed over.
    var number: UInt64 = 0

    /// Whether the body waits in a file.
    var isInFile: Bool { if case .file = content { true } else { false } }

    /// Whether it may go with others in one request. Not when an earlier attempt may have arrived: then only the same bytes let a
    /// receiver recognise the repetition.
    var canBeJoined: Bool { !mayHaveArrived && !isAlone && !isTrimmed }

    init(_ body: Body, queued: ContinuousClock.Instant) {
        content = .memory(body)
        spanCount = body.spanCount
        memoryBytes = body.bytes.count
        self.queued = queued
    }

    /// - Parameter body: what the file holds, where it is at hand.
    init(_ file: SpoolFile, body: Body? = nil, queued: ContinuousClock.Instant) {
        content = .file(file, body)
        spanCount = file.spanCount
        memoryBytes = body?.bytes.count ?? 0
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
struct DeliveryAccount: Equatable {
    var exported: UInt64 = 0
    var dropped: [DropReason: UInt64] = [:]
    var possiblyDuplicated: UInt64 = 0
    var requests: UInt64 = 0

    mutating func drop(_ reason: DropReason, _ count: Int) {
        if count > 0 { dropped[reason, default: 0] += UInt64(count) }
    }
}

/// Where the spans of one destination are that are neither exported nor dropped.
struct DeliveryCensus: Equatable {
    /// In bodies that wait in memory.
    var memory: UInt64 = 0
    /// In bodies that wait in files of the spool.
    var files: UInt64 = 0
    /// In requests that have no answer yet.
    var inFlight: UInt64 = 0
    /// After the end: sent without an answer, and not in a file.
    var unacknowledged: UInt64 = 0

    /// All of them.
    var total: UInt64 { memory + files + inFlight + unacknowledged }
}
