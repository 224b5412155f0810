import ArgumentParser
import Foundation
import GenAI
import OKRCoach
import OTLP
import Recording
import Reports
import Shipping
import SpanKit
import Summaries

/// `spankit profile`: conversations on a real database, measured.
struct ProfileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Run coaching conversations and show where their time goes.",
        discussion: """
            Runs eight scenarios (39 messages) through a ConversationManager on a SQLite database, prints tables and writes \
            everything to profiling-results-{timestamp}.json. Ctrl-C ends the run and keeps what was measured.

            The offline model needs no key and no network: its answers are fixed, its latency is drawn from a seeded \
            distribution around 2.4 s and multiplied with --latency-scale. Reports show times as measured and, apart from \
            them, projected to scale 1. The anthropic model needs ANTHROPIC_API_KEY.

            The results hold what was said; --without-texts leaves that out, SPANKIT_REDACTION goes over it.

            Profiling is on unless ENABLE_PROFILING=false; then only messages are timed.

            Exit status: 0 complete, 64 wrong usage, 65 damaged database or prices, 69 the model did not answer, 70 an error in \
            spankit, 73 something cannot be written (what was named is looked at before the first message), 130 or 143 interrupted.
            """
    )

    @OptionGroup var options: ProfileOptions
    @OptionGroup(title: "Export options") var exportOptions: ExportOptions

    func run() async throws {
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
            messageCount: scenarios.reduce(0) { $0 + $1.steps.count }
        )
        let telemetry = telemetryConfiguration.flatMap { startTelemetry($0, progress) }
        let receiverIsAbsent = telemetryConfiguration.map(ExportOptions.isAbsent) ?? false
        let profiler = telemetry?.profiler ?? makeProfiler(progress)
        let output = ProfileOutput(
            form: options.json ? .json : options.quiet ? .path : .tables,
            style: TerminalStyle(fileDescriptor: STDOUT_FILENO),
            progress: progress,
            scenarioCount: scenarios.count
        )
        let builder = ResultsBuilder(
            options: options.description(
                of: scenarios,
                modelName: redact(model.name),
                isProfiling: profiler.isEnabled,
                database: database
            ),
            start: start
        )
        let server = CoachServer(
            manager: ConversationManager(
                store: database.sessions,
                knowledge: database.knowledge,
                model: model,
                profiler: profiler,
                metrics: telemetry?.modelMetrics,
                configuration: Self.managerConfiguration,
                onSlowMessage: { _ in }
            ),
            store: database.sessions,
            runName: "profile-\(builder.timestamp)-\(UUID().uuidString.prefix(8).lowercased())"
        )
        let run = ProfilingRun(
            scenarios: scenarios,
            server: server,
            profiler: profiler,
            prices: prices,
            redact: redact,
            exchanges: options.withoutTexts ? nil : ExchangeRecorder(redactor: redactor),
            progress: progress,
            scenarioEnded: output.print
        )
        let record = await Self.perform(run, signals: signals, progress: progress)
        if let telemetry { await Self.shutDown(telemetry, receiverIsAbsent: receiverIsAbsent, progress) }
        try finish(record, builder, output, signals)
    }

    /// The tables say what was slow; a line for every slow message would say it again, amid the tables.
    private static var managerConfiguration: ConversationManager.Configuration {
        var configuration = ConversationManager.Configuration()
        configuration.modelWarnThreshold = .seconds(3_600)
        configuration.slowMessageThreshold = .seconds(3_600)
        return configuration
    }

    /// Recording with export. Nil while profiling is off: then there is nothing to export.
    private func startTelemetry(_ configuration: TelemetryConfiguration, _ progress: ProgressLine) -> Telemetry? {
        guard !configuration.isDisabled else {
            progress.note("nothing is exported: the environment turns profiling off")
            return nil
        }
        var configuration = configuration
        configuration.recording.tracksMemory = true
        configuration.warnThreshold = .seconds(3_600)
        configuration.scope.schemaURL = Conventions.v1_41_1.schemaURL
        configuration.shutsDownAtExit = false
        if case .string(let name) = configuration.resource["service.name"], name.hasPrefix("unknown_service") {
            configuration.resource["service.name"] = "okr-coach"
        }
        return Telemetry.start(configuration, log: ProfilerLog { _, line in progress.note(line) })
    }

    /// Sends what is left, and says what became of it all.
    /// - Parameter receiverIsAbsent: nothing listened at the default endpoint when the run began: not worth a wait, unless a
    ///   receiver has come up since.
    private static func shutDown(
        _ telemetry: Telemetry,
        receiverIsAbsent: Bool,
        _ progress: ProgressLine
    ) async {
        let isHopeless = receiverIsAbsent && telemetry.spoolDirectory == nil && telemetry.account.isFailingEverywhere
        let account = await telemetry.shutdown(within: isHopeless ? .zero : telemetry.configuration.shutdownTimeout)
        for destination in account.destinations {
            let outcome = destination.outcome(of: account.created, spool: telemetry.spoolDirectory)
            progress.note("\(destination.name): \(outcome)")
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

    /// Prints, writes, and turns what went wrong into a status. Printing comes first: it works wherever writing does not.
    private func finish(
        _ record: ProfilingRun.Record,
        _ builder: ResultsBuilder,
        _ output: ProfileOutput,
        _ signals: TerminationSignals
    ) throws {
        let results = try builder.results(of: record)
        try output.print(results)
        var failure = record.failure
        do {
            output.printPath(try results.write(inDirectory: options.out, timestamp: builder.timestamp))
        } catch {
            output.progress.note(error.description)
            failure = failure ?? CommandFailure(.cannotCreate, "")
        }
        if record.outcome == .interrupted, let signal = signals.signalNumber {
            output.progress.note("interrupted; what was measured until then is kept")
            throw ExitCode(128 + signal)
        }
        // Its line was printed when it happened.
        if let failure { throw ExitCode(failure.status.rawValue) }
    }
}
