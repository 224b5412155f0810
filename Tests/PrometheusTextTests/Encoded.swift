import SpanKitOTLP
import SpanKitPrometheusText

/// The metrics as text.
func encoded(_ metrics: [Metric]) throws -> String {
    String(decoding: try ExpositionText.encode(metrics), as: UTF8.self)
}
