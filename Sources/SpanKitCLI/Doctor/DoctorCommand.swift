import ArgumentParser
import Foundation
import OTLP
import Recording
import Reports
import Shipping
import SpanKit

/// `spankit doctor`: why nothing arrives.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check where spans would go, and whether they arrive.",
        discussion: """
            Shows every setting with where it comes from, looks the host up, connects, sends an empty request and one test \
            span, and says in words what the answers mean. Values of headers are never shown.

            Exit status: 0 spans arrive, 64 a setting cannot be used, 69 they do not arrive.
            """
    )

    @Option(help: ArgumentHelp("Check this receiver, whatever the environment says.", valueName: "url"))
    var otlpEndpoint: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long to wait for each answer.", valueName: "seconds")
    )
    var timeout = 5.0

    func run() async throws {
        guard timeout.isFinite, timeout > 0, timeout <= 3_600 else {
            throw CommandFailure(.usage, "--timeout: \(timeout) is not a number of seconds above 0")
        }
        let configuration = try ExportOptions.sending(to: otlpEndpoint).configuration()
        let report = DoctorReport(configuration, timeout: .milliseconds(Int(timeout * 1_000)))
        let style = TerminalStyle(fileDescriptor: STDOUT_FILENO)
        let outcome = report.run { StandardStreams.output.write(style.printable($0) + "\n") }
        switch outcome {
        case .good: return
        case .settings: throw ExitCode(ExitStatus.usage.rawValue)
        case .unreachable: throw ExitCode(ExitStatus.unavailable.rawValue)
        }
    }
}
