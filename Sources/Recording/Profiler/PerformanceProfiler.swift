import SpanKitPercentiles
import SpanKitPlatform

/// Measures operations: nested spans, and percentiles of every operation, at a few dozen nanoseconds each.
///
/// ```swift
/// let profiler = PerformanceProfiler()
/// let session = try await profiler.profile("step_1_load_session", warnThreshold: .seconds(1)) {
///     try await store.load(id)
/// }
/// print(profiler.statistics(for: "step_1_load_session")?.p99Nanoseconds ?? 0)
/// ```
///
/// Spans nest by themselves: what runs inside `profile`, in child tasks too, becomes a child. Every operation has a
/// constant amount of memory, whatever its number of calls. Everything may be called from any thread or task.
///
/// While profiling is off (``isEnabled``), `profile` costs one load and one branch.
public final class PerformanceProfiler: Sendable {
    /// Whether anything is measured. Fixed when the profiler is made; see ``ProfilingMode``.
    public let isEnabled: Bool

    /// Not optional, because unwrapping would retain it: 5 ns a span. While profiling is off it is ``Recorder/dormant``.
    @usableFromInline package let recorder: Recorder
    @usableFromInline let warnings: SlowOperationWarnings
    package let logger: ProfilerLog
    /// Why nothing is measured, and what to do about it; nil while something is.
    package let reasonForOff: String?
    /// What may stand for an operation's name in statistics and reports; nil for the name itself.
    private let text: (@Sendable (String) -> String)?

    /// Creates a profiler.
    /// - Parameters:
    ///   - mode: whether it measures; by default the environment decides (`ENABLE_PROFILING`).
    ///   - warnThreshold: an operation that takes longer logs a warning when it ends, unless its call says otherwise.
    ///   - recording: samplers, limits, memory.
    ///   - log: where warnings and summaries go; standard error by default.
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

    /// A profiler on a recorder that others read; nil where there is none, which turns it off.
    /// - Parameters:
    ///   - reasonForOff: why there is no recorder; nil where the system refused one, which is logged.
    ///   - text: what may stand for an operation's name in statistics and reports.
    package init(
        recorder: Recorder?,
        reasonForOff: String? = nil,
        warnThreshold: Duration = .seconds(1),
        log: ProfilerLog,
        text: (@Sendable (String) -> String)? = nil
    ) {
        self.text = text
        isEnabled = recorder != nil
        self.recorder = recorder ?? .dormant
        let refusal = "the system refused the address space for spans"
        if recorder == nil, reasonForOff == nil { log(.error, "profiling is off: \(refusal)") }
        self.reasonForOff = recorder == nil ? reasonForOff ?? "\(refusal)." : nil
        warnings = SlowOperationWarnings(threshold: ReadableDuration(warnThreshold).nanoseconds, log: log)
        logger = log
        recorder?.warn(to: log)
    }

    deinit {
        if isEnabled { recorder.close() }
    }

    /// What became of every span: started, written, dropped, with reasons.
    public var account: RecordingAccount { recorder.account() }

    /// The newest ended spans that are still in memory, oldest first. Does not take them away.
    public func recordedSpans() -> [RecordedSpan] {
        recorder.recordedSpans(consuming: false)
    }

    /// The distribution of every operation since the start or the last ``reset()``, sampled or not, in memory or not.
    public func snapshot() -> [OperationSnapshot] {
        let operations = recorder.engine.snapshot()
        return text.map { operations.renamed($0) } ?? operations
    }

    /// Forgets all statistics, as between two test runs. Open spans count when they end.
    public func reset() {
        recorder.engine.reset()
        recorder.discardRecordedSpans()
    }
}
