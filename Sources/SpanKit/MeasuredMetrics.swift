import SpanKitMetrics
import SpanKitOTLP
import SpanKitPlatform

/// The metrics of a program's instruments for one exporter, with redacted texts. Used by the exporter's thread.
final class MeasuredMetrics: Sendable {
    private let collector: MetricCollector
    private let redactor: Redactor?
    private let merger = Locked(SeriesMerger())

    /// - Parameters:
    ///   - takesExemplars: whether the exporter sends exemplars. The text format has none.
    ///   - reader: the number of the metric reader in the spool; nil for another exporter.
    init(_ meter: TelemetryMeter, takesExemplars: Bool, reader: Int? = nil, _ redactor: Redactor?) {
        collector = meter.makeCollector(takesExemplars: takesExemplars, reader: reader)
        self.redactor = redactor
    }

    /// What the instruments have measured.
    /// - Parameters:
    ///   - takesEnds: whether the exporter takes the last values of ended series. If not, later calls return them again.
    ///   - report: called for each metric with series that have the same attributes after redaction and cannot
    ///     be added up. The arguments are the metric's name, and the number of points that were left out.
    func collect(
        _ meter: TelemetryMeter,
        takesEnds: Bool = true,
        _ report: (_ name: String, _ count: Int) -> Void
    ) -> [Metric] {
        let metrics = meter.collect(for: collector, takesEnds: takesEnds)
        guard let redactor else { return metrics }
        return merger.withLock { merger in
            merger.begin()
            defer { merger.end() }
            return metrics.map { metric in
                var lost = 0
                let redacted = redactor.metric(metric, merging: &merger) { lost += 1 }
                if lost > 0 { report(redacted.name, lost) }
                return redacted
            }
        }
    }

    /// Announces that the next collection may be the last one, so that it also contains series that would otherwise
    /// follow one export later.
    func finish() { collector.finish() }
}
