import ArgumentParser
import Foundation
import SpanKit
import SpanKitCLI
import SpanKitOTLP
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitShipping

/// Where a run's spans go besides the tables.
struct ExportOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Send the spans to a collector (OTLP over HTTP).",
            discussion: "OTEL_EXPORTER_OTLP_ENDPOINT and its relatives decide where, http://localhost:4318 otherwise."
        )
    )
    var export = false

    @Option(
        help: ArgumentHelp(
            "Send the spans there, whatever the environment says.",
            discussion: "A URL without a path gets /v1/traces.",
            valueName: "url"
        )
    )
    var otlpEndpoint: String?

    @Option(
        help: ArgumentHelp("Write the spans to a file of OTLP JSON lines, '-' for standard output.", valueName: "path")
    )
    var otlpFile: String?

    @Option(
        help: ArgumentHelp(
            "Keep spans that cannot be delivered in this directory, for the next run or 'spankit ship'.",
            discussion: "SPANKIT_SPOOL_DIR does the same.",
            valueName: "directory"
        )
    )
    var spool: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long to try to deliver the remaining spans at the end, 5 s by default.",
            discussion: "There is no wait when the default endpoint refuses connections from the start.",
            valueName: "seconds"
        )
    )
    var exportTimeout: Double?

    @Option(
        help: ArgumentHelp(
            "Write metrics for node_exporter's textfile collector.",
            discussion: "A file whose name ends in .prom, or a directory, where it is named okr-coach.prom.",
            valueName: "path"
        )
    )
    var prom: String?

    /// Whether anything leaves the process besides the tables.
    var isOn: Bool { export || otlpEndpoint != nil || otlpFile != nil || spool != nil || prom != nil }

    /// Looks whether everything that was named can be written.
    /// - Throws: ``CommandFailure`` with status 73.
    func checkPaths() throws(CommandFailure) {
        if let otlpFile, otlpFile != "-" { try OutputPath(otlpFile).checkFile("--otlp-file") }
        if let prom {
            if prom.hasSuffix(".prom") {
                try OutputPath(prom).checkFile("--prom")
            } else {
                try OutputPath(prom).checkDirectory("--prom")
            }
        }
        if let spool, let problem = Spool.problem(of: SpoolConfiguration(directory: spool)) {
            throw CommandFailure(.cannotCreate, "--spool: \(problem)")
        }
    }

    /// What the options and the environment ask for together.
    /// - Throws: ``CommandFailure`` with status 64 for a text that is not a URL.
    func configuration(
        _ variables: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandFailure) -> TelemetryConfiguration {
        var configuration = try TelemetryConfiguration.sending(to: otlpEndpoint, spool: spool, variables)
        if !export, otlpEndpoint == nil, spool == nil { configuration.exporters = [] }
        if let otlpFile { configuration.exporters.append(.linesFile(LinesFileConfiguration(path: otlpFile))) }
        if let prom {
            var textfile =
                prom.hasSuffix(".prom")
                ? TextfileWriter.Configuration(path: prom)
                : TextfileWriter.Configuration(directory: prom, processName: "okr-coach")
            // Metrics for node_exporter are worth more often than those that are sent, unless somebody says how often.
            var environment = EnvironmentValues(variables).besidesConfigurationFile
            if let interval = environment.milliseconds("OTEL_METRIC_EXPORT_INTERVAL"), interval > .zero {
                textfile.interval = interval
            }
            configuration.textfile = textfile
        }
        if let exportTimeout { configuration.shutdownTimeout = try .seconds(exportTimeout, of: "--export-timeout") }
        return configuration
    }

    /// Whether spans go to the default endpoint only, and nothing listens there.
    static func isAbsent(_ configuration: TelemetryConfiguration) -> Bool {
        let receivers = configuration.receiversByDefault
        return !receivers.isEmpty && receivers.count == configuration.exporters.count
            && receivers.allSatisfy { receiver in
                guard let url = try? EndpointURL(receiver.url) else { return true }
                return !AddressCheck.checkAll(host: url.host, port: url.port).checks.contains { $0.problem == nil }
            }
    }
}
