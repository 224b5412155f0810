import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSupport

extension JudgedValue {
    init(_ value: AttributeValue) {
        switch value {
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .double(let value): self = .double(value)
        case .string(let text): self = .string(text)
        case .bytes(let bytes):
            self = .bytes(
                bytes.map { byte in
                    let digits = String(byte, radix: 16)
                    return digits.count == 1 ? "0" + digits : digits
                }.joined()
            )
        case .array(let elements): self = .array(elements.map(JudgedValue.init))
        case .map(let elements): self = .map(elements.map { JudgedAttribute($0.key, JudgedValue($0.value)) })
        case .null: self = .empty
        }
    }
}

extension JudgedMetric {
    /// What a metric says.
    /// - Parameters:
    ///   - start: of points without a start.
    ///   - time: of points without a time.
    init(_ metric: Metric, start: UInt64, time: UInt64) {
        let (kind, hasTemporality) =
            switch metric.kind {
            case .gauge, .unknown: ("gauge", false)
            case .sum: ("sum", true)
            case .histogram: ("histogram", true)
            case .exponentialHistogram: ("exponential_histogram", true)
            case .summary: ("summary", false)
            }
        let startOfOthers = hasTemporality || metric.kind == .summary ? start : 0
        self.init(
            name: metric.name,
            description: metric.description,
            unit: metric.unit,
            kind: kind,
            temporality: !hasTemporality ? 0 : metric.temporality == .delta ? 1 : 2,
            isMonotonic: metric.kind == .sum(isMonotonic: true),
            points: metric.points.map { point in
                Point(
                    attributes: point.attributes.map { JudgedAttribute($0.key, JudgedValue($0.value)) },
                    start: point.start.map { UInt64($0) } ?? startOfOthers,
                    time: point.time.map { UInt64($0) } ?? time,
                    flags: point.value == .missing ? 1 : 0,
                    value: Self.value(point.value, kind),
                    exemplars: point.exemplars.map(Exemplar.init)
                )
            }
        )
    }

    private static func value(_ value: Metric.Value, _ kind: String) -> [String] {
        switch value {
        case .int(let number): ["int", "\(number)"]
        case .double(let number): ["double", bits(number)]
        case .histogram(let histogram):
            ["\(histogram.count)", bits(histogram.sum), bits(histogram.minimum), bits(histogram.maximum)]
                + (histogram.bounds.isEmpty ? [] : counts(histogram)) + ["bounds"] + histogram.bounds.map { bits($0) }
        case .distribution(let distribution):
            [
                "\(distribution.count)", bits(distribution.sum), bits(distribution.minimum), bits(distribution.maximum),
                "\(distribution.scale)", "\(distribution.zeroCount)", bits(distribution.zeroThreshold),
            ] + buckets(distribution.positive) + ["negative"] + buckets(distribution.negative)
        case .summary(let summary):
            ["\(summary.count)", bits(summary.sum)] + summary.quantiles.flatMap { [bits($0.quantile), bits($0.value)] }
        case .missing:
            switch kind {
            case "gauge", "sum": ["-"]
            case "summary": ["0", "0"]
            case "histogram": ["0", "-", "-", "-", "bounds"]
            default: ["0", "-", "-", "-", "0", "0", "0", "0", "negative", "0"]
            }
        }
    }

    /// From the counts up to each bound.
    private static func counts(_ histogram: ExplicitHistogram) -> [String] {
        var below: UInt64 = 0
        return (histogram.cumulativeCounts + [histogram.count]).map { count in
            defer { below = count }
            return "\(count - below)"
        }
    }

    private static func buckets(_ buckets: ExponentialDistribution.Buckets) -> [String] {
        ["\(buckets.counts.isEmpty ? 0 : buckets.offset)"] + buckets.counts.map { "\($0)" }
    }
}

extension JudgedMetric.Exemplar {
    fileprivate init(_ exemplar: Exemplar) {
        let hasSpan = exemplar.traceID.isValid && exemplar.spanID.isValid
        let value: [String] =
            switch exemplar.value {
            case .int(let number): ["int", "\(number)"]
            case .double(let number): ["double", JudgedMetric.bits(number)]
            }
        self.init(
            time: UInt64(exemplar.time),
            value: value,
            traceID: hasSpan ? "\(exemplar.traceID)" : "",
            spanID: hasSpan ? "\(exemplar.spanID)" : "",
            filteredAttributes: exemplar.filteredAttributes.map { JudgedAttribute($0.key, JudgedValue($0.value)) }
        )
    }
}
