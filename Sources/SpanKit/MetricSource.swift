import SpanKitOTLP

/// Something that counts for itself and whose metrics leave with a telemetry's own.
package protocol MetricSource: AnyObject, Sendable {
    /// The metrics now, cumulative since the start. Called on the threads that send and write.
    func metrics(_ form: DistributionForm) -> [Metric]
}

/// What distributions look like where metrics go.
package enum DistributionForm: Sendable {
    /// Counts at fixed bounds, for the text format.
    case classic
    /// Exponential histograms, for OTLP.
    case exponential

    package var kind: Metric.Kind { self == .classic ? .histogram : .exponentialHistogram }
}

extension Telemetry {
    /// The source of a type; made when it is asked for first.
    /// - Parameter make: gets what is to be applied to every text that leaves, nil for nothing.
    package func metricSource<Source: MetricSource>(_ make: ((@Sendable (String) -> String)?) -> Source) -> Source {
        metricSources.withLock { sources in
            if let known = sources.lazy.compactMap({ $0 as? Source }).first { return known }
            let source = make(redactor.map { redactor in { @Sendable text in redactor.text(text) } })
            sources.append(source)
            return source
        }
    }
}
