import SpanKitRecording

/// Encodes the body of an OTLP metrics request (`ExportMetricsServiceRequest`).
package enum MetricsEncoder {
    /// Encodes these metrics.
    /// - Parameters:
    ///   - startUnixNanoseconds: the start of the period that sums and histograms cover, for points without a start.
    ///   - unixNanoseconds: the time of the export, for points without a time.
    package static func encode(
        _ metrics: [Metric],
        _ encoding: Encoding,
        resource: Resource,
        scope: InstrumentationScope,
        startUnixNanoseconds: Int64,
        unixNanoseconds: Int64
    ) -> [UInt8] {
        var output = Output()
        var frame = BodyFrame(encoding, .metrics, resource: resource)
        var scope = ScopeFrame(encoding, .metrics, scope)
        let times = MetricTimes(start: startUnixNanoseconds, now: unixNanoseconds)
        frame.begin(&output)
        scope.begin(&output)
        switch encoding {
        case .json: output.list(metrics) { $0.json($1, times) }
        case .protobuf: for metric in metrics { output.protobuf(metric, times) }
        }
        scope.finish(&output)
        frame.finish(&output)
        return Array(output.bytes)
    }
}

/// The times of points that have none of their own.
struct MetricTimes {
    var start: Int64
    var now: Int64

    /// The start and the time of a point. A start of 0 is not written.
    func times(of point: Metric.Point, _ kind: Metric.Kind) -> (start: UInt64, now: UInt64) {
        let start = point.start ?? (kind.countsOverPeriod ? self.start : 0)
        return (UInt64(max(0, start)), UInt64(max(0, point.time ?? now)))
    }
}

extension Metric.Kind {
    /// The field of a metric that holds its points: the name in JSON, the tag in protobuf, and whether it has a temporality.
    var field: (name: StaticString, tag: UInt8, hasTemporality: Bool) {
        switch self {
        case .gauge, .unknown: ("gauge", 0x2A, false)
        case .sum: ("sum", 0x3A, true)
        case .histogram: ("histogram", 0x4A, true)
        case .exponentialHistogram: ("exponentialHistogram", 0x52, true)
        case .summary: ("summary", 0x5A, false)
        }
    }

    /// Whether the values cover a period.
    package var countsOverPeriod: Bool { field.hasTemporality || self == .summary }
}

extension Metric.Temporality {
    /// The number of `AggregationTemporality`.
    var number: UInt8 { self == .delta ? 1 : 2 }
}

/// The bit of a point's flags that says that the point has no value.
let noRecordedValue: UInt8 = 1
