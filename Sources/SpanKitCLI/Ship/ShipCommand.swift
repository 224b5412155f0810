import ArgumentParser
import Foundation
import SpanKit
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitShipping

/// `spankit ship`: sends what earlier runs left behind.
struct ShipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ship",
        abstract: "Send spans that wait in a spool or stand in files.",
        discussion: """
            FILES hold OTLP JSON lines, as file exporters write them, from anybody; gzip is undone, '-' is standard input. \
            What cannot be read is named and left out.

            --spool takes over the folders of processes that are gone, makes bodies of what their logs still hold (spans that were open \
            are ended, with status error and spankit.unfinished), and sends everything, oldest first. What is not taken stays \
            in the spool.

            Exit status: 0 everything was delivered, 64 wrong usage, 65 input that could not be read, 69 the receiver did not take everything, 73 the spool, \
            or a folder in it, cannot be used.
            """
    )

    @Argument(help: ArgumentHelp("Files of OTLP JSON lines, '-' for standard input.", valueName: "files"))
    var files: [String] = []

    @Option(help: ArgumentHelp("The spool to empty (default: SPANKIT_SPOOL_DIR).", valueName: "directory"))
    var spool: String?

    @Option(help: ArgumentHelp("Send there, whatever the environment says.", valueName: "url"))
    var otlpEndpoint: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long to go on while the receiver accepts nothing: all attempts and waits together.",
            valueName: "seconds"
        )
    )
    var timeout = 10.0

    func run() async throws {
        let patience = try Duration.seconds(timeout, of: "--timeout")
        let configuration = try TelemetryConfiguration.sending(to: otlpEndpoint, spool: spool)
        if !files.isEmpty {
            guard self.spool == nil else { throw CommandFailure(.usage, "give either files or --spool, not both") }
            return try ship(files, configuration, patience)
        }
        guard let spool = configuration.spool else {
            throw CommandFailure(.usage, "nothing to send: give files or --spool DIR, or set SPANKIT_SPOOL_DIR")
        }
        guard FileSystem.isDirectory(spool.directory) else {
            throw CommandFailure(.cannotCreate, "\(spool.directory): no such directory")
        }
        let delivery = try SpoolDelivery(configuration, spool, log: Self.note)
        let signals = TerminationSignals()
        signals.listen()
        signals.onFirst { delivery.stop() }
        let account = delivery.run(patience: patience)
        guard account.created > 0 || delivery.isIncomplete else {
            return Self.note("\(spool.directory): no spans wait here")
        }
        for destination in account.destinations {
            Self.note("\(destination.name): \(destination.outcome(of: account.created, spool: spool.directory))")
        }
        guard account.destinations.allSatisfy({ $0.exported == account.created }) else {
            throw ExitCode(ExitStatus.unavailable.rawValue)
        }
        if delivery.isIncomplete { throw ExitCode(ExitStatus.cannotCreate.rawValue) }
    }

    private func ship(_ files: [String], _ configuration: TelemetryConfiguration, _ patience: Duration) throws {
        for warning in configuration.warnings { Self.note(warning) }
        let receivers = configuration.exporters.compactMap { exporter -> OTLPExporter? in
            if case .otlp(let otlp) = exporter { otlp } else { nil }
        }
        guard let receiver = receivers.first else {
            throw CommandFailure(.usage, "OTEL_TRACES_EXPORTER names no receiver; give --otlp-endpoint URL")
        }
        let log = ProfilerLog { _, line in Self.note(line) }
        guard let shipper = DirectShipper(receiver, patience: patience, redaction: configuration.redaction, log: log)
        else {
            throw CommandFailure(.internalError, "the system gives no thread")
        }
        let outcome = FileDelivery(files: files, shipper: shipper, note: Self.note).run()
        let account = shipper.finish()
        for destination in account.destinations {
            Self.note("\(destination.name): \(destination.outcome(of: account.created))")
        }
        let isDelivered = account.destinations.allSatisfy { $0.exported == account.created }
        guard outcome.isComplete, isDelivered else { throw ExitCode(ExitStatus.unavailable.rawValue) }
        if outcome.problemCount > 0 { throw ExitCode(ExitStatus.data.rawValue) }
    }

    private static func note(_ line: String) {
        StandardStreams.error.write("spankit: \(line)\n")
    }
}
