import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitSummaries

/// Tables of metric data: the total and the rate of counters, the value of gauges, the distribution of histograms.
package struct MetricReport: Sendable {
    package typealias Series = MetricTotals.Series
    private typealias Field = Listing.Field<Series>

    let totals: MetricTotals
    let all: [Series]
    let limit: Int

    /// - Parameter limit: The maximum number of rows of each table.
    package init(_ totals: MetricTotals, limit: Int = 40) {
        self.totals = totals
        self.limit = max(1, limit)
        all = totals.series
    }

    package var seriesCount: Int { all.count }

    // MARK: Programs

    /// A row for each series.
    package var listing: Listing {
        func time(_ time: Int64) -> Listing.Value { time > 0 ? Listing.whole(time) : .none }
        let fields: [Field] =
            [
                .init("name", "Metric", .name) { .text($0.metric.name) },
                .init("service", "Service", .text) { Listing.text($0.service) },
                .init("kind", "Kind", .text) { .text($0.metric.kind.name) },
                .init("unit", "Unit", .text) { Listing.text($0.metric.unit) },
                .init("", "Attributes", .text, in: .tables) { Listing.text($0.attributes.readable) },
                .init("attributes", "", .json, in: .programs) { .json(JSONText($0.attributes)) },
                .init("process_count", "", .count, in: .programs) { Listing.whole($0.processCount) },
                .init("reset_count", "", .count, in: .programs) { Listing.whole($0.resetCount) },
                .init("last_unix_ns", "", .moment, in: .programs) { time($0.lastTime) },
                .init("value", "", .decimal, in: .programs) { $0.number },
                .init("lowest_value", "", .decimal, in: .programs) { finite($0.gaugeRange?.lowest) },
                .init("highest_value", "", .decimal, in: .programs) { finite($0.gaugeRange?.highest) },
                .init("", "Value", .decimal, in: .tables) { $0.valueCell },
            ] + [Self.rate, Self.count, Self.mean]
            + [
                .init("mean", "", .decimal, in: .programs) { finite($0.mean) },
                .init("sum", "", .decimal, in: .programs) { finite($0.sum) },
                .init("min", "", .decimal, in: .programs) { finite($0.minimum) },
            ] + Self.quantiles
            + [
                .init("max", "", .decimal, in: .programs) { finite($0.maximum) },
                Self.largest,
            ]
        return Listing(all, limit: limit, fields)
    }

    private static var rate: Field {
        Field("rate_per_second", "Per second", .decimal, priority: 1) { finite($0.ratePerSecond) }
    }

    private static var count: Field { Field("count", "Count", .count) { Listing.number($0.count) } }

    private static var mean: Field {
        Field("", "Mean", .decimal, priority: 2, in: .tables) { $0.cell($0.mean) }
    }

    private static var quantiles: [Field] {
        [(0.5, "p50", 3), (0.9, "p90", 4), (0.99, "p99", 0)].flatMap { share, name, priority -> [Field] in
            [
                .init("", name, .decimal, priority: priority, in: .tables) { $0.cell($0.quantile(share)) },
                .init(name, "", .decimal, in: .programs) { finite($0.quantile(share)?.estimate) },
                .init("\(name)_at_least", "", .decimal, in: .programs) { finite($0.quantile(share)?.lower) },
                .init("\(name)_at_most", "", .decimal, in: .programs) { finite($0.quantile(share)?.upper) },
            ]
        }
    }

    private static var largest: Field {
        Field("", "Max", .decimal, priority: 5, in: .tables) { $0.cell($0.largest) }
    }

    /// The machine-readable report.
    package var document: ReportDocument {
        ReportDocument(
            .metrics,
            facts: [
                ("data_point_count", .count(totals.pointCount)),
                ("repeated_data_point_count", .count(totals.repeatedCount)),
                ("data_points_beyond_limit_count", .count(totals.beyondLimitCount)),
            ],
            listing
        )
    }

    // MARK: Terminal

    /// The report for a terminal.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard !all.isEmpty else {
            page.paragraph("No metrics.", role: .quiet)
            return page.text
        }
        append(to: &page)
        return page.text
    }

    package func append(to page: inout ReportPage) {
        let distributions = all.filter(\.isDistribution)
        let numbers = all.filter { !$0.isDistribution }
        let hasServices = all.contains { $0.service != all[0].service }
        let subject: [Field] =
            [.init("", "Metric", .name) { .text($0.metric.readableName) }]
            + (hasServices ? [.init("", "Service", .text, priority: 6) { Listing.text($0.service) }] : [])
            + [.init("", "Attributes", .text) { Listing.text($0.attributes.readable) }]
        table(
            "Counters and gauges",
            numbers,
            subject + [
                .init("", "Value", .decimal) { $0.valueCell },
                .init("", "Per second", .decimal) { $0.rateCell },
            ],
            on: &page
        )
        let fields = subject + [Self.count, Self.mean] + Self.quantiles + [Self.largest]
        table("Histograms", distributions, fields, on: &page)
        if distributions.prefix(limit).contains(where: \.hasWideBuckets) {
            page.paragraph(
                "≤: the bucket that contains the value ends there; >: it is the last bucket and has no end.",
                role: .quiet
            )
        }
    }

    /// The number of lines that ``append(to:)`` adds at most.
    package var lines: Int {
        let distributions = all.count(where: \.isDistribution)
        let tables = [distributions, all.count - distributions].filter { $0 > 0 }
        return tables.reduce(0) { $0 + min($1, limit) + 5 } + (distributions > 0 ? 2 : 0)
    }

    private func table(_ title: String, _ rows: [Series], _ fields: [Field], on page: inout ReportPage) {
        guard !rows.isEmpty else { return }
        let series = Readable.count(rows.count, of: "series", plural: "series")
        page.heading(title, rows.count > limit ? "\(Readable.count(limit)) of \(series)" : series)
        page.table(Listing(rows, limit: limit, fields).table)
    }
}

/// A number as a cell. JSON and CSV have no infinities.
private func finite(_ number: Double?) -> Listing.Value { Listing.number(number.flatMap { $0.isFinite ? $0 : nil }) }

extension Metric {
    /// The name, with the unit of a count in braces.
    fileprivate var readableName: String { unit.hasPrefix("{") ? "\(name) \(unit)" : name }
}

extension [Attribute] {
    /// `method=GET route="/a b"`
    package var readable: String {
        map { attribute in
            let value = if case .string(let text) = attribute.value { text } else { JSONText(attribute.value).compact }
            let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D }
            return "\(attribute.key)=\(isPlain ? value : "\"\(value)\"")"
        }.joined(separator: " ")
    }
}

extension MetricTotals.Series {
    private var unit: MetricUnit { MetricUnit(text: metric.unit) }

    fileprivate var isDistribution: Bool {
        switch value {
        case .histogram, .distribution, .summary: true
        case .int, .double, .missing: false
        }
    }

    /// The number of a counter or a gauge.
    fileprivate var number: Listing.Value {
        switch value {
        case .int(let value): Listing.whole(value)
        case .double(let value): finite(value)
        case .histogram, .distribution, .summary, .missing: .none
        }
    }

    fileprivate var valueCell: Listing.Value {
        switch value {
        // A count is shown with all of its digits.
        case .int(let number) where metric.unit.isEmpty || metric.unit == "1" || metric.unit.hasPrefix("{"):
            gaugeRange.map(rangeCell)
                ?? .text((number < 0 ? "−" : "") + Readable.count(number.magnitude))
        case .int, .double: gaugeRange.map(rangeCell) ?? .text(unit.readable(value.measure))
        case .histogram, .distribution, .summary, .missing: .none
        }
    }

    private func rangeCell(_ range: (lowest: Double, highest: Double)) -> Listing.Value {
        guard range.lowest < range.highest else { return .text(unit.readable(value.measure)) }
        return .text("\(unit.readable(range.lowest)) … \(unit.readable(range.highest))")
    }

    fileprivate var rateCell: Listing.Value {
        ratePerSecond.map { .text(unit.readable($0)) } ?? .none
    }

    fileprivate var count: UInt64? {
        switch value {
        case .histogram(let histogram): histogram.count
        case .distribution(let distribution): distribution.count
        case .summary(let summary): summary.count
        case .int, .double, .missing: nil
        }
    }

    fileprivate var sum: Double? {
        switch value {
        case .histogram(let histogram): histogram.sum
        case .distribution(let distribution): distribution.sum
        case .summary(let summary): summary.sum
        case .int, .double, .missing: nil
        }
    }

    fileprivate var mean: Double? {
        guard let count, count > 0 else { return nil }
        return sum.map { $0 / Double(count) }
    }

    fileprivate var minimum: Double? {
        switch value {
        case .histogram(let histogram): histogram.minimum
        case .distribution(let distribution): distribution.minimum
        case .summary, .int, .double, .missing: nil
        }
    }

    fileprivate var maximum: Double? {
        switch value {
        case .histogram(let histogram): histogram.maximum
        case .distribution(let distribution): distribution.maximum
        case .summary, .int, .double, .missing: nil
        }
    }

    private var quantiles: DistributionQuantiles? {
        switch value {
        case .histogram(let histogram): DistributionQuantiles(histogram)
        case .distribution(let distribution): DistributionQuantiles(distribution)
        case .summary, .int, .double, .missing: nil
        }
    }

    fileprivate func quantile(_ share: Double) -> ValueRange? {
        if case .summary(let summary) = value {
            return summary.quantiles.first { $0.quantile == share && $0.value.isFinite }
                .map { ValueRange(exactly: $0.value) }
        }
        return quantiles?.quantile(share)
    }

    fileprivate var largest: ValueRange? {
        if case .summary = value { return quantile(1) }
        return quantiles?.largest ?? maximum.map { ValueRange(exactly: $0) }
    }

    /// Whether a cell contains a bound instead of a value.
    fileprivate var hasWideBuckets: Bool {
        [quantile(0.5), quantile(0.9), quantile(0.99), largest].contains { $0?.isNarrow == false }
    }

    fileprivate func cell(_ value: Double?) -> Listing.Value { value.map { .text(unit.readable($0)) } ?? .none }

    /// The estimate if its bucket is narrow, and otherwise the bound of the bucket.
    fileprivate func cell(_ range: ValueRange?) -> Listing.Value {
        guard let range else { return .none }
        if range.isNarrow { return .text(unit.readable(range.estimate)) }
        return .text(range.upper.isFinite ? "≤ \(unit.readable(range.upper))" : "> \(unit.readable(range.lower))")
    }
}
