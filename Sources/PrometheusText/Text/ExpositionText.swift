import SpanKitOTLP
import SpanKitRecording

/// The Prometheus text format 0.0.4, as read by node_exporter's textfile collector.
///
/// Writing is strict: anything that node_exporter would not serve completely and unchanged is an error. The format is
/// defined in <https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md>. This module
/// follows the source code of node_exporter, and tests run the program (`Tests/PrometheusTextTests`,
/// `Tests/SpanKitInputsTests`).
public enum ExpositionText {
    /// Encodes metrics as text, sorted by family name and labels. The text ends with a line feed.
    ///
    /// Names and labels are converted to those of the format (``MetricName``). The order of the metrics does not change
    /// the text.
    /// - Throws: ``ExpositionError`` if node_exporter would drop or misread something.
    public static func encode(_ metrics: [Metric]) throws(ExpositionError) -> [UInt8] {
        var encoder = ExpositionEncoder()
        for family in try checked(metrics) { encoder.append(family) }
        return encoder.bytes
    }

    /// The reason why a metric cannot be written; nil if it can.
    static func problem(of metric: Metric) -> ExpositionError? {
        do { _ = try checked([metric]) } catch { return error }
        return nil
    }

    /// The metrics that have points, sorted by name. Names and labels are converted to the text format.
    private static func checked(_ metrics: [Metric]) throws(ExpositionError) -> [Metric] {
        var checked = metrics.filter { !$0.points.isEmpty }
        for place in checked.indices { checked[place].name = MetricName.family(of: checked[place]) }
        checked.sort { $0.name < $1.name }
        var names: Set<String> = []
        for place in checked.indices {
            let kind = checked[place].kind
            let name = checked[place].name
            checked[place].description = helpText(checked[place].description)
            guard !checked[place].description.isEmpty else { throw .noDescription(family: name) }
            for suffix in kind.suffixes {
                guard names.insert(name + suffix).inserted else { throw .repeatedFamily(name + suffix) }
            }
            for point in checked[place].points.indices {
                if !MetricName.areLabels(checked[place].points[point].attributes) {
                    let labels = MetricName.labels(for: checked[place].points[point].attributes)
                    checked[place].points[point].attributes = labels
                }
                if let reserved = kind.reservedLabel,
                    checked[place].points[point].attributes.contains(where: { $0.key == reserved })
                {
                    throw .reservedLabel(family: name, label: reserved)
                }
                try check(checked[place].points[point].value, name, kind)
            }
            guard let points = sorted(checked[place].points) else { throw .repeatedSeries(family: name) }
            checked[place].points = points
        }
        return checked
    }

    /// The description without blanks at its start, which readers skip, and carriage returns at its end, which no version of
    /// node_exporter takes before a line feed.
    private static func helpText(_ description: String) -> String {
        var bytes = Substring(description).utf8
        while let first = bytes.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") { bytes.removeFirst() }
        while bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return bytes.count == description.utf8.count ? description : String(Substring(bytes))
    }

    /// The points in the order of their labels. Nil if two have the same labels.
    private static func sorted(_ points: [Metric.Point]) -> [Metric.Point]? {
        let labels = points.map(\.attributes)
        // The points of most metrics have one order, so that one of several metrics is often sorted already. A point is large, so
        // that only positions are moved.
        func areInOrder(_ order: [Int]) -> Bool {
            zip(order, order.dropFirst()).allSatisfy { precedes(labels[$0], labels[$1]) }
        }
        if areInOrder(Array(labels.indices)) { return points }
        let order = labels.indices.sorted { precedes(labels[$0], labels[$1]) }
        return areInOrder(order) ? order.map { points[$0] } : nil
    }

    private static func check(_ value: Metric.Value, _ family: String, _ kind: Metric.Kind) throws(ExpositionError) {
        switch (value, kind) {
        case (.int, .gauge), (.int, .sum), (.int, .unknown), (.double, .gauge), (.double, .sum), (.double, .unknown),
            (.missing, _):
            break
        case (.histogram(let histogram), .histogram):
            let edges = histogram.bounds
            let counts = histogram.cumulativeCounts
            guard edges.count == counts.count, edges.allSatisfy(\.isFinite),
                zip(edges, edges.dropFirst()).allSatisfy(<), zip(counts, counts.dropFirst()).allSatisfy(<=),
                counts.last ?? 0 <= histogram.count
            else { throw .notIncreasing(family: family) }
        case (.summary(let summary), .summary):
            let shares = summary.quantiles.map(\.quantile)
            guard shares.allSatisfy({ 0...1 ~= $0 }), zip(shares, shares.dropFirst()).allSatisfy(<) else {
                throw .notIncreasing(family: family)
            }
        default:
            throw .wrongValue(family: family, type: kind.typeText)
        }
    }

    /// Compares by bytes, as Prometheus does: two spellings of é are the same `String`, but different series.
    static func precedes(_ left: [Attribute], _ right: [Attribute]) -> Bool {
        for (left, right) in zip(left, right) {
            if left.key != right.key { return left.key < right.key }
            let (left, right) = (left.value.labelText, right.value.labelText)
            let order = left.byteOrder(right)
            if order != 0 { return order < 0 }
        }
        return left.count < right.count
    }
}

/// Why metrics cannot be written: node_exporter would drop or misread something.
public enum ExpositionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A metric has no description, or its description is blank. node_exporter drops the metric if another file
    /// describes it.
    case noDescription(family: String)
    /// A label has a name that the format reserves, such as `le`.
    case reservedLabel(family: String, label: String)
    /// Two families have a name in common, including names with the suffixes `_bucket`, `_sum` and `_count`.
    case repeatedFamily(String)
    /// Two points of a metric have the same labels.
    case repeatedSeries(family: String)
    /// The value of a point does not fit the kind of the metric, or the format cannot represent it.
    case wrongValue(family: String, type: String)
    /// The edges of a histogram or the quantiles of a summary do not increase, or the cumulative counts decrease.
    case notIncreasing(family: String)

    /// The problem and what to do, in one line.
    public var description: String {
        switch self {
        case .noDescription(let family):
            "\(family): has no description; write one"
        case .reservedLabel(let family, let label):
            "\(family): the label '\(label)' is reserved by the format; choose another name"
        case .repeatedFamily(let name):
            "\(name): two families have this name; merge or rename them"
        case .repeatedSeries(let family):
            "\(family): two points have the same labels; add them up or tell them apart by a label"
        case .wrongValue(let family, let type):
            "\(family): a value does not fit the type \(type)"
        case .notIncreasing(let family):
            "\(family): edges, counts and quantiles must increase, and edges must be finite"
        }
    }
}
