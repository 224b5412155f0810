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
}
