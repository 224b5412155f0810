import SpanKitPlatform
import SpanKitShipping

extension TelemetryConfiguration {
    /// Sets the credentials of all OTLP exporters, of spans and of metrics.
    ///
    /// ```swift
    /// var configuration = TelemetryConfiguration.environment()
    /// configuration.setCredentials(.bearerToken(file: "/var/run/secrets/tokens/otel"))
    /// ```
    public mutating func setCredentials(_ credentials: OTLPCredentials?) {
        for place in exporters.indices {
            guard case .otlp(var otlp) = exporters[place] else { continue }
            otlp.credentials = credentials
            exporters[place] = .otlp(otlp)
        }
        for place in metricReaders.indices {
            guard case .otlp(var otlp) = metricReaders[place].exporter else { continue }
            otlp.credentials = credentials
            metricReaders[place].exporter = .otlp(otlp)
        }
    }

    /// Makes all OTLP exporters send the token in a file.
    /// - Returns: why the file cannot be read now; nil if it can. It may become readable later.
    package mutating func useBearerToken(file path: String) -> String? {
        setCredentials(.bearerToken(file: path))
        return FileSystem.isReadable(path)
            ? nil
            : "'\(path)' cannot be read; nothing is sent until it can be; check the path and the file's permissions"
    }
}
