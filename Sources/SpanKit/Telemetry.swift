import Foundation
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitShipping

/// Recording and export, tied together: one call at the start, one at the end.
///
/// ```swift
/// let telemetry = Telemetry.start()                      // as the environment says
/// try await telemetry.profiler.profile("import") { … }
/// let account = await telemetry.shutdown(within: .seconds(5))
/// ```
///
/// Nothing here throws: a program does not fail because its telemetry does. What cannot work is said once in the log, and the
/// percentiles of every operation are counted in any case. All calls may come from any thread or task.
public final class Telemetry: Sendable {
    /// Records spans.
    public let profiler: PerformanceProfiler
    /// What is in force.
    public let configuration: TelemetryConfiguration

    private struct State {
        var shipper: Shipper?
        var metrics: [MetricReader] = []
        var textfile: TextfileWriter?
        var finalAccount: ShippingAccount?
        var spoolDirectory: String?
    }

    private let state: ProcessOwned<State>
    private let log: ProfilerLog
    let redactor: Redactor?
    /// What else counts: see ``metricSource(_:)``.
    let metricSources = Locked<[any MetricSource]>([])

    /// Starts recording and export.
    /// - Parameters:
    ///   - configuration: what the environment says by default.
    ///   - log: where warnings go; standard error by default.
    public static func start(
        _ configuration: TelemetryConfiguration = .environment(),
        log: ProfilerLog = .standardError
    ) -> Telemetry {
        let telemetry = Telemetry(configuration, log)
        if configuration.shutsDownAtExit { ExitHook.add(telemetry) }
        return telemetry
    }

    private init(_ configuration: TelemetryConfiguration, _ log: ProfilerLog) {
        let redactor = configuration.redaction.map { Redactor($0) }
        let log = redactor.map { redactor in ProfilerLog { log($0, redactor.text($1)) } } ?? log
        self.configuration = configuration
        self.log = log
        self.redactor = redactor
        for warning in configuration.warnings { log(.warning, warning) }
        guard !configuration.isDisabled else {
            profiler = PerformanceProfiler(
                recorder: nil,
                reasonForOff:
                    "telemetry is off: OTEL_SDK_DISABLED=true, ENABLE_PROFILING=false, or `disabled` in its file.",
                log: log
            )
            state = ProcessOwned(State())
            return
        }
        var recording = configuration.recording
        let exports = !configuration.exporters.isEmpty
        recording.whenLogIsFull = exports ? .dropNewest : .overwriteOldest
        let spool = exports ? configuration.spool.flatMap { SpoolHandle.make($0, log) } : nil
        // What is recorded stands in the region as it is: with redaction no file may hold it.
        let file = configuration.redaction == nil ? spool?.makeRegionFile(log) : nil
        let recorder = Recorder.make(recording, file: file ?? -1)
        profiler = PerformanceProfiler(
            recorder: recorder,
            warnThreshold: configuration.warnThreshold,
            log: log,
            text: redactor.map { redactor in { @Sendable (name: String) -> String in redactor.text(name) } }
        )
        state = ProcessOwned(State())
        guard let recorder else { return }
        startTextfile(recorder)
        for line in configuration.destinationLines { log(.info, line) }
        guard exports else { return }
        if spool != nil { recorder.describe(resource: configuration.resource.attributes) }
        let shipper = Self.ship(recorder, configuration, configuration.resource, spool, log)
        state.own?.withLock { state in
            state.shipper = shipper
            state.spoolDirectory = spool?.directory
        }
        startMetrics(recorder, configuration.resource)
        recorder.onFirstSpansAfterFork { [weak self] in self?.restartAfterFork(recorder, spool) }
    }

    private static func ship(
        _ recorder: Recorder,
        _ configuration: TelemetryConfiguration,
        _ resource: Resource,
        _ spool: SpoolHandle?,
        _ log: ProfilerLog
    ) -> Shipper? {
        Shipper.start(
            recorder: recorder,
            exporters: configuration.exporters,
            resource: resource,
            scope: configuration.scope,
            batch: configuration.batch,
            tailSampling: configuration.tailSampling,
            redaction: configuration.redaction,
            spool: spool,
            log: log
        )
    }

    private func startTextfile(_ recorder: Recorder) {
        guard let textfile = configuration.textfile else { return }
        let operations =
            redactor.map { EngineMetrics(of: recorder.engine, text: $0.text) } ?? EngineMetrics(of: recorder.engine)
        let (log, names) = (log, configuration.selfMetricNames)
        let writer = TextfileWriter(textfile) { line in
            log(.warning, line)
        } collect: { [weak self] in
            operations.metrics() + (self?.counted(.classic) ?? [])
                + names.apply(to: Self.selfMetrics(self?.account ?? ShippingAccount(), recorder))
        }
        writer.start()
        state.own?.withLock { $0.textfile = writer }
    }

    private func startMetrics(_ recorder: Recorder, _ resource: Resource) {
        let readers = configuration.metricReaders.map { reader in
            MetricReader(
                reader.exporter,
                interval: reader.interval,
                resource: redactor?.resource(resource) ?? resource,
                scope: redactor?.scope(configuration.scope) ?? configuration.scope,
                log: log
            ) { [weak self] in
                guard let self else { return [] }
                return SpanMetrics.distributions(of: redacted(recorder.engine.total()))
                    + counted(.exponential) + Self.selfMetrics(account, recorder)
            }
        }
        state.own?.withLock { $0.metrics = readers }
    }

    private static func selfMetrics(_ account: ShippingAccount, _ recorder: Recorder) -> [Metric] {
        SelfMetrics.metrics(
            account,
            recording: recorder.account(),
            logBytes: UInt64(max(0, recorder.waitingBytes))
        )
    }

    /// What the sources have counted.
    private func counted(_ distributions: DistributionForm) -> [Metric] {
        metricSources.withLock { $0 }.flatMap { $0.metrics(distributions) }
    }

    /// Under redacted names; operations for which the same stands become one.
    private func redacted(_ operations: [OperationSnapshot]) -> [OperationSnapshot] {
        redactor.map { redactor in operations.renamed { redactor.text($0) } } ?? operations
    }

    /// The child of a fork has its spans, but no thread that sends them: it gets exporter, connections, spool folder and
    /// `service.instance.id` of its own. The textfile stays the parent's.
    private func restartAfterFork(_ recorder: Recorder, _ inherited: SpoolHandle?) {
        inherited?.releaseInChild()
        let resource = configuration.resource.inForkedChild(instance: UUID().uuidString.lowercased())
        let spool = configuration.spool.flatMap { SpoolHandle.make($0, log) }
        let shipper = Self.ship(recorder, configuration, resource, spool, log)
        state.makeOwn(State(shipper: shipper, spoolDirectory: spool?.directory))
        startMetrics(recorder, resource)
    }

    /// What became of every span so far. Empty in the child of a fork that has recorded none.
    public var account: ShippingAccount {
        guard let state = state.own else { return ShippingAccount() }
        return state.withLock { $0.finalAccount ?? $0.shipper?.account() ?? ShippingAccount() }
    }

    /// Where spans wait that cannot be delivered; nil where they wait in memory only, also because the spool could not be opened.
    package var spoolDirectory: String? { state.own?.withLock { $0.spoolDirectory } }

    /// Sends everything that has ended so far and waits for the answers, at most this long.
    ///
    /// While a receiver fails, it is tried again with backoff until the time is over, but never before its `Retry-After`. Returns
    /// early when everything is delivered or dropped, and when every receiver asks for more time than there is. In the child of a
    /// fork that has recorded no span there is nothing to send.
    @discardableResult
    public func flush(within duration: Duration) async -> ShippingAccount {
        await onThread { $0.flushAndWait(within: duration) }
    }

    /// Sends the remaining spans as ``flush(within:)`` does, at most this long, and ends the export.
    ///
    /// Later spans are counted in the percentiles only. Works in a cancelled task as well. A second call returns what the first
    /// one did. In the child of a fork that has recorded no span it does nothing and returns at once.
    @discardableResult
    public func shutdown(within duration: Duration) async -> ShippingAccount {
        await onThread { $0.shutdownAndWait(within: duration) }
    }

    /// ``flush(within:)`` for code that is not asynchronous. Blocks the thread.
    @discardableResult
    public func flushAndWait(within duration: Duration) -> ShippingAccount {
        let shipper = state.own?.withLock { $0.finalAccount == nil ? $0.shipper : nil }
        guard let shipper else { return account }
        return shipper.flush(until: .now.advanced(by: duration))
    }

    /// ``shutdown(within:)`` for code that is not asynchronous, such as a `defer`. Blocks the thread.
    @discardableResult
    public func shutdownAndWait(within duration: Duration) -> ShippingAccount {
        let deadline = ContinuousClock.now.advanced(by: duration)
        defer { ExitHook.remove(self) }
        guard let state = state.own else { return ShippingAccount() }
        if state.withLock({ $0.finalAccount == nil }) { tellOfOpenSpans() }
        let account = state.withLock { state in
            if let final = state.finalAccount { return final }
            // Spans may need all of their time; the last metrics, which come after them, have a share of their own.
            let share = state.metrics.isEmpty ? duration : duration * 0.9
            let account = state.shipper?.shutdown(until: deadline - (duration - share)) ?? ShippingAccount()
            state.finalAccount = account
            return account
        }
        // Last, so that it tells of the end, and without the lock: it asks for the account.
        let (metrics, textfile) = state.withLock { state in
            defer { (state.metrics, state.textfile) = ([], nil) }
            return (state.metrics, state.textfile)
        }
        // A local file: only a file system that hangs makes this wait, and then no longer than two seconds.
        textfile?.stop(within: .seconds(2))
        MetricReader.shutdown(metrics, until: max(deadline, .now.advanced(by: .milliseconds(20))))
        return account
    }

    /// A span that nobody ends is one that nobody sees.
    private func tellOfOpenSpans() {
        guard profiler.isEnabled else { return }
        let open = profiler.recorder.openOperations()
        guard !open.isEmpty else { return }
        let most = open.prefix(5).map { $0.count == 1 ? "'\($0.name)'" : "'\($0.name)' (\($0.count))" }
        let others = open.count > 5 ? " and \(open.count - 5) other operations" : ""
        let count = open.reduce(0) { $0 + $1.count }
        log(
            .warning,
            "shutdown with \(count) \(count == 1 ? "span" : "spans") still open, neither sent nor counted: "
                + "\(most.joined(separator: ", "))\(others); end what start() began, or use profile { } or withSpan { }"
        )
    }

    /// Waiting blocks, so it does so on a thread of its own. Not in the task: one that was cancelled could not wait.
    private func onThread(_ body: @escaping @Sendable (Telemetry) -> ShippingAccount) async -> ShippingAccount {
        await withCheckedContinuation { continuation in
            WaitingThread.run { continuation.resume(returning: body(self)) }
        }
    }
}
