import PrometheusText

/// The families as text.
func encoded(_ families: [MetricFamily]) throws -> String {
    String(decoding: try ExpositionText.encode(families), as: UTF8.self)
}
