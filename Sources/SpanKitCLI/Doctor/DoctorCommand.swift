import ArgumentParser
import Foundation
import SpanKit
import SpanKitOTLP
import SpanKitRecording
import SpanKitReports
import SpanKitShipping
import SpanKitSummaries

/// `spankit doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "doctor",
        abstract: "Check the settings and whether the receivers accept spans, log records and metrics.",
        discussion: """
            Shows every setting with its source, checks the spool, resolves the host name, connects, sends an empty request and one \
            test span, and explains the answers. The values of headers are never shown. It also sends an empty request with log \
            records and, if metrics are exported, one with metrics.

            --settings lists all environment variables and sends nothing. OTEL_CONFIG_FILE may name a JSON or YAML file, which \
            replaces the other OTEL_* variables.

            --redaction tests redaction and sends nothing. It puts canaries (texts that look like keys, addresses and card numbers) \
            into every part of a span, encodes the span, and shows what remains of them.

            Exit status: 0 the receivers accept all signals, or no canary remains; 64 a setting cannot be used, or redaction is \
            off; 69 a receiver does not accept them; 70 a canary remains.
            """,
        examples: ["doctor", "doctor --otlp-endpoint http://localhost:4318", "doctor --settings"]
    )

    @Option(help: ArgumentHelp("Check this receiver instead of the environment's.", valueName: "url"))
    var otlpEndpoint: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The maximum time to wait for each answer.", valueName: "seconds")
    )
    var timeout = 5.0

    @Flag(help: "List every environment variable with its meaning, value and default; send nothing.")
    var settings = false

    @Flag(help: "Show what redaction (SPANKIT_REDACTION) leaves of test secrets; send nothing.")
    var redaction = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard timeout.isFinite, timeout > 0, timeout <= 3_600 else {
            throw CommandFailure(.usage, "--timeout: \(timeout) is not a number of seconds above 0 and at most 3600")
        }
        let format = output.format
        let style = TerminalStyle(fileDescriptor: STDOUT_FILENO)
        func say(_ line: String) { StandardStreams.output.write(style.printable(line) + "\n") }
        guard !settings else {
            let list = SettingsList(variables: ProcessInfo.processInfo.environment, width: style.width)
            return format == .text ? list.show(say) : format.write(list.document)
        }
        var configuration = try TelemetryConfiguration.sending(to: otlpEndpoint)
        // Only the given receiver is checked.
        if otlpEndpoint != nil {
            configuration.metricReaders = []
            if configuration.logExporters?.isEmpty == false { configuration.logExporters = nil }
        }
        let status: ExitStatus?
        if redaction {
            let report = RedactionReport(configuration)
            if format == .text { report.lines.forEach(say) } else { format.write(report.document) }
            status = report.status
        } else {
            let report = DoctorReport(configuration: configuration, timeout: .milliseconds(Int(timeout * 1_000)))
            if format == .text { report.settingLines.forEach(say) }
            var checks: [DoctorCheck] = []
            status = report.run { check in
                // On a terminal, each result appears at once.
                if format == .text { check.lines.forEach(say) }
                checks.append(check)
            }
            if format != .text {
                let isFine: [(String, JSONText)] = [("is_ok", .bool(status == nil))]
                format.write(DoctorCheck.document(checks, facts: isFine + report.facts))
            }
        }
        if let status { throw ExitCode(status.rawValue) }
    }
}
