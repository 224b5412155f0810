/// Settings for recording spans. By default all traces are recorded, and the newest spans are kept in memory.
public struct RecordingConfiguration: Sendable {
    /// The sampler, which decides which traces are recorded; by default all.
    public var sampler: any Sampler = ParentBasedSampler(root: AlwaysOnSampler())
    /// The limits on the contents of one span.
    public var limits = SpanLimits()
    /// The maximum size of the log of ended spans in bytes, 2 MiB by default. A span takes about 200 bytes.
    ///
    /// Each recording thread after the first adds up to 64 KiB for its own chunk of the log. From the 257th thread on,
    /// threads share chunks.
    public var logBytes = 2 * 1_024 * 1_024
    /// The maximum number of spans that are open at the same time, 65,536 by default. Further spans are counted in
    /// percentiles but not recorded.
    public var liveSpanCapacity = 65_536
    /// Whether to measure the heap memory in use at the start and the end of every span. Each measurement takes about 1
    /// µs.
    public var tracksMemory = false
    /// The limits, the memory and the loggers of log records.
    public var logRecords = LogRecordConfiguration()

    /// Where exceptions are recorded: in events of their span by default, in log records, or both
    /// (`OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN`).
    public var exceptionSignal = ExceptionSignal.spanEvents

    /// Your own code that is called when spans start and end, in the order of this array; none by default.
    public var spanProcessors: [SpanProcessor] = []
    /// Your own generator of trace and span ids; nil for random ids.
    public var idGenerator: (any IDGenerator)?

    /// Measures the parts of spans; nil for no parts.
    package var spanTimes: SpanTimes?
    package var whenLogIsFull = SpanLogOverflow.overwriteOldest
    /// Called after each span has ended and can be read, on the thread that ended it; nil for none. It must return quickly.
    package var onEnd: (@Sendable () -> Void)?
    package var touchedBytes: Int { min(logBytes, 2 * 1_024 * 1_024) }

    /// Creates the default settings.
    public init() {}
}

/// The numbers of spans of one profiler, by what happened to them. Each number is counted independently; none is
/// computed from the others, so the equations can be checked:
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
    /// Spans that ended and were not sampled. Percentiles include them.
    public var unsampled: UInt64 = 0
    /// Spans that ended while the log was full. Percentiles include them.
    public var droppedLogFull: UInt64 = 0
    /// Spans that were started while ``RecordingConfiguration/liveSpanCapacity`` spans were open. Percentiles include
    /// them when they end.
    public var droppedTooManyLive: UInt64 = 0
    /// Spans that have not ended, except those in ``droppedTooManyLive``. If the profiler has been deallocated, these
    /// are the spans that were open at that time.
    public var open: UInt64 = 0
    /// Written spans that are still in the log. If the profiler has been deallocated, these spans are lost.
    public var waiting: UInt64 = 0
    /// Written spans that were removed from the log: exported, dropped by tail sampling, or discarded by
    /// ``PerformanceProfiler/reset()``.
    public var taken: UInt64 = 0
    /// Written spans that newer spans have overwritten in the log.
    public var overwritten: UInt64 = 0
    /// Calls on spans that had already ended or belong to another profiler. They had no effect.
    public var ignoredCalls: UInt64 = 0
    /// The counts of failed, slow and skipped calls of each of ``RecordingConfiguration/spanProcessors``, in the same order.
    public var processors: [SpanProcessorAccount] = []

    /// Whether both equations of ``RecordingAccount`` hold. They may not hold while other threads start, end or read
    /// spans.
    public var isBalanced: Bool {
        started == unsampled + written + droppedLogFull + droppedTooManyLive + open
            && written == waiting + taken + overwritten
    }
}
