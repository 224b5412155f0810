import SpanKitPlatform
import SpanKitRecording
import SpanKitServer
import Synchronization
import Tracing

/// Records the spans, log lines and metrics of one test in memory.
///
/// ```swift
/// import SpanKitTesting
/// import Testing
///
/// @Test func rowsAreCounted() async throws {
///     try await SpanRecorder.record { recorder in
///         _ = try await store.load(7)
///         let load = try recorder.spans.single("load_user")
///         #expect(load.attributes["db.rows", as: Int.self] == 1)
///     }
/// }
/// ```
///
/// Tests can run in parallel in one process: each recorder gets only the spans, log lines and metrics of the tasks inside its
/// `record` closure. Child tasks and `Task { }` belong to the recorder of the task that creates them. The spans of a
/// detached task belong to a recorder only if you pass them the `ServiceContext` of a span of the test. Spans that belong to no recorder
/// are in ``unassigned``, and are reported on standard error.
///
/// Metrics are those of the instruments that you create with ``metrics``, and those of swift-metrics. What a metric of swift-metrics
/// measures belongs to the recorder of the task in which it is measured, even if the metric was created before the test.
///
/// All methods are thread-safe.
public final class SpanRecorder: Sendable {
    /// The telemetry of the test. It sends nothing. Pass it, its profiler or its metrics to the code under test.
    public let telemetry: Telemetry
    let tracer: SpanKitTracer
    let changes: ChangeSignal
    let metricsFactory: SpanKitMetricsFactory
    /// The handlers of metrics of swift-metrics in this recorder, by the number of the metric.
    let handlers = Locked<[Int: any Sendable]>([:])
    private let lines = Locked<[RecordedLog]>([])
    private let hasWarned = Atomic(false)

    /// The recorder of the current task; nil outside of a `record` closure.
    public static var current: SpanRecorder? { ServiceContext.current?.spanRecorder ?? taskRecorder }

    @TaskLocal static var taskRecorder: SpanRecorder?

    init(_ configuration: TelemetryConfiguration = TelemetryConfiguration()) {
        let changes = ChangeSignal()
        var configuration = configuration
        configuration.exporters = []
        configuration.metricReaders = []
        configuration.textfile = nil
        configuration.spool = nil
        configuration.shutsDownAtExit = false
        // A warning about a slow span is noise in a test, which may run on a loaded machine.
        configuration.warnThreshold = .seconds(86_400)
        configuration.recording.onEnd = { changes.signal() }
        self.changes = changes
        telemetry = Telemetry.start(configuration)
        tracer = telemetry.tracer
        metricsFactory = telemetry.metricsFactory(notice: nil)
    }

    // MARK: Record

    /// Runs a synchronous test with its own recorder.
    ///
    /// The rules and parameters are those of the asynchronous `record`.
    public static func record<Result>(
        _ configuration: TelemetryConfiguration = TelemetryConfiguration(),
        _ body: (SpanRecorder) throws -> Result
    ) rethrows -> Result {
        let recorder = SpanRecorder(configuration)
        Backends.install()
        defer { recorder.warnAboutOpenSpans() }
        return try $taskRecorder.withValue(recorder) {
            try ServiceContext.$current.withValue(nil) {
                try SpanHandle.$current.withValue(.none) { try body(recorder) }
            }
        }
    }

    /// Runs a test with its own recorder, on the caller's actor. The outermost spans in the closure start new traces.
    ///
    /// The first call makes SpanKitTesting the backend of swift-distributed-tracing, swift-log and swift-metrics for the whole process. Code
    /// under test must not bootstrap another one. You can read the recorder after the closure has returned. Spans that are
    /// still open when it returns are reported on standard error.
    /// - Parameters:
    ///   - configuration: The sampler, limits, propagators and metric views of the test. Its exporters and metric readers are ignored.
    ///   - isolation: The caller's actor, on which the closure runs.
    ///   - body: The test.
    /// - Returns: The result of the closure.
    public static func record<Result>(
        _ configuration: TelemetryConfiguration = TelemetryConfiguration(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (SpanRecorder) async throws -> Result
    ) async rethrows -> Result {
        let recorder = SpanRecorder(configuration)
        Backends.install()
        defer { recorder.warnAboutOpenSpans() }
        return try await $taskRecorder.withValue(recorder) {
            try await ServiceContext.$current.withValue(nil) {
                try await SpanHandle.$current.withValue(.none) { try await body(recorder) }
            }
        }
    }

    private func warnAboutOpenSpans() {
        guard !openSpans.isEmpty else { return }
        ProfilerLog.standardError(
            .warning,
            "SpanRecorder.record ended while \(Self.list(openSpans, "span")) had not ended; end each span, or wait for it with waitForSpans(_:)"
        )
    }

    // MARK: Read

    /// The profiler of the test, for code that takes a profiler.
    public var profiler: PerformanceProfiler { telemetry.profiler }

    /// The meter of the test, for code that takes a meter. Read a value with `metrics.value("name", ["key": "value"])`, and check several
    /// with `metrics.expect`. It includes the metrics of swift-metrics.
    public var metrics: TelemetryMeter { telemetry.metrics }

    /// The spans that have ended, ordered by start time.
    ///
    /// Each read returns new copies. Spans that the sampler rejected are not included.
    public var spans: [EndedSpan] {
        let spans = profiler.recordedSpans()
        if let loss, self !== Self.unassigned, !hasWarned.exchange(true, ordering: .relaxed) {
            ProfilerLog.standardError(.warning, loss)
        }
        return SpanForest(spans, logs: logs, of: self).spans
    }

    /// The log lines of all levels, in the order in which they were logged.
    public var logs: [RecordedLog] { lines.withLock { $0 } }

    /// The names of the spans that have not ended, one for each span, in alphabetical order.
    public var openSpans: [String] {
        profiler.recorder.openOperations().flatMap { Array(repeating: $0.name, count: $0.count) }.sorted()
    }

    /// A recorder for spans and metrics that belong to no test, such as those of a detached task. All tests of the process share it.
    /// It keeps the newest spans, about 200,000. Log lines that belong to no test are written to standard error.
    public static let unassigned = SpanRecorder()

    func add(_ log: RecordedLog) {
        lines.withLock { $0.append(log) }
        changes.signal()
    }

    private var loss: String? {
        let account = profiler.account
        let lost = account.overwritten + account.droppedTooManyLive
        guard lost > 0 else { return nil }
        return
            "\(Self.count(Int(clamping: lost), "span")) of this test \(lost == 1 ? "is" : "are") missing in the recorder; raise recording.logBytes or recording.liveSpanCapacity in the configuration of SpanRecorder.record"
    }

    /// What may explain that a span is missing, one line each.
    var notes: [String] {
        var notes: [String] = []
        if !openSpans.isEmpty { notes.append("not ended: \(Self.list(openSpans, "span"))") }
        let outside = Self.unassigned.openSpans + Self.unassigned.spans.reversed().map(\.name)
        if self !== Self.unassigned, !outside.isEmpty {
            notes.append(
                "outside of any recorder, for example in a detached task: \(Self.list(outside, "span")), of all tests"
            )
        }
        let metrics = self === Self.unassigned ? [] : Self.unassigned.metrics.recordedSeries.map(\.name)
        if !metrics.isEmpty {
            notes.append("measured outside of any recorder: \(Self.list(metrics, "metric")), of all tests")
        }
        if let loss { notes.append(loss) }
        return notes + Backends.problems
    }

    /// A number of spans with the first ten names, such as "3 spans ('a' (2), 'b')".
    static func list(_ names: [String], _ noun: String) -> String {
        let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
        var distinct: Set<String> = []
        let shown = names.filter { distinct.insert($0).inserted }.prefix(10).map { name in
            counts[name] == 1 ? "'\(name)'" : "'\(name)' (\(counts[name, default: 0]))"
        }
        return "\(count(names.count, noun)) (\(shown.joined(separator: ", "))\(counts.count > 10 ? ", …" : ""))"
    }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
