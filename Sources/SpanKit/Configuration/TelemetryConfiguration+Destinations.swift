import SpanKitPlatform
import SpanKitShipping

extension TelemetryConfiguration {
    /// One line for each destination, with the source of its URL and without secrets:
    /// `traces → http://localhost:4318/v1/traces (default), http/json, gzip`.
    package var destinationLines: [String] {
        let traces = exporters.map { exporter in
            switch exporter {
            case .otlp(let otlp): "traces → \(url(of: otlp)) (\(source(of: otlp))), \(format(of: otlp))"
            case .linesFile(let file): "traces → \(file.path == "-" ? "standard output" : file.path), OTLP JSON lines"
            case .console: "traces → console"
            }
        }
        return traces
            + metricReaders.map { reader in
                let interval = ReadableDuration(reader.interval)
                return "metrics → \(url(of: reader.exporter)), \(format(of: reader.exporter)), every \(interval)"
            }
    }

    /// The receivers whose URL is the default, because no variable, file, option or code has set it.
    package var receiversByDefault: [OTLPExporter] {
        exporters.compactMap { exporter in
            guard case .otlp(let otlp) = exporter, source(of: otlp) == "default" else { return nil }
            return otlp
        }
    }

    /// An exporter that no setting describes was added in code.
    private func source(of otlp: OTLPExporter) -> String {
        let known = settings.first { $0.kind == .endpoint && $0.value == url(of: otlp) }
        return known?.source
            ?? (settings.isEmpty && exporters == TelemetryConfiguration().exporters ? "default" : "code")
    }

    private func url(of otlp: OTLPExporter) -> String { OTLPExporter.printable(url: otlp.url) }

    private func format(of otlp: OTLPExporter) -> String {
        otlp.protocolName + (otlp.compression == .none ? "" : ", \(otlp.compression.name)")
    }
}
