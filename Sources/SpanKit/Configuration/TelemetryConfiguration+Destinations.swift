import SpanKitPlatform
import SpanKitShipping

extension TelemetryConfiguration {
    /// One line for each place that something goes to, with what decided it, and without secrets:
    /// `traces → http://localhost:4318/v1/traces (default), http/json, gzip`.
    package var destinationLines: [String] {
        var lines = exporters.map { exporter in
            switch exporter {
            case .otlp(let otlp): "traces → \(url(of: otlp)) (\(source(of: otlp))), \(format(of: otlp))"
            case .linesFile(let file): "traces → \(file.path == "-" ? "standard output" : file.path), OTLP JSON lines"
            case .console: "traces → console"
            }
        }
        lines += metricReaders.map { reader in
            let interval = ReadableDuration(reader.interval)
            return "metrics → \(url(of: reader.exporter)), \(format(of: reader.exporter)), every \(interval)"
        }
        return lines
    }

    /// The receivers with the default URL, which no variable, file, option or program has set.
    package var receiversByDefault: [OTLPExporter] {
        exporters.compactMap { exporter in
            guard case .otlp(let otlp) = exporter, source(of: otlp) == "default" else { return nil }
            return otlp
        }
    }

    /// An exporter that is none of those the settings tell of was put there by the program.
    private func source(of otlp: OTLPExporter) -> String {
        let known = settings.first { $0.name == "endpoint" && $0.value == url(of: otlp) }
        return known?.source
            ?? (settings.isEmpty && exporters == TelemetryConfiguration().exporters ? "default" : "code")
    }

    private func url(of otlp: OTLPExporter) -> String { OTLPExporter.printable(url: otlp.url) }

    private func format(of otlp: OTLPExporter) -> String {
        (otlp.encoding == .json ? "http/json" : "http/protobuf") + (otlp.compression == .none ? "" : ", gzip")
    }
}
