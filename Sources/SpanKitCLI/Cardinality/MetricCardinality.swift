import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitReports

/// Counts the series of metric families and the values of their labels.
struct MetricCardinality {
    struct Label {
        var values = DistinctValues()
        /// The families with this label.
        var families: Set<ByteText> = []
    }

    /// A family. A histogram has several series for each set of labels.
    struct Family {
        var seriesCount = 0
        var labelSetCount = 0
    }

    private(set) var families: [ByteText: Family] = [:]
    private(set) var labels: [ByteText: Label] = [:]

    /// Hashes of the series of OTLP files, which contain each of them many times.
    private var known: Set<Int> = []

    var seriesCount: Int { families.values.reduce(0) { $0 + $1.seriesCount } }

    /// Counts the metrics of a file.
    mutating func add(_ read: [Metric]) {
        for family in read {
            for point in family.points { add(point, of: ByteText(family.name)) }
        }
    }

    /// Counts the series of a metric that were not counted before.
    mutating func add(_ decoded: DecodedMetric) {
        for (point, key) in MetricTotals.keys(of: decoded) {
            guard known.count < DistinctValues.limit, known.insert(key.hashValue).inserted else { continue }
            add(point, of: ByteText(decoded.metric.name))
        }
    }

    private mutating func add(_ point: Metric.Point, of family: ByteText) {
        families[family, default: Family()].labelSetCount += 1
        families[family]?.seriesCount += point.value.seriesCount
        for label in point.attributes {
            labels[ByteText(label.key), default: Label()].values.add(label.value.labelText)
            labels[ByteText(label.key)]?.families.insert(family)
        }
    }
}

extension Metric.Value {
    /// The number of lines of the value in the text format.
    fileprivate var seriesCount: Int {
        switch self {
        case .int, .double, .distribution: 1
        case .missing: 0
        case .histogram(let histogram): histogram.bounds.count + 3
        case .summary(let summary): summary.quantiles.count + 2
        }
    }
}
