/// How spans are recorded. The defaults suit a server whose spans nobody collects yet: the newest are kept.
public struct RecordingConfiguration: Sendable {
    /// Decides which traces are recorded.
    public var sampler: any Sampler = ParentBasedSampler(root: AlwaysOnSampler())
    /// How much one span may hold.
    public var limits = SpanLimits()
    /// Bytes of ended spans that wait at most, about 200 a span. Of the threads that record, each beyond the first adds up to 64 KiB
    /// that it is filling; beyond 256 they share.
    public var logBytes = 2 * 1_024 * 1_024
    /// Spans that may be open at the same time; more are measured but not recorded, and counted as dropped.
    public var liveSpanCapacity = 65_536
    /// Whether the heap in use is read before and after every span (about a microsecond each time).
    public var tracksMemory = false

    package var whenLogIsFull = SpanLogOverflow.overwriteOldest
    package var touchedBytes: Int { min(logBytes, 2 * 1_024 * 1_024) }

    /// The defaults.
    public init() {}
}

/// What became of the spans of one recorder.
///
/// `started = written + unsampled + droppedLogFull + droppedTooManyLive + live`
public struct RecordingAccount: Sendable, Equatable {
    /// Spans that were started.
    public var started: UInt64 = 0
    /// Spans that ended and stand, or stood, in the log.
    public var written: UInt64 = 0
    /// Spans that ended and were not sampled; percentiles count them.
    public var unsampled: UInt64 = 0
    /// Spans that ended while the log was full; percentiles count them.
    public var droppedLogFull: UInt64 = 0
    /// Spans that were started while too many were open; percentiles count them.
    public var droppedTooManyLive: UInt64 = 0
    /// Of the written ones: those the log has overwritten before anybody read them.
    public var overwritten: UInt64 = 0
    /// Calls on spans that had ended already, or belong to another recorder. They did nothing.
    public var ignoredCalls: UInt64 = 0

    /// Spans that are open now.
    public var live: UInt64 {
        let ended = written + unsampled + droppedLogFull + droppedTooManyLive
        return started - min(ended, started)
    }
}
