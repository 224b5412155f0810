import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitReports
import SpanKitSummaries

/// The text of `spankit cardinality`: names, attributes and labels with the most values first, and advice.
struct CardinalityReport {
    let spans: SpanCardinality
    let metrics: MetricCardinality
    /// The maximum number of rows of a table.
    let rowCount: Int
    let style: TerminalStyle

    /// The maximum number of values of a good label.
    static let fewValues = 100
    /// The minimum number of spans for a verdict on an attribute.
    static let fewestSpans = 10

    var text: String {
        var sections: [[String]] = []
        if spans.spanCount > 0 { sections += [nameTable, attributeTable, limitLines] }
        if !metrics.families.isEmpty { sections += [familyTable, labelTable] }
        let advice = advice
        if !advice.isEmpty { sections.append([style.paint("What to do", .title)] + advice.flatMap(indented)) }
        return sections.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    /// Whether names share the overflow series.
    var exceedsLimit: Bool { spans.overflowedNameCount > 0 }

    // MARK: Spans

    var worstShapes: [(shape: String, value: SpanCardinality.Shape)] {
        spans.shapes.sorted {
            ($0.value.names.count, $0.value.spanCount, $1.key) > ($1.value.names.count, $1.value.spanCount, $0.key)
        }
        .map { (shape: $0.key.text, value: $0.value) }
    }

    var worstKeys: [(key: String, value: SpanCardinality.Key)] {
        spans.keys.sorted {
            ($0.value.values.count, $0.value.spanCount, $1.key) > ($1.value.values.count, $1.value.spanCount, $0.key)
        }
        .map { (key: $0.key.text, value: $0.value) }
    }

    private var nameTable: [String] {
        var table = Table(columns: [
            .init("Span name", .name), .init("Names"), .init("Spans"), .init("Example", .name, priority: 1),
        ])
        let shapes = worstShapes
        for (shape, entry) in shapes.prefix(rowCount) {
            let isOne = entry.names.count == 1
            table.add(
                .text(isOne ? entry.names.example : shape, entry.names.count > Self.fewValues ? .bad : .normal),
                .text(Self.count(entry.names.count)),
                .text(Readable.count(entry.spanCount)),
                .text(isOne ? "" : entry.names.example, .quiet)
            )
        }
        let title =
            "\(Readable.count(spans.names.count, of: "span name")) in \(Readable.count(spans.spanCount, of: "span"))"
        return [style.paint(title, .title)] + table.lines(style: style) + more(shapes.count, "name shape")
    }

    private var attributeTable: [String] {
        var table = Table(columns: [
            .init("Attribute", .name), .init("Values"), .init("Spans"), .init("As a label", .name),
            .init("Example", .name, priority: 1),
        ])
        let keys = worstKeys
        for (key, entry) in keys.prefix(rowCount) {
            let verdict = LabelUse(of: key, entry)
            // The values of such an attribute may be confidential.
            let example = AttributePolicy.isRefused(key) ? "" : entry.values.example
            table.add(
                .text(key),
                .text(Self.count(entry.values.count)),
                .text(Readable.count(entry.spanCount)),
                .text(verdict.text, verdict.role),
                .text(example, .quiet)
            )
        }
        guard !keys.isEmpty else { return ["No attributes."] }
        return [style.paint(Readable.count(keys.count, of: "attribute"), .title)] + table.lines(style: style)
            + more(keys.count, "attribute")
    }

    /// The effect of the limit on span metrics.
    private var limitLines: [String] {
        let series = Self.seriesOfAnOperation
        let kept = min(spans.names.count, spans.limit)
        var lines = [
            "Limit of \(Readable.count(spans.limit, of: "operation")): \(Self.count(kept)) "
                + "\(kept == 1 ? "has" : "have") separate series, "
                + "about \(Readable.count(kept * series, of: "series", plural: "series")) in all"
        ]
        if exceedsLimit {
            let share = Readable.percent(Double(spans.overflowedSpanCount) / Double(max(1, spans.spanCount)))
            let names = Readable.count(spans.overflowedNameCount, of: "name")
            lines.append(
                "\(names) (\(share) of the spans) would share operation=\"__overflow__\"; without the limit there would be "
                    + "\(Readable.count(spans.names.count * series, of: "series", plural: "series"))"
            )
        }
        return lines.flatMap { wrapped($0, to: style.width) }
    }

    /// The number of series of an operation in the default configuration: histogram, summary, calls by status, failures, memory.
    private static var seriesOfAnOperation: Int {
        let configuration = SpanMetrics.Configuration()
        return (configuration.edges.seconds.count + 3) + (configuration.quantiles.count + 2) + 2 + 1 + 2
    }

    // MARK: Metrics

    var worstFamilies: [(key: String, value: MetricCardinality.Family)] {
        metrics.families.sorted { ($0.value.seriesCount, $1.key) > ($1.value.seriesCount, $0.key) }
            .map { (key: $0.key.text, value: $0.value) }
    }

    private var familyTable: [String] {
        var table = Table(columns: [.init("Metric", .name), .init("Series"), .init("Label sets")])
        let families = worstFamilies
        for (name, family) in families.prefix(rowCount) {
            table.add(.text(name), .text(Self.count(family.seriesCount)), .text(Self.count(family.labelSetCount)))
        }
        let series = Readable.count(metrics.seriesCount, of: "series", plural: "series")
        let title = "\(series) in \(Readable.count(families.count, of: "metric"))"
        return [style.paint(title, .title)] + table.lines(style: style) + more(families.count, "metric")
    }

    var worstLabels: [(key: String, value: MetricCardinality.Label)] {
        metrics.labels.sorted { ($0.value.values.count, $1.key) > ($1.value.values.count, $0.key) }
            .map { (key: $0.key.text, value: $0.value) }
    }

    private var labelTable: [String] {
        var table = Table(columns: [
            .init("Label", .name), .init("Values"), .init("Metrics"), .init("Example", .name, priority: 1),
        ])
        let labels = worstLabels
        guard !labels.isEmpty else { return ["No labels."] }
        for (name, label) in labels.prefix(rowCount) {
            table.add(
                .text(name, label.values.count > Self.fewValues ? .bad : .normal),
                .text(Self.count(label.values.count)),
                .text(Self.count(label.families.count)),
                .text(AttributePolicy.isRefused(name) ? "" : label.values.example, .quiet)
            )
        }
        return [style.paint(Readable.count(labels.count, of: "label"), .title)] + table.lines(style: style)
            + more(labels.count, "label")
    }

    // MARK: Sentences

    /// Wraps a sentence. Continuation lines are indented by two more columns.
    private func indented(_ sentence: String) -> [String] {
        wrapped(style.printable(sentence), to: style.width - 4).enumerated().map { ($0 == 0 ? "  " : "    ") + $1 }
    }

    var advice: [String] {
        var lines: [String] = []
        for (shape, entry) in worstShapes.prefix(3) where entry.names.count > 20 {
            let names = Readable.count(entry.names.count, of: "name")
            lines.append(
                "\(shape): \(names) of one shape; use the shape as the name and attributes for the variable parts"
            )
        }
        if exceedsLimit, lines.isEmpty {
            lines.append(
                "many names without a common shape: name spans after the kind of work, not after its object"
            )
        }
        for (key, entry) in worstKeys.prefix(50)
        where LabelUse(of: key, entry).role == .bad && !AttributePolicy.isRefused(key) {
            let reason =
                entry.values.count > Self.fewValues
                ? "too many values for a label" : "as a label it would make a series for most spans"
            lines.append("\(key): useful for searching traces, but \(reason)")
            if lines.count >= 6 { break }
        }
        for (name, label) in worstLabels.prefix(3) where label.values.count > Self.fewValues {
            let values = Readable.count(label.values.count, of: "value")
            lines.append(
                "label \(name): \(values), each with separate series for as long as Prometheus keeps data"
            )
        }
        return lines
    }

    private func more(_ count: Int, _ what: String) -> [String] {
        let left = count - rowCount
        guard left > 0 else { return [] }
        return [style.paint("and \(Self.count(left)) more \(left == 1 ? what : what + "s")", .quiet)]
    }

    private static func count(_ count: Int) -> String {
        (count >= DistinctValues.limit ? "≥ " : "") + Readable.count(count)
    }
}
