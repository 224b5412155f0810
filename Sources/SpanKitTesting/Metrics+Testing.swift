import SpanKitMetrics
import SpanKitOTLP
import SpanKitRecording

extension TelemetryMeter {
    /// The value of a counter or a gauge with exactly these attributes; nil if there is no such series, or if a gauge has no value.
    ///
    /// ```swift
    /// let requests = recorder.metrics.value("http.server.requests", ["http.route": "/"])
    /// ```
    /// - Parameters:
    ///   - name: The name of the instrument.
    ///   - attributes: All attributes of the series, in any order.
    public func value(_ name: String, _ attributes: Attributes = [:]) -> Double? {
        switch point(name, attributes) {
        case .int(let value): Double(value)
        case .double(let value): value
        case .histogram, .distribution, .summary, .missing, nil: nil
        }
    }

    /// The number of values that a histogram has recorded with exactly these attributes; nil if there is no such series.
    /// - Parameters:
    ///   - name: The name of the instrument.
    ///   - attributes: All attributes of the series, in any order.
    public func count(_ name: String, _ attributes: Attributes = [:]) -> Int? {
        switch point(name, attributes) {
        case .histogram(let histogram): Int(clamping: histogram.count)
        case .distribution(let distribution): Int(clamping: distribution.count)
        case .summary(let summary): Int(clamping: summary.count)
        case .int, .double, .missing, nil: nil
        }
    }

    private func point(_ name: String, _ attributes: Attributes) -> Metric.Value? {
        let wanted = Set(attributes.elements)
        return collect(takesExemplars: false).filter { $0.name == name }.flatMap(\.points).first {
            Set($0.attributes) == wanted
        }?.value
    }
}
