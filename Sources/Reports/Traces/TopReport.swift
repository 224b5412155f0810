import SpanKitPercentiles
import SpanKitSummaries

/// The cost of each operation: runs, errors, percentiles and self time.
package struct TopReport: Sendable {
    /// The order of the rows.
    package enum Order: String, Sendable, CaseIterable {
        case own = "self"
        case total, count, errors, p95, max, name

        fileprivate var title: String {
            switch self {
            case .own: "self time"
            case .total: "total time"
            case .max: "longest run"
            default: rawValue
            }
        }
    }

    let totals: TraceTotals
    let order: Order
    let limit: Int
    let calls: ModelCallTotals?
    /// The property whose values are the rows; `nil` if the rows are operations.
    let grouping: SpanGrouping?

    /// - Parameters:
    ///   - limit: The maximum number of rows.
    ///   - calls: Calls of language models, which have a separate table.
    ///   - grouping: The property by which the totals are grouped; `nil` for operations.
    package init(
        _ totals: TraceTotals,
        order: Order = .own,
        limit: Int = 40,
        calls: ModelCallTotals? = nil,
        by grouping: SpanGrouping? = nil
    ) {
        self.grouping = grouping
        self.calls = calls
        self.totals = totals
        self.order = order == .own && !totals.knowsOwnTimes ? .total : order
        self.limit = max(1, limit)
    }

    private var sorted: [SpanTotals] {
        func key(_ totals: SpanTotals) -> Double {
            switch order {
            case .own: Double(totals.selfNanoseconds)
            case .total: Double(totals.durations.sumNanoseconds)
            case .count: Double(totals.count)
            case .errors: Double(totals.errorCount)
            case .p95: totals.durations.quantile(0.95)?.estimate ?? 0
            case .max: Double(totals.durations.maximumNanoseconds)
            case .name: 0
            }
        }
        let byTime = totals.byTime
        if order == .name { return byTime.sorted { $0.key < $1.key } }
        // Ties stay ordered by self time.
        let keys: [Double] = byTime.map(key)
        let places = byTime.indices.sorted { left, right in
            keys[left] != keys[right] ? keys[left] > keys[right] : left < right
        }
        return places.map { byTime[$0] }
    }

    /// A row for each operation, up to the limit.
    package var listing: Listing {
        let all = sorted
        let whole = all.reduce(into: UInt128(0)) { $0 += $1.selfNanoseconds }
        func share(_ totals: SpanTotals) -> Listing.Value {
            .number(whole == 0 ? 0 : Double(totals.selfNanoseconds) / Double(whole))
        }
        func quantile(_ share: Double, from fewest: UInt64 = 0) -> (SpanTotals) -> Listing.Value {
            { Listing.number($0.durations.count < fewest ? nil : $0.durations.quantile(share)?.estimate) }
        }
        let hasUnfinished = all.contains { $0.unfinishedCount > 0 }
        let knowsOwnTimes = totals.knowsOwnTimes
        var fields: [Listing.Field<SpanTotals>] =
            subject + [
                .init("count", "Count", .count) { Listing.whole($0.count) },
                .init("error_count", "Errors", .count, priority: 1) { Listing.errors($0.errorCount) },
                .init(
                    "unfinished_count",
                    "Unfinished",
                    .count,
                    priority: 1,
                    in: hasUnfinished ? .everywhere : .programs
                ) {
                    Listing.whole($0.unfinishedCount, $0.unfinishedCount > 0 ? .caution : .quiet)
                },
                .init("p50_ns", "p50", .duration, priority: 2, quantile(0.5)),
                .init("p90_ns", "p90", .duration, priority: 8, quantile(0.9)),
                .init("p95_ns", "p95", .duration, quantile(0.95)),
                .init("p99_ns", "p99", .duration, priority: 4, quantile(0.99, from: OperationStatistics.fewestForP99)),
                .init("max_ns", "Max", .duration, priority: 5) {
                    $0.durations.isEmpty ? .none : Listing.whole($0.durations.maximumNanoseconds)
                },
                .init("total_ns", "Total", .duration, priority: knowsOwnTimes ? 3 : 0) {
                    Listing.whole($0.durations.sumNanoseconds)
                },
                .init("self_ns", "Self", .duration, in: knowsOwnTimes ? .everywhere : .programs) {
                    knowsOwnTimes ? Listing.whole($0.selfNanoseconds) : .none
                },
                .init("self_fraction", "Share", .share, in: knowsOwnTimes ? .everywhere : .programs) {
                    knowsOwnTimes ? share($0) : .none
                },
            ]
        if knowsOwnTimes { fields.append(.init("", "", .bar, priority: 7, share)) }
        return Listing(all, limit: limit, fields)
    }

    /// The columns that say what a row is about.
    private var subject: [Listing.Field<SpanTotals>] {
        guard let grouping else {
            return [.init("name", "Operation", .name) { .text($0.name) }]
                + Listing.Field.service(isShown: totals.hasServices) { $0.key.service?.text }
        }
        return [
            .init("", grouping.title, .name, in: .tables) {
                $0.hasNoValue ? .text(grouping.missing, .quiet) : .text($0.name)
            },
            .init("value", "", .name, in: .programs) { $0.hasNoValue ? .none : .text($0.name) },
        ]
    }

    /// The machine-readable report.
    package var document: ReportDocument {
        let by: [(String, JSONText)] = grouping.map { [("by", .string($0.name))] } ?? []
        return ReportDocument(
            grouping == nil ? .top : .topGroups,
            facts: by + [
                ("span_count", .count(totals.byTime.reduce(into: UInt64(0)) { $0 += $1.count })),
                ("unit", .string(totals.traceNoun)), ("unit_count", .count(totals.traceCount)),
                ("orphan_count", .count(totals.orphanCount)),
            ],
            listing
        )
    }

    /// The report for a terminal.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        let names = totals.byTime
        let spans = names.reduce(into: UInt64(0)) { $0 += $1.count }
        guard spans > 0 else {
            page.paragraph("No spans.", role: .quiet)
            return page.text
        }
        let shown = listing
        let noun = grouping == nil ? (totals.hasServices ? "operations" : "names") : "values"
        page.heading(
            grouping.map { "Spans by \($0.name)" } ?? "Operations by \(order.title)",
            Readable.count(Int(clamping: spans), of: "span")
                + (totals.traceNoun == "span" ? "" : " · \(Readable.count(totals.traceCount, of: totals.traceNoun))")
                + (shown.rows.count < names.count ? " · \(shown.rows.count) of \(names.count) \(noun)" : "")
        )
        let table = shown.table
        page.table(table)
        for line in notes(below: table, style) { page.paragraph(line, role: .quiet) }
        if let calls { ModelCallReport(calls, by: .model).append(to: &page) }
        return page.text
    }

    /// Notes on the numbers in the table.
    private func notes(below table: Table, _ style: TerminalStyle) -> [String] {
        var notes: [String] = []
        if table.shows("p99", style: style),
            totals.byTime.prefix(limit).contains(where: { $0.durations.count < OperationStatistics.fewestForP99 })
        {
            notes.append("p99 –: too few runs (fewer than \(OperationStatistics.fewestForP99)).")
        }
        if totals.orphanCount > 0 {
            let isOne = totals.orphanCount == 1
            notes.append(
                "\(Readable.count(totals.orphanCount, of: "span")) \(isOne ? "counts as a root because its" : "count as roots because their") "
                    + "parent is not in the input."
            )
        }
        for lost in totals.byTime.filter(\.losesItsParent).prefix(3) where grouping == nil {
            let name = totals.hasServices ? lost.key.description : lost.name
            notes.append(
                "\(name) started \(lost.rootCount) of \(lost.count) times without a parent. The code that starts it "
                    + "(Task.detached, a Dispatch queue, a callback) probably does not pass the context on."
            )
        }
        return notes
    }
}
