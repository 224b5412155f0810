import SpanKitOTLP
import SpanKitRecording

/// Points of a metric read from a file, with its resource and scope.
package struct DecodedMetric: Sendable {
    /// The resource: the service that recorded the metric.
    package var resource: Resource
    /// The instrumentation scope: the library that recorded the metric.
    package var scope: InstrumentationScope
    /// The metric. The start and the time of a point are `nil` if they are not known.
    package var metric: Metric

    package init(resource: Resource, scope: InstrumentationScope, metric: Metric) {
        self.resource = resource
        self.scope = scope
        self.metric = metric
    }
}
