import ArgumentParser
import Foundation
import OTLP
import Recording
import Shipping
import SpanKit

/// `spankit ship`: sends what earlier runs left behind.
struct ShipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ship",
        abstract: "Send spans that wait in a spool.",
        discussion: """
            Takes over the folders of processes that are gone, makes bodies of what their logs still hold (spans that were open \
            are ended, with status error and spankit.unfinished), and sends everything, oldest first. What is not taken stays \
            in the spool.

            Exit status: 0 everything was delivered, 64 wrong usage, 69 the receiver did not take everything, 73 the spool \
            cannot be used.
            """
    )

    @Option(help: ArgumentHelp("The spool to empty (default: SPANKIT_SPOOL_DIR).", valueName: "directory"))
    var spool: String?

    @Option(help: ArgumentHelp("Send there, whatever the environment says.", valueName: "url"))
    var otlpEndpoint: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long to go on while the receiver takes nothing.", valueName: "seconds")
    )
    var timeout = 10.0

    func run() async throws {
        guard timeout.isFinite, timeout >= 0, timeout <= 86_400 else {
            throw CommandFailure(.usage, "--timeout: \(timeout) is not a number of seconds, 0 or more")
        }
        var options = ExportOptions()
        options.export = true
        options.otlpEndpoint = otlpEndpoint
        options.otlpFile = nil
        options.spool = spool
        let configuration = try options.configuration()
        guard let spool = configuration.spool else {
            throw CommandFailure(.usage, "no spool: give --spool DIR, or set SPANKIT_SPOOL_DIR")
        }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: spool.directory, isDirectory: &isDirectory), isDirectory.boolValue
        else { throw CommandFailure(.cannotCreate, "\(spool.directory): no such directory") }
        let delivery = try SpoolDelivery(configuration, spool, log: Self.note)
        let signals = TerminationSignals()
        signals.listen()
        signals.onFirst { delivery.stop() }
        let account = delivery.run(patience: .milliseconds(Int(timeout * 1_000)))
        guard account.created > 0 else { return Self.note("\(spool.directory): no spans wait here") }
        for destination in account.destinations {
            Self.note(destination.line(of: account.created, spool: spool.directory))
        }
        guard account.destinations.allSatisfy({ $0.undelivered == 0 && $0.droppedCount == 0 }) else {
            throw ExitCode(ExitStatus.unavailable.rawValue)
        }
    }

    private static func note(_ line: String) {
        StandardStreams.error.write("spankit: \(line)\n")
    }
}
