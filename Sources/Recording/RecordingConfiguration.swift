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

/// What became of the spans of one recorder. Each number is counted where it happens; none is the remainder of others.
///
/// ```
/// started = unsampled + written + droppedLogFull + droppedTooManyLive + open
/// written = waiting + taken + overwritten
/// ```
public struct RecordingAccount: Sendable, Equatable {
    /// Spans that were started.
    public var started: UInt64 = 0
    /// Spans that ended and were written to the log.
    public var written: UInt64 = 0
    /// Spans that ended and were not sampled. Percentiles count them.
    public var unsampled: UInt64 = 0
    /// Spans that ended while the log was full. Percentiles count them.
    public var droppedLogFull: UInt64 = 0
    /// Spans that were started while too many were open. They are dropped at the start; percentiles count them when they end.
    public var droppedTooManyLive: UInt64 = 0
    /// Spans that have not ended, without those in ``droppedTooManyLive``. Once the profiler is gone: the spans that had not ended by then.
    public var open: UInt64 = 0
    /// Written spans that are in the log and that no reader has taken. Once the profiler is gone: the spans that were lost with its log.
    public var waiting: UInt64 = 0
    /// Written spans that a reader has taken out of the log: the exporter, or tail sampling when it drops them.
    public var taken: UInt64 = 0
    /// Written spans that newer spans have overwritten before a reader took them.
    public var overwritten: UInt64 = 0
    /// Calls on spans that had ended already, or belong to another recorder. They did nothing.
    public var ignoredCalls: UInt64 = 0

    /// Whether both sums hold. They may not while other threads start, end or read spans.
    public var isBalanced: Bool {
        started == unsampled + written + droppedLogFull + droppedTooManyLive + open
            && written == waiting + taken + overwritten
    }
}
