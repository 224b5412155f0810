import ArgumentParser
import Foundation
import SpanKit
import SpanKitOTLP
import SpanKitRecording
import SpanKitReports
import SpanKitShipping
import SpanKitSummaries

/// `spankit doctor`: why nothing arrives.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check where spans would go, and whether they arrive.",
        discussion: """
            Shows every setting with where it comes from, tries the spool, looks the host up, connects, sends an empty request \
            and one test span, and says in words what the answers mean. Values of headers are never shown.

            --settings sends nothing: it lists all variables. OTEL_CONFIG_FILE may name a file in JSON or YAML, which stands in \
            place of the other OTEL_* variables.

            --redaction sends nothing: it puts canaries (texts that look like keys, addresses, card numbers) into every place of \
            a span, makes the bodies that would be sent, and shows what is left of them.

            Exit status: 0 spans arrive, or no canary is left; 64 a setting cannot be used, or redaction is off; 69 spans do not \
            arrive; 70 a canary is left.
            """
    )

    @Option(help: ArgumentHelp("Check this receiver, whatever the environment says.", valueName: "url"))
    var otlpEndpoint: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long to wait for each answer.", valueName: "seconds")
    )
    var timeout = 5.0

    @Flag(help: "Show every variable that is read: its meaning, what it holds, what holds without it; send nothing.")
    var settings = false

    @Flag(help: "Show what redaction (SPANKIT_REDACTION) leaves of canaries.")
    var redaction = false

    func run() async throws {
        guard timeout.isFinite, timeout > 0, timeout <= 3_600 else {
            throw CommandFailure(.usage, "--timeout: \(timeout) is not a number of seconds above 0")
        }
        guard !settings else {
            let style = TerminalStyle(fileDescriptor: STDOUT_FILENO)
            return SettingsList(ProcessInfo.processInfo.environment, width: style.width).show {
                StandardStreams.output.write(style.printable($0) + "\n")
            }
        }
        let configuration = try TelemetryConfiguration.sending(to: otlpEndpoint)
        guard !redaction else { return try showRedaction(configuration) }
        let report = DoctorReport(configuration, timeout: .milliseconds(Int(timeout * 1_000)))
        let style = TerminalStyle(fileDescriptor: STDOUT_FILENO)
        let outcome = report.run { StandardStreams.output.write(style.printable($0) + "\n") }
        switch outcome {
        case .good: return
        case .settings: throw ExitCode(ExitStatus.usage.rawValue)
        case .unreachable: throw ExitCode(ExitStatus.unavailable.rawValue)
        }
    }

    private func showRedaction(_ configuration: TelemetryConfiguration) throws {
        let style = TerminalStyle(fileDescriptor: STDOUT_FILENO)
        switch RedactionReport(configuration).run({ StandardStreams.output.write(style.printable($0) + "\n") }) {
        case .clean: return
        case .off: throw ExitCode(ExitStatus.usage.rawValue)
        case .leaking: throw ExitCode(ExitStatus.internalError.rawValue)
        }
    }
}
