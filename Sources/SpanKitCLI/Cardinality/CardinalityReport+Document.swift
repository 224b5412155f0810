import SpanKitReports
import SpanKitSummaries

extension CardinalityReport {
    /// The machine-readable counts: a row for each shape of span names, each attribute, each metric and each label, the
    /// one with the most values first.
    var document: ReportDocument {
        let all = rows
        return ReportDocument(
            .cardinality,
            facts: [
                ("span_count", .count(spans.spanCount)), ("span_name_count", .count(spans.names.count)),
                ("operation_limit", .count(spans.limit)), ("overflowed_name_count", .count(spans.overflowedNameCount)),
                ("overflowed_span_count", .count(spans.overflowedSpanCount)),
                ("series_count", .count(metrics.seriesCount)), ("advice", .list(advice.map { .string($0) })),
            ],
            listing(of: all.flatMap { $0.prefix(rowCount) }, total: all.reduce(0) { $0 + $1.count })
        )
    }

    private struct Row {
        let kind: String
        let name: String
        let values: Int
        var spanCount: Int?
        var seriesCount: Int?
        var metricCount: Int?
        var use: LabelUse?
        var example = ""
    }

    /// The rows of each kind.
    private var rows: [[Row]] {
        [
            worstShapes.map { shape, entry in
                Row(
                    kind: "span_name",
                    name: entry.names.count == 1 ? entry.names.example : shape,
                    values: entry.names.count,
                    spanCount: entry.spanCount,
                    example: entry.names.example
                )
            },
            worstKeys.map { key, entry in
                Row(
                    kind: "attribute",
                    name: key,
                    values: entry.values.count,
                    spanCount: entry.spanCount,
                    use: LabelUse(of: key, entry),
                    example: AttributePolicy.isRefused(key) ? "" : entry.values.example
                )
            },
            worstFamilies.map { name, family in
                Row(kind: "metric", name: name, values: family.labelSetCount, seriesCount: family.seriesCount)
            },
            worstLabels.map { name, label in
                Row(
                    kind: "label",
                    name: name,
                    values: label.values.count,
                    metricCount: label.families.count,
                    example: AttributePolicy.isRefused(name) ? "" : label.values.example
                )
            },
        ]
    }

    private func listing(of rows: [Row], total: Int) -> Listing {
        var listing = Listing(
            rows,
            [
                .init("kind", "Kind", .text) { .text($0.kind) }, .init("name", "Name", .name) { .text($0.name) },
                .init("value_count", "Values", .count) { Listing.whole($0.values) },
                .init("is_lower_bound", "At least", .flag) { .flag($0.values >= DistinctValues.limit) },
                .init("span_count", "Spans", .count) { Listing.number($0.spanCount) },
                .init("series_count", "Series", .count) { Listing.number($0.seriesCount) },
                .init("metric_count", "Metrics", .count) { Listing.number($0.metricCount) },
                .init("label_use", "As a label", .text) { Listing.text($0.use?.rawValue) },
                .init("example", "Example", .text) { Listing.text($0.example) },
            ]
        )
        listing.total = total
        return listing
    }
}

/// Whether an attribute is suitable as a label. The raw values are written to JSON.
enum LabelUse: String {
    case refused
    case tooManyValues = "too_many_values"
    case tooFewSpans = "too_few_spans"
    case differsInMostSpans = "differs_in_most_spans"
    case withCare = "with_care"
    case possible

    init(of key: String, _ entry: SpanCardinality.Key) {
        if AttributePolicy.isRefused(key) {
            self = .refused
        } else if entry.values.count > CardinalityReport.fewValues {
            self = .tooManyValues
        } else if entry.isOfSingleSpans {
            self = entry.spanCount < CardinalityReport.fewestSpans ? .tooFewSpans : .differsInMostSpans
        } else {
            self = entry.values.count > 20 ? .withCare : .possible
        }
    }

    /// The verdict in words.
    var text: String {
        switch self {
        case .refused: "refused: id or content"
        case .tooManyValues: "no: too many values"
        case .tooFewSpans: "unknown: too few spans"
        case .differsInMostSpans: "no: differs in most spans"
        case .withCare: "with care"
        case .possible: "possible"
        }
    }

    var role: TerminalStyle.Role {
        switch self {
        case .refused, .tooManyValues, .differsInMostSpans: .bad
        case .tooFewSpans: .quiet
        case .withCare: .caution
        case .possible: .good
        }
    }
}
