import ArgumentParser
import Foundation
import SpanKit
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import SpanKitShipping

/// `spankit ship`
struct ShipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "ship",
        abstract: "Send the spans and log records in a spool, or the spans in files.",
        discussion: """
            The files contain OTLP as JSON lines or protobuf, or Jaeger or Zipkin JSON, optionally compressed with gzip. Spans in \
            OTLP are sent as they were written, with all fields. What cannot be read is reported and left out. \
            JSON members other than resourceSpans are not sent.

            With --spool, the command sends the spans and log records of processes that have ended, the oldest first. Spans that were \
            open get the status error and the attribute spankit.unfinished. What is not delivered stays in the spool.

            Standard error has a line for each signal and receiver. --format json, csv and md write the same numbers to standard output.

            Exit status: 0 everything was delivered, 64 wrong usage, 65 some input could not be read, 69 some spans were not \
            delivered, 73 the spool or a folder in it cannot be used.
            """,
        examples: [
            "ship --spool /var/spool/spankit", "ship traces.jsonl --otlp-endpoint http://localhost:4318",
        ]
    )

    @Argument(help: ArgumentHelp("Files with spans; '-' is standard input.", valueName: "files"))
    var files: [String] = []

    @Option(help: ArgumentHelp("The spool to send (default: SPANKIT_SPOOL_DIR).", valueName: "directory"))
    var spool: String?

    @Option(help: ArgumentHelp("Send to this receiver instead of the environment's.", valueName: "url"))
    var otlpEndpoint: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The time without a successful request after which the command gives up.",
            valueName: "seconds"
        )
    )
    var timeout = 10.0

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let patience = try Duration.seconds(timeout, of: "--timeout")
        let configuration = try TelemetryConfiguration.sending(to: otlpEndpoint, spool: spool)
        if !files.isEmpty {
            guard self.spool == nil else { throw CommandFailure(.usage, "give either files or --spool, not both") }
            return try ship(files, configuration, patience)
        }
        guard let spool = configuration.spool else {
            throw CommandFailure(.usage, "there is no input; give files or --spool DIR, or set SPANKIT_SPOOL_DIR")
        }
        guard FileSystem.isDirectory(spool.directory) else {
            throw CommandFailure(
                .cannotCreate,
                "\(spool.directory): no such directory; "
                    + "check --spool or SPANKIT_SPOOL_DIR"
            )
        }
        let delivery = try SpoolDelivery(configuration, spool) { StandardStreams.note($0) }
        let signals = TerminationSignals()
        signals.listen()
        signals.onFirst { delivery.stop() }
        let account = delivery.run(patience: patience)
        let logs = delivery.logsAccount
        let isEmpty = account.created + logs.created == 0 && !delivery.isIncomplete
        if isEmpty { StandardStreams.note("\(spool.directory): there are no spans or log records to send") }
        let result = ShipReport(account: account, logs: logs, spool: spool.directory)
        report(result, withLines: !isEmpty)
        guard result.isDelivered else {
            throw ExitCode(ExitStatus.unavailable.rawValue)
        }
        if delivery.isIncomplete { throw ExitCode(ExitStatus.cannotCreate.rawValue) }
    }

    private func report(_ report: ShipReport, withLines: Bool = true) {
        if withLines { report.lines.forEach(StandardStreams.note) }
        if output.format != .text { output.format.write(report.document) }
    }

    private func ship(_ files: [String], _ configuration: TelemetryConfiguration, _ patience: Duration) throws {
        for warning in configuration.warnings { StandardStreams.note(warning) }
        let receivers = configuration.exporters.compactMap { exporter -> OTLPExporter? in
            if case .otlp(let otlp) = exporter { otlp } else { nil }
        }
        guard let receiver = receivers.first else {
            throw CommandFailure(
                .usage,
                "no OTLP exporter is configured; give --otlp-endpoint URL, or add otlp to OTEL_TRACES_EXPORTER"
            )
        }
        let log = ProfilerLog { _, line in StandardStreams.note(line) }
        guard let shipper = DirectShipper(receiver, patience: patience, log: log)
        else {
            throw CommandFailure(
                .internalError,
                "a thread could not be created; "
                    + "check the limits of the process (ulimit -a)"
            )
        }
        var delivery = FileDelivery(files: files, receiver, configuration.redaction, shipper)
        let outcome = delivery.run()
        let account = shipper.finish()
        report(ShipReport(account: account, problemCount: outcome.problemCount))
        let isDelivered = account.destinations.allSatisfy { $0.exported == account.created }
        guard outcome.isComplete, isDelivered else { throw ExitCode(ExitStatus.unavailable.rawValue) }
        if outcome.problemCount > 0 { throw ExitCode(ExitStatus.data.rawValue) }
    }
}
