import SpanKitPercentiles
import SpanKitPlatform

/// Measures operations as nested spans, and keeps percentiles of every operation. A span costs a few dozen nanoseconds.
///
/// ```swift
/// let profiler = PerformanceProfiler()
/// let session = try await profiler.profile("step_1_load_session", warnThreshold: .seconds(1)) {
///     try await store.load(id)
/// }
/// print(profiler.statistics(for: "step_1_load_session")?.p99Nanoseconds ?? 0)
/// ```
///
/// Spans nest automatically: a span that is started inside `profile`, or in a child task there, becomes a child. The memory for an
/// operation does not grow with the number of calls. Use the profiler from any thread or task.
///
/// While profiling is off (``isEnabled``), `profile` costs one load and one branch.
public final class PerformanceProfiler: Sendable {
    /// Whether the profiler measures. It never changes; see ``ProfilingMode``.
    public let isEnabled: Bool

    /// ``Recorder/dormant`` while profiling is off. It is not optional because unwrapping would retain it (5 ns a span).
    @usableFromInline package let recorder: Recorder
    /// The duration in nanoseconds above which an operation without its own threshold logs a warning.
    @usableFromInline let warnThreshold: UInt64
    let warningLimit = WarningLimit(lines: 20, milliseconds: 1_000)
    package let logger: ProfilerLog
    /// Why profiling is off and how to turn it on; nil if it is on.
    package let reasonForOff: String?
    /// Returns the text that statistics and reports show for an operation's name; nil if they show the name.
    private let text: (@Sendable (String) -> String)?

    /// Creates a profiler.
    /// - Parameters:
    ///   - mode: Whether the profiler measures. By default, the environment variable `ENABLE_PROFILING` decides.
    ///   - warnThreshold: The duration above which an operation logs a warning when it ends, unless its call sets another one.
    ///   - recording: The sampler, limits and memory.
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
        isEnabled = recorder != nil
        self.recorder = recorder ?? .dormant
        let refusal = "the system refused the address space for spans"
        if recorder == nil, reasonForOff == nil { log(.error, "profiling is off: \(refusal)") }
        self.reasonForOff = recorder == nil ? reasonForOff ?? "\(refusal)." : nil
        self.warnThreshold = UInt64(max(0, warnThreshold.nanoseconds))
        logger = log
        recorder?.callerLog.withLock { $0 = log }
    }

    deinit {
        if isEnabled { recorder.close() }
    }

    /// Counts of what happened to every span: started, written, or dropped by reason.
    public var account: RecordingAccount { recorder.account() }

    /// Copies of the ended spans that are still in memory, oldest first.
    public func recordedSpans() -> [RecordedSpan] {
        recorder.recordedSpans(consuming: false)
    }

    /// The distribution of every operation since the start or the last ``reset()``. It counts every span, sampled or not.
    public func snapshot() -> [OperationSnapshot] {
        let operations = recorder.engine.snapshot()
        return text.map { operations.renamed($0) } ?? operations
    }

    /// Clears all statistics, for example between two test runs. Open spans count when they end.
    public func reset() {
        recorder.engine.reset()
        recorder.discardRecordedSpans()
    }
}
