import ArgumentParser
import Foundation
import SpanKit
import SpanKitCLI
import SpanKitOTLP
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitShipping

/// The options for exporting the spans and metrics of a run.
struct ExportOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Send the spans to a collector (OTLP over HTTP).",
            discussion: "The OTEL_EXPORTER_OTLP_* variables set the endpoint, by default http://localhost:4318."
        )
    )
    var export = false

    @Option(
        help: ArgumentHelp(
            "Send the spans to this URL. Overrides the environment.",
            discussion: "/v1/traces is appended to a URL without a path.",
            valueName: "url"
        )
    )
    var otlpEndpoint: String?

    @Option(
        help: ArgumentHelp("Write the spans to a file of OTLP JSON lines. '-' is standard output.", valueName: "path")
    )
    var otlpFile: String?

    @Option(
        help: ArgumentHelp(
            "Keep undelivered spans in this directory. The next run or 'spankit ship' sends them.",
            discussion: "Same as SPANKIT_SPOOL_DIR.",
            valueName: "directory"
        )
    )
    var spool: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Time limit for delivering the remaining spans at the end (default: 5).",
            discussion: "The run does not wait if the default endpoint refused connections at the start.",
            valueName: "seconds"
        )
    )
    var exportTimeout: Double?

    @Option(
        help: ArgumentHelp(
            "Write metrics for node_exporter's textfile collector.",
            discussion: "The path of a file that ends in .prom, or of a directory for okr-coach.prom.",
            valueName: "path"
        )
    )
    var prom: String?

    /// Whether spans or metrics are exported.
    var isOn: Bool { export || otlpEndpoint != nil || otlpFile != nil || spool != nil || prom != nil }

    /// Checks that all files and directories of the options can be written.
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

    /// The configuration from the options and the environment.
    /// - Throws: ``CommandFailure`` with status 64 if an option is not a URL.
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
            // Without the variable, the file keeps its own default interval, which is shorter than that of exported metrics.
            var environment = EnvironmentValues(variables).besidesConfigurationFile
            if let interval = environment.milliseconds("OTEL_METRIC_EXPORT_INTERVAL"), interval > .zero {
                textfile.interval = interval
            }
            configuration.textfile = textfile
        }
        if let exportTimeout { configuration.shutdownTimeout = try .seconds(exportTimeout, of: "--export-timeout") }
        return configuration
    }

    /// Whether spans are sent only to the default endpoint and nothing listens there.
    static func isAbsent(_ configuration: TelemetryConfiguration) -> Bool {
        let receivers = configuration.receiversByDefault
        return !receivers.isEmpty && receivers.count == configuration.exporters.count
            && receivers.allSatisfy { receiver in
                guard let url = try? EndpointURL(receiver.url) else { return true }
                if let path = url.socketPath { return AddressCheck.problem(ofSocket: path) != nil }
                return !AddressCheck.checkAll(host: url.host, port: url.port).checks.contains { $0.problem == nil }
            }
    }
}
