import SpanKitPlatform
import SpanKitShipping

extension TelemetryConfiguration {
    /// The destinations of log records: ``logExporters``, or else the destinations of spans with the path of log
    /// records.
    package var effectiveLogExporters: [SpanExporter] {
        logExporters
            ?? exporters.compactMap { exporter in
                switch exporter {
                case .otlp(let otlp): otlp.forLogs.map { .otlp($0) }
                case .linesFile(let file): file.path == "-" ? exporter : nil
                case .console: exporter
                case .custom: nil
                }
            }
    }

    /// One line for each destination, with the source of its URL and without secrets:
    /// `traces → http://localhost:4318/v1/traces (default), http/json, gzip`.
    package var destinationLines: [String] {
        exporters.map { line("traces", $0, " (\(source(of: $0)))") }
            // Destinations of log records are listed only if they were set. Otherwise they follow from the lines of the
            // traces.
            + (logExporters ?? []).map { line("logs", $0, "") }
            + metricReaders.map { reader in
                let temporality = reader.temporality == .cumulative ? "" : ", \(reader.temporality.rawValue)"
                return line("metrics", reader.exporter, "")
                    + "\(temporality), every \(ReadableDuration(reader.interval))"
            }
    }

    private func line(_ signal: String, _ exporter: SpanExporter, _ source: String) -> String {
        switch exporter {
        case .otlp(let otlp): "\(signal) → \(url(of: otlp))\(source), \(format(of: otlp))"
        case .linesFile(let file): "\(signal) → \(file.path == "-" ? "standard output" : file.path), OTLP JSON lines"
        case .console: "\(signal) → console"
        case .custom(let custom): "\(signal) → \(custom.name), \(custom.formatName)"
        }
    }

    /// The receivers whose URL is the default, because no variable, file, option or code has set it.
    package var receiversByDefault: [OTLPExporter] {
        exporters.compactMap { exporter in
            guard case .otlp(let otlp) = exporter, source(of: otlp) == "default" else { return nil }
            return otlp
        }
    }

    private func source(of exporter: SpanExporter) -> String {
        if case .otlp(let otlp) = exporter { source(of: otlp) } else { "" }
    }

    /// An exporter that no setting describes was added in code.
    private func source(of otlp: OTLPExporter) -> String {
        let known = settings.first { $0.kind == .endpoint && $0.value == url(of: otlp) }
        return known?.source
            ?? (settings.isEmpty && exporters == TelemetryConfiguration().exporters ? "default" : "code")
    }

    private func url(of otlp: OTLPExporter) -> String { OTLPExporter.printable(url: otlp.url) }

    private func format(of otlp: OTLPExporter) -> String {
        otlp.protocol.rawValue + (otlp.compression == .none ? "" : ", \(otlp.compression.name)")
    }
}
