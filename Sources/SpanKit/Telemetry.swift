import Foundation
import SpanKitMetrics
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitShipping

/// Records spans, log records and metrics, and exports them.
///
/// ```swift
/// let telemetry = Telemetry.start()                      // configured by the environment
/// try await telemetry.profiler.profile("import") { try await importer.run() }
/// let account = await telemetry.shutdown(within: .seconds(5))
/// ```
///
/// No method throws, so telemetry never makes a program fail. Problems are logged once. Percentiles are counted even if the
/// export fails, but not if telemetry is off. All methods are thread-safe.
public final class Telemetry: Sendable {
    /// Records the spans.
    public let profiler: PerformanceProfiler
    /// Records log records. If telemetry is off, it records nothing.
    public var logs: Logs { profiler.logs }
    /// Creates instruments. Their metrics are written to the textfile and sent by the metric readers. If telemetry is off, they
    /// record nothing.
    public let metrics: TelemetryMeter
    /// The configuration in effect.
    public let configuration: TelemetryConfiguration

    private struct State {
        var shipper: Shipper?
        var metrics: [MetricReader] = []
        var textfile: TextfileWriter?
        var companions: [PeriodicThread] = []
        var measured: [MeasuredMetrics] = []
        var finalAccount: ShippingAccount?
        var finalLogsAccount: ShippingAccount?
        var spoolDirectory: String?
    }

    private let state: ProcessOwned<State>
    private let log: ProfilerLog
    /// The metrics in the spool of the process that started this object; nil without a spool.
    private let metricSpool: MetricSpool?
    package let redactor: Redactor?
    /// Additional metrics, see ``metricSource(_:)``.
    let metricSources = Locked<[any MetricSource]>([])
    /// The metrics about which redaction has warned.
    private let namedMetrics = Locked<Set<String>>([])

    /// Starts recording and export.
    /// - Parameters:
    ///   - configuration: the configuration from the environment by default.
    ///   - log: receives messages; standard error by default.
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
                    "OTEL_SDK_DISABLED=true, ENABLE_PROFILING=false, `disabled: true` in the configuration file or isDisabled in code turns telemetry off.",
                log: log
            )
            metrics = .off
            metricSpool = nil
            state = ProcessOwned(State())
            return
        }
        var recording = configuration.recording
        let exportsLogs = !configuration.effectiveLogExporters.isEmpty
        let exports = !configuration.exporters.isEmpty || exportsLogs
        recording.whenLogIsFull = configuration.exporters.isEmpty ? .overwriteOldest : .dropNewest
        recording.logRecords.whenFull = exportsLogs ? .dropNewest : .overwriteOldest
        let spool = exports ? configuration.spool.flatMap { Spool.make($0, log) } : nil
        // The region contains spans before redaction, so with redaction it must not be a file.
        let file = configuration.redaction == nil ? spool?.makeRegionFile(log) : nil
        let recorder = Recorder.make(recording, file: file ?? -1)
        // With redaction there is no file of metrics either, because attributes of metrics are redacted only when they
        // are exported.
        metricSpool =
            configuration.redaction == nil
            ? configuration.spool.flatMap { spool in
                MetricSpool(
                    spool,
                    resource: configuration.resource,
                    scope: configuration.scope,
                    readers: configuration.metricReaders,
                    log: log
                )
            } : nil
        metrics = TelemetryMeter(configuration.metrics, log: log, recorder: recorder, file: metricSpool?.file)
        profiler = PerformanceProfiler(
            recorder: recorder,
            warnThreshold: configuration.warnThreshold,
            log: log,
            text: redactor.map { redactor in { @Sendable (name: String) -> String in redactor.text(name) } }
        )
        state = ProcessOwned(State())
        guard let recorder else { return }
        warnAboutProcessMetrics()
        startCompanions()
        startTextfile(recorder)
        for line in configuration.destinationLines { log(.info, line) }
        guard exports || !configuration.metricReaders.isEmpty else { return }
        if spool != nil { recorder.describe(resource: configuration.resource.attributes) }
        let pool = ConnectionPool()
        let shipper = exports ? ship(recorder, configuration.resource, spool, pool) : nil
        state.own?.withLock { state in
            state.shipper = shipper
            state.spoolDirectory = spool?.directory
        }
        startMetrics(recorder, configuration.resource, pool, metricSpool)
        recorder.onFirstSpansAfterFork { [weak self] in self?.restartAfterFork(recorder, spool) }
    }

    private func ship(
        _ recorder: Recorder,
        _ resource: Resource,
        _ spool: Spool?,
        _ pool: ConnectionPool
    ) -> Shipper? {
        Shipper.start(
            recorder: recorder,
            exporters: configuration.exporters,
            logs: LogShipping(configuration.effectiveLogExporters, configuration.logBatch),
            resource: resource,
            scope: configuration.scope,
            batch: configuration.batch,
            tailSampling: configuration.tailSampling,
            redaction: configuration.redaction,
            spool: spool,
            pool: pool,
            log: log
        )
    }

    /// Starts the threads that observe the process until the shutdown. A forked child has none of them.
    private func startCompanions() {
        let poolLag = configuration.poolLag.flatMap { PoolLag($0, metrics, log).start() }
        let companions = [poolLag].compactMap { $0 } + configuration.companions.compactMap { $0(self, log) }
        state.own?.withLock { $0.companions = companions }
    }

    private func startTextfile(_ recorder: Recorder) {
        guard let textfile = configuration.textfile else { return }
        let operations =
            redactor.map { EngineMetrics(of: recorder.engine, text: $0.text) } ?? EngineMetrics(of: recorder.engine)
        let (log, names) = (log, configuration.selfMetricNames)
        let process = configuration.processMetrics ? ProcessMetrics() : nil
        let measured = MeasuredMetrics(metrics, takesExemplars: false, redactor)
        let instruments = InstrumentText { log(.warning, "prometheus textfile: the metric \($0)") }
        let writer = TextfileWriter(textfile) { line in
            log(.warning, line)
        } collect: { [weak self] in
            let own =
                operations.metrics() + (self?.counted(.classic) ?? []) + (process?.metrics() ?? [])
                + names.apply(to: self?.selfMetrics(recorder) ?? [])
            return own + instruments.metrics(of: self?.collected(measured) ?? [], besides: own)
        }
        writer.start()
        state.own?.withLock { state in
            state.textfile = writer
            state.measured.append(measured)
        }
    }

    private func startMetrics(
        _ recorder: Recorder,
        _ resource: Resource,
        _ pool: ConnectionPool,
        _ spool: MetricSpool? = nil
    ) {
        // The times of a process are its own, so a forked child needs its own object.
        let process = configuration.processMetrics ? ProcessMetrics() : nil
        var sources: [MeasuredMetrics] = []
        let readers = configuration.metricReaders.enumerated().map { number, reader in
            let measured = MeasuredMetrics(metrics, takesExemplars: true, reader: number, redactor)
            sources.append(measured)
            return MetricReader(
                reader,
                resource: redactor?.resource(resource) ?? resource,
                scope: redactor?.scope(configuration.scope) ?? configuration.scope,
                log: log,
                spool: spool,
                number: number,
                pool: pool
            ) { [weak self] takesEnds in
                guard let self else { return [] }
                return SpanMetrics.distributions(of: redacted(recorder.engine.total()))
                    + collected(measured, takesEnds: takesEnds)
                    + counted(reader.histogramAggregation == .explicit ? .classic : .exponential)
                    + (process?.metrics() ?? []) + selfMetrics(recorder)
            }
        }
        state.own?.withLock { state in
            state.metrics = readers
            state.measured += sources
        }
    }

    private func selfMetrics(_ recorder: Recorder) -> [Metric] {
        SelfMetrics.metrics(
            account,
            recording: recorder.account(),
            logBytes: UInt64(max(0, recorder.waitingBytes)),
            logs: logsAccount,
            logRecording: recorder.logRecordAccount(),
            readers: metricsAccount
        )
    }

    /// The metrics of the additional sources.
    private func counted(_ distributions: DistributionForm) -> [Metric] {
        metricSources.withLock { $0 }.flatMap { $0.metrics(distributions) }
    }

    /// The metrics of the program's instruments. Logs once for each metric if series have the same attributes after
    /// redaction and cannot be added up.
    private func collected(_ measured: MeasuredMetrics, takesEnds: Bool = true) -> [Metric] {
        measured.collect(metrics, takesEnds: takesEnds) { name, count in
            guard namedMetrics.withLock({ $0.count < 100 && $0.insert(name).inserted }) else { return }
            log(
                .warning,
                "the metric '\(name)' has series with the same attributes after redaction; of those that cannot be "
                    + "added up, such as gauges, only the first is exported (\(count) left out)"
            )
        }
    }

    /// The operations under redacted names. Operations with the same redacted name become one.
    private func redacted(_ operations: [OperationSnapshot]) -> [OperationSnapshot] {
        redactor.map { redactor in operations.renamed { redactor.text($0) } } ?? operations
    }

    /// Starts the export in a forked child, which has no threads of the parent. The child gets its own exporter,
    /// connections, spool folder and `service.instance.id`. Only the parent writes the textfile.
    private func restartAfterFork(_ recorder: Recorder, _ inherited: Spool?) {
        inherited?.releaseInChild()
        metricSpool?.releaseInChild()
        let resource = configuration.resource.inForkedChild(instance: UUID().uuidString.lowercased())
        let spool = configuration.spool.flatMap { Spool.make($0, log) }
        let exports = !configuration.exporters.isEmpty || !configuration.effectiveLogExporters.isEmpty
        let pool = ConnectionPool()
        let shipper = exports ? ship(recorder, resource, spool, pool) : nil
        state.makeOwn(State(shipper: shipper, spoolDirectory: spool?.directory))
        startMetrics(recorder, resource, pool)
    }

    /// The numbers of ended spans so far, by what happened to them. All are zero if there are no exporters, and in a forked child
    /// that has recorded no span.
    public var account: ShippingAccount {
        guard let state = state.own else { return ShippingAccount() }
        return state.withLock { $0.finalAccount ?? $0.shipper?.account() ?? ShippingAccount() }
    }

    /// What has happened to every log record so far, as ``account`` does for spans. Empty if log records are not exported.
    public var logsAccount: ShippingAccount {
        guard let state = state.own else { return ShippingAccount() }
        return state.withLock { $0.finalLogsAccount ?? $0.shipper?.account(of: .logs) ?? ShippingAccount() }
    }

    /// The numbers of data points of each metric reader: exported, dropped by reason, and waiting. The order is that of
    /// ``TelemetryConfiguration/metricReaders``. The array is empty in a forked child that has recorded no span.
    public var metricsAccount: [ShippingAccount.Destination] {
        state.own?.withLock { $0.metrics.map(\.account) } ?? []
    }

    /// The directory of the spool; nil without one, or if it could not be opened.
    package var spoolDirectory: String? { state.own?.withLock { $0.spoolDirectory } }

    /// Sends all spans that have ended, all log records and the current metrics, and waits for the responses, at most for `duration`.
    ///
    /// If a receiver fails, requests are retried with backoff until the time is over, but never before its
    /// `Retry-After`. It returns early when everything is delivered or dropped, or when every receiver asks for more
    /// time than is left.
    /// - Returns: The account of the spans; ``logsAccount`` is the account of the log records.
    @discardableResult
    public func flush(within duration: Duration) async -> ShippingAccount {
        await onThread { $0.flushAndWait(within: duration) }
    }

    /// Sends the remaining spans and log records as ``flush(within:)`` does, at most for `duration`, and ends the export.
    ///
    /// Spans that end later are only counted in the percentiles. It also works in a cancelled task. A second call
    /// returns the result of the first. In a forked child that has recorded no span, it returns at once.
    @discardableResult
    public func shutdown(within duration: Duration) async -> ShippingAccount {
        await onThread { $0.shutdownAndWait(within: duration) }
    }

    /// The synchronous form of ``flush(within:)``. Blocks the calling thread.
    @discardableResult
    public func flushAndWait(within duration: Duration) -> ShippingAccount {
        let deadline = ContinuousClock.now.advanced(by: duration)
        let parts = state.own?.withLock { $0.finalAccount == nil ? ($0.shipper, $0.metrics) : nil }
        guard let (shipper, metrics) = parts else { return account }
        let account = shipper?.flush(until: deadline) ?? self.account
        MetricReader.flush(metrics, until: deadline)
        return account
    }

    /// The synchronous form of ``shutdown(within:)``, for example for `defer`. Blocks the calling thread.
    @discardableResult
    public func shutdownAndWait(within duration: Duration) -> ShippingAccount {
        let deadline = ContinuousClock.now.advanced(by: duration)
        defer { ExitHook.remove(self) }
        guard let state = state.own else { return ShippingAccount() }
        if state.withLock({ $0.finalAccount == nil }) { warnAboutOpenSpans() }
        let account = state.withLock { state in
            if let final = state.finalAccount { return final }
            // The last metrics are sent after the spans and need time, too.
            let share = state.metrics.isEmpty ? duration : duration * 0.9
            let account = state.shipper?.shutdown(until: deadline - (duration - share)) ?? ShippingAccount()
            state.finalAccount = account
            state.finalLogsAccount = state.shipper?.account(of: .logs)
            return account
        }
        // The last metrics are collected after the shutdown of the spans, so that they include it. The lock is not
        // held, because collecting them reads the account.
        let (metrics, textfile) = state.withLock { state in
            defer {
                state.textfile = nil
                state.companions = []
            }
            // They end by themselves, because none of them has anything to finish.
            for companion in state.companions { _ = companion.stop(within: .zero) }
            for measured in state.measured { measured.finish() }
            return (state.metrics, state.textfile)
        }
        // The metric readers and the textfile are stopped at the same time, because both may wait for callbacks of
        // observable instruments. A write usually takes a few milliseconds. It takes longer only because of such
        // callbacks or a file system that hangs.
        MetricReader.beginShutdown(metrics, until: deadline)
        let left = ContinuousClock.now.duration(to: deadline)
        textfile?.stop(within: min(.seconds(2), max(.milliseconds(200), left)))
        MetricReader.awaitShutdown(metrics, until: max(deadline, .now.advanced(by: .milliseconds(20))))
        if metrics.isEmpty { metricSpool?.close() }
        return account
    }

    private func warnAboutProcessMetrics() {
        guard configuration.processMetrics else { return }
        let missing = ProcessMetrics().unreadable
        guard !missing.isEmpty else { return }
        log(
            .warning,
            "process metrics: \(missing.joined(separator: ", ")) cannot be read; the metrics from there are left out"
        )
    }

    /// Warns about open spans, because they are neither sent nor counted.
    private func warnAboutOpenSpans() {
        guard profiler.isEnabled else { return }
        let open = profiler.recorder.openOperations()
        guard !open.isEmpty else { return }
        let most = open.prefix(5).map { $0.count == 1 ? "'\($0.name)'" : "'\($0.name)' (\($0.count))" }
        let others = open.count > 5 ? " and \(open.count - 5) other operations" : ""
        let count = open.reduce(0) { $0 + $1.count }
        log(
            .warning,
            "\(count) \(count == 1 ? "span was" : "spans were") still open at shutdown and neither sent nor counted: "
                + "\(most.joined(separator: ", "))\(others); call end() for every span from start(), or use profile { } or withSpan { }"
        )
    }

    /// Waits on a separate thread, because waiting blocks. A cancelled task could not wait.
    private func onThread(_ body: @escaping @Sendable (Telemetry) -> ShippingAccount) async -> ShippingAccount {
        await withCheckedContinuation { continuation in
            WaitingThread.run { continuation.resume(returning: body(self)) }
        }
    }
}
