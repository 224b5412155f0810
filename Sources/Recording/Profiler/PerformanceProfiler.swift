import SpanKitPercentiles
import SpanKitPlatform

/// Records operations as nested spans, and keeps percentiles of the durations of every operation. Recording a span
/// takes a few dozen nanoseconds.
///
/// ```swift
/// let profiler = PerformanceProfiler()
/// let session = try await profiler.profile("step_1_load_session", warnThreshold: .seconds(1)) {
///     try await store.load(id)
/// }
/// print(profiler.statistics(for: "step_1_load_session")?.p99Nanoseconds ?? 0)
/// ```
///
/// Spans nest automatically: a span that is started in the closure of `profile`, or in a child task of it, becomes a
/// child span. The memory for an operation does not grow with the number of calls. Use the profiler from any thread or
/// task.
///
/// While profiling is off (``isEnabled``), `profile` costs one load and one branch.
public final class PerformanceProfiler: Sendable {
    /// Whether the profiler records spans, as ``ProfilingMode`` decided when the profiler was created.
    public let isEnabled: Bool

    /// ``Recorder/dormant`` while profiling is off. It is not optional because unwrapping would retain it (5 ns a span).
    @usableFromInline package let recorder: Recorder
    /// The duration in nanoseconds above which an operation without its own threshold logs a warning.
    @usableFromInline let warnThreshold: UInt64
    let warningLimit = WarningLimit(lines: 20, milliseconds: 1_000)
    private let scopeWarningLimit = WarningLimit(lines: 1, milliseconds: 60_000)
    package let logger: ProfilerLog
    /// Why profiling is off and how to turn it on; nil if it is on.
    package let reasonForOff: String?
    /// Returns the text that statistics and reports show for an operation's name; nil if they show the name.
    private let text: (@Sendable (String) -> String)?
    /// The profiler of the program, which owns the recorder; nil if this is it.
    private let owner: PerformanceProfiler?
    /// The number of the scope of this profiler's spans; 0 for the program.
    package let scope: UInt32

    /// Creates a profiler.
    /// - Parameters:
    ///   - mode: Whether the profiler records spans. By default, the environment variable `ENABLE_PROFILING` decides.
    ///   - warnThreshold: The duration above which an operation logs a warning when it ends, unless its call sets another one.
    ///   - recording: The sampler, the limits and the memory for spans.
    ///   - log: The log for warnings and summaries; standard error by default.
    public convenience init(
        _ mode: ProfilingMode = .environment,
        warnThreshold: Duration = .seconds(1),
        recording: RecordingConfiguration = RecordingConfiguration(),
        log: ProfilerLog = .standardError
    ) {
        let reason = mode.reasonForOff(log)
        self.init(
            recorder: reason == nil ? Recorder.make(recording) : nil,
            reasonForOff: reason,
            warnThreshold: warnThreshold,
            log: log
        )
    }

    /// Creates a profiler with a recorder; without one, profiling is off.
    /// - Parameters:
    ///   - reasonForOff: Why there is no recorder; nil if the system refused one, which is logged.
    ///   - text: Returns the text that statistics and reports show for an operation's name.
    package init(
        recorder: Recorder?,
        reasonForOff: String? = nil,
        warnThreshold: Duration = .seconds(1),
        log: ProfilerLog,
        text: (@Sendable (String) -> String)? = nil
    ) {
        self.text = text
        owner = nil
        scope = 0
        isEnabled = recorder != nil
        self.recorder = recorder ?? .dormant
        let refusal =
            "address space for spans could not be reserved; "
            + "raise the limit (ulimit -v) or lower RecordingConfiguration.logBytes"
        if recorder == nil, reasonForOff == nil { log(.error, "profiling is off: \(refusal)") }
        self.reasonForOff = recorder == nil ? reasonForOff ?? "\(refusal)." : nil
        self.warnThreshold = UInt64(max(0, warnThreshold.nanoseconds))
        logger = log
        recorder?.callerLog.withLock { $0 = log }
    }

    /// Creates the profiler of a library.
    private init(of owner: PerformanceProfiler, scope: UInt32) {
        self.owner = owner
        self.scope = scope
        isEnabled = owner.isEnabled
        recorder = owner.recorder
        warnThreshold = owner.warnThreshold
        logger = owner.logger
        reasonForOff = owner.reasonForOff
        text = owner.text
    }

    deinit {
        if isEnabled, owner == nil { recorder.close() }
    }

    /// The profiler of a library: its spans have the library's scope, which receivers can filter by. Everything else is shared with this
    /// profiler: the current span, the percentiles, the account and the export.
    ///
    /// Call it once for each library and keep the result. Scopes are equal if all their fields are. Up to 1,000 scopes are recorded;
    /// beyond that, a warning is logged and the result is a profiler of the program.
    public func scoped(to scope: InstrumentationScope) -> PerformanceProfiler {
        guard isEnabled else { return self }
        if let number = recorder.scopes.number(of: scope) {
            return PerformanceProfiler(of: owner ?? self, scope: number)
        }
        if let others = scopeWarningLimit.admit() {
            let more = others == 0 ? "" : "; \(others) more since the last warning"
            logger(
                .warning,
                "the spans of '\(scope.name)' are recorded without a scope, because there are already \(ScopeTable.capacity); "
                    + "use few scopes, without ids in their names\(more)"
            )
        }
        return owner ?? self
    }

    /// The numbers of spans that were started, written to the log, and dropped for each reason.
    public var account: RecordingAccount { recorder.account() }

    /// Copies of the ended spans that are still in memory, oldest first.
    public func recordedSpans() -> [RecordedSpan] {
        recorder.recordedSpans(consuming: false)
    }

    /// The durations of every operation since the profiler was created or last reset. Spans that were not sampled are
    /// included.
    public func snapshot() -> [OperationSnapshot] {
        let operations = recorder.engine.snapshot()
        return text.map { operations.renamed($0) } ?? operations
    }

    /// Clears all statistics, for example between two test runs. Open spans are counted when they end.
    ///
    /// Ended spans in memory are discarded as well, unless an exporter will send them.
    public func reset() {
        recorder.engine.reset()
        recorder.discardRecordedSpans()
    }
}
