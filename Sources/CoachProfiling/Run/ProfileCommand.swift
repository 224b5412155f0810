import ArgumentParser
import Foundation
import OKRCoach
import SpanKit
import SpanKitCLI
import SpanKitGenAI
import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitReports
import SpanKitShipping
import SpanKitSummaries

/// The command `spankit profile`, which profiles the bundled coaching server.
package struct ProfileCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Profile the bundled coaching server and show where its time goes.",
        discussion: """
            The command sends eight scenarios (39 messages) through the server's ConversationManager and a SQLite database. It \
            prints tables and writes all measurements to profiling-results-{timestamp}.json. Ctrl-C ends the run and keeps \
            the measurements so far. For traces of other programs, use 'spankit top' and 'spankit report'.

            The offline model needs no key and no network, and its answers are deterministic. Its latency has a median of \
            2.4 s and is multiplied by --latency-scale. Reports show measured times next to times projected to scale 1. The \
            anthropic model needs ANTHROPIC_API_KEY.

            The results contain messages and answers unless --without-texts is given. SPANKIT_REDACTION redacts them. With \
            ENABLE_PROFILING=false, only whole messages are timed.

            Exit status: 0 complete, 64 wrong usage, 65 damaged database or prices, 69 the model did not answer, 70 an error \
            in spankit, 73 a file cannot be written (paths are checked before the first message), 130 or 143 interrupted.

            Examples:
              spankit profile
              spankit profile --scenario refinement --latency-scale 1
              spankit profile --model anthropic --export
            """
    )

    @OptionGroup var options: ProfileOptions
    @OptionGroup(title: "Export options") var exportOptions: ExportOptions

    package init() {}

    package func run() async throws {
        let scenarios = try options.checkedScenarios()
        let prices = try options.priceTable()
        try OutputPath(options.out).checkDirectory("--out")
        try exportOptions.checkPaths()
        let signals = TerminationSignals()
        signals.listen()
        let telemetryConfiguration = exportOptions.isOn ? try exportOptions.configuration() : nil
        let redactor = (telemetryConfiguration ?? .environment()).redaction.map { Redactor($0) }
        let redact: @Sendable (String) -> String = { redactor?.text($0) ?? $0 }
        let model = try options.makeModel()
        let database = try ProfileDatabase(path: options.database)
        defer { database.close() }
        let start = Date()
        let progress = ProgressLine(
            mode: ProgressLine.mode(isQuiet: options.quiet),
            scenarioCount: scenarios.count,
            messageCount: scenarios.reduce(0) { $0 + $1.messages.count }
        )
        let telemetry = telemetryConfiguration.flatMap { startTelemetry($0, progress) }
        let receiverIsAbsent = telemetryConfiguration.map(ExportOptions.isAbsent) ?? false
        if receiverIsAbsent {
            progress.note(
                "nothing listens at the default endpoint; start a collector or set OTEL_EXPORTER_OTLP_ENDPOINT"
            )
        }
        let profiler = telemetry?.profiler ?? makeProfiler(progress)
        let output = ProfileOutput(
            form: options.format == .json ? .json : options.quiet ? .path : .tables,
            style: TerminalStyle(fileDescriptor: STDOUT_FILENO),
            progress: progress,
            scenarioCount: scenarios.count
        )
        let described = options.description(
            of: scenarios,
            modelName: redact(model.name),
            isProfiling: profiler.isEnabled,
            database: database
        )
        let manager = ConversationManager(
            store: database.sessions,
            knowledge: database.knowledge,
            model: model,
            profiler: profiler,
            metrics: telemetry?.modelMetrics,
            configuration: Self.managerConfiguration,
            onSlowMessage: { _ in }
        )
        let run = ProfilingRun(
            scenarios: scenarios,
            manager: manager,
            store: database.sessions,
            name: "profile-\(start.fileTimestamp)-\(UUID().uuidString.prefix(8).lowercased())",
            profiler: profiler,
            prices: prices,
            redact: redact,
            exchanges: options.withoutTexts ? nil : ExchangeRecorder(redactor: redactor),
            progress: progress,
            scenarioEnded: output.print
        )
        let record = await Self.perform(run, signals: signals, progress: progress)
        if let telemetry { await Self.shutDown(telemetry, receiverIsAbsent: receiverIsAbsent, progress) }
        try finish(record, described, start, output, signals)
    }

    /// A configuration that reports no slow messages, because the tables show them.
    private static var managerConfiguration: ConversationManager.Configuration {
        var configuration = ConversationManager.Configuration()
        configuration.modelWarnThreshold = .seconds(3_600)
        configuration.slowMessageThreshold = .seconds(3_600)
        return configuration
    }

    /// Starts recording with export, or returns nil if profiling is off.
    private func startTelemetry(_ configuration: TelemetryConfiguration, _ progress: ProgressLine) -> Telemetry? {
        guard !configuration.isDisabled else {
            progress.note(
                "no spans are exported, because OTEL_SDK_DISABLED or ENABLE_PROFILING turns profiling off; unset it"
            )
            return nil
        }
        var configuration = configuration
        configuration.recording.tracksMemory = true
        configuration.warnThreshold = .seconds(3_600)
        configuration.scope.schemaURL = Conventions.ofEnvironment.schemaURL
        configuration.shutsDownAtExit = false
        if case .string(let name) = configuration.resource["service.name"], name.hasPrefix("unknown_service") {
            configuration.resource["service.name"] = "okr-coach"
        }
        return Telemetry.start(configuration, log: ProfilerLog { _, line in progress.note(line) })
    }

    /// Sends the remaining spans and log records, and prints how many each destination received.
    /// - Parameter receiverIsAbsent: Whether nothing listened at the default endpoint when the run started. If true,
    ///   the function does not wait, unless a receiver has accepted spans since then.
    private static func shutDown(
        _ telemetry: Telemetry,
        receiverIsAbsent: Bool,
        _ progress: ProgressLine
    ) async {
        let isHopeless = receiverIsAbsent && telemetry.spoolDirectory == nil && !telemetry.account.hasDelivered
        let account = await telemetry.shutdown(within: isHopeless ? .zero : telemetry.configuration.shutdownTimeout)
        let logs = telemetry.logsAccount
        for account in logs.created > 0 ? [account, logs] : [account] {
            for destination in account.destinations {
                let outcome = destination.outcome(of: account.created, spool: telemetry.spoolDirectory)
                progress.note("\(destination.name): \(outcome)")
            }
        }
        if let textfile = telemetry.configuration.textfile {
            for conflict in ExpositionText.conflicts(inDirectory: textfile.directory) { progress.note("\(conflict)") }
        }
    }

    private func makeProfiler(_ progress: ProgressLine) -> PerformanceProfiler {
        let value = ProcessInfo.processInfo.environment["ENABLE_PROFILING"]?.lowercased()
        let isOff = value == "false" || value == "0"
        if isOff {
            progress.note("profiling is off because ENABLE_PROFILING=\(value ?? ""); only messages are timed")
        }
        var recording = RecordingConfiguration()
        recording.tracksMemory = true
        return PerformanceProfiler(
            isOff ? .off : .on,
            warnThreshold: .seconds(3_600),
            recording: recording,
            log: ProfilerLog { _, line in progress.note(line) }
        )
    }

    private static func perform(
        _ run: ProfilingRun,
        signals: TerminationSignals,
        progress: ProgressLine
    ) async -> ProfilingRun.Record {
        let drawing = Task { await progress.keepDrawing() }
        let running = Task { await run.perform() }
        signals.onFirst { running.cancel() }
        let record = await running.value
        drawing.cancel()
        progress.finish()
        return record
    }

    /// Prints the results, writes the file, and exits with a status. The results are printed first because writing may fail.
    private func finish(
        _ record: ProfilingRun.Record,
        _ described: ProfilingResults.Options,
        _ start: Date,
        _ output: ProfileOutput,
        _ signals: TerminationSignals
    ) throws {
        let results: ProfilingResults
        do {
            results = try ProfilingResults(
                spankitVersion: Release.version,
                createdAt: start.formatted(.iso8601),
                environment: .current,
                options: described,
                outcome: record.outcome,
                failure: record.outcome == .failed ? record.failure?.description : nil,
                scenarios: record.scenarios
            )
        } catch {
            throw CommandFailure(.internalError, error.description)
        }
        try output.print(results)
        var failure = record.failure
        do {
            output.printPath(try results.write(inDirectory: options.out, timestamp: start.fileTimestamp))
        } catch {
            output.progress.note(error.description)
            failure = failure ?? CommandFailure(.cannotCreate, "")
        }
        if record.outcome == .interrupted, let signal = signals.signalNumber {
            output.progress.note("interrupted; the measurements so far are kept")
            throw ExitCode(128 + signal)
        }
        // The line about the failure was printed when it happened.
        if let failure { throw ExitCode(failure.status.rawValue) }
    }
}

extension Date {
    /// The time in UTC for the name of a file, such as `20261123T174026Z`.
    fileprivate var fileTimestamp: String {
        formatted(
            .iso8601.year().month().day().dateSeparator(.omitted).time(includingFractionalSeconds: false)
                .timeSeparator(.omitted).timeZone(separator: .omitted)
        )
    }
}
