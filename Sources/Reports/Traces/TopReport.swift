import SpanKitPercentiles
import SpanKitSummaries

/// What every name of spans costs.
package struct TopReport: Sendable {
    /// What the rows are ordered by.
    package enum Order: String, Sendable, CaseIterable {
        case own = "self"
        case total, count, errors, p95, max, name
    }

    let totals: TraceTotals
    let order: Order
    let limit: Int
    let calls: ModelCallTotals?

    /// - Parameters:
    ///   - limit: rows at most.
    ///   - calls: those of language models, for a table of their own.
    package init(_ totals: TraceTotals, order: Order = .own, limit: Int = 40, calls: ModelCallTotals? = nil) {
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
            case .count: Double(totals.durations.count)
            case .errors: Double(totals.errorCount)
            case .p95: totals.durations.quantile(0.95)?.estimate ?? 0
            case .max: Double(totals.durations.maximumNanoseconds)
            case .name: 0
            }
        }
        let byTime = totals.byTime
        if order == .name { return byTime.sorted { $0.name < $1.name } }
        // Stable by place: ties stay ordered by self time.
        let keys: [Double] = byTime.map(key)
        let places = byTime.indices.sorted { left, right in
            keys[left] != keys[right] ? keys[left] > keys[right] : left < right
        }
        return places.map { byTime[$0] }
    }

    /// The rows, all names included that fit the limit.
    package var listing: Listing {
        let all = sorted
        let whole = all.reduce(into: UInt128(0)) { $0 += $1.selfNanoseconds }
        let hasUnfinished = all.contains { $0.unfinishedCount > 0 }
        var columns: [Listing.Column] = [
            .init("name", "Operation", .name), .init("count", "Count", .count),
            .init("errorCount", "Errors", .count, priority: 1),
        ]
        if hasUnfinished { columns.append(.init("unfinishedCount", "Unfinished", .count, priority: 1)) }
        columns += [
            .init("p50Nanoseconds", "p50", .duration, priority: 2),
            .init("p90Nanoseconds", "p90", .duration, priority: 8),
            .init("p95Nanoseconds", "p95", .duration), .init("p99Nanoseconds", "p99", .duration, priority: 4),
            .init("maximumNanoseconds", "Max", .duration, priority: 5),
            .init("totalNanoseconds", "Total", .duration, priority: totals.knowsOwnTimes ? 3 : 0),
        ]
        if totals.knowsOwnTimes {
            columns += [
                .init("selfNanoseconds", "Self", .duration), .init("selfShare", "Share", .share),
                .init("bar", "", .bar, priority: 7),
            ]
        }
        var listing = Listing(columns)
        for one in all.prefix(limit) {
            let quantiles = one.durations.quantiles([0.5, 0.9, 0.95, 0.99]).map(\.estimate)
            let share = whole == 0 ? 0 : Double(one.selfNanoseconds) / Double(whole)
            var row: [Listing.Value] = [
                .text(one.name), Listing.whole(one.durations.count),
                Listing.whole(one.errorCount, one.errorCount > 0 ? .bad : .quiet),
            ]
            if hasUnfinished {
                row.append(Listing.whole(one.unfinishedCount, one.unfinishedCount > 0 ? .caution : .quiet))
            }
            row += [
                .number(quantiles[0]), .number(quantiles[1]), .number(quantiles[2]),
                one.durations.count < OperationStatistics.fewestForP99 ? .none : .number(quantiles[3]),
                Listing.whole(one.durations.maximumNanoseconds), .number(Double(one.durations.sumNanoseconds)),
            ]
            if totals.knowsOwnTimes { row += [.number(Double(one.selfNanoseconds)), .number(share), .number(share)] }
            listing.rows.append(row)
        }
        return listing
    }

    /// The whole report.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        let names = totals.byTime
        let spans = names.reduce(into: UInt64(0)) { $0 += $1.durations.count }
        guard spans > 0 else {
            page.paragraph("No spans.", role: .quiet)
            return page.text
        }
        let shown = listing
        page.heading(
            "Operations by \(order.title)",
            "\(Readable.count(Int(clamping: spans), of: "span")) · \(Readable.count(totals.traceCount, of: totals.traceNoun))"
                + (shown.rows.count < names.count ? " · \(shown.rows.count) of \(names.count) names" : "")
        )
        let table = shown.table
        page.table(table)
        for line in notes(below: table, style) { page.paragraph(line, role: .quiet) }
        if let calls { ModelCallReport(calls, by: .model).append(to: &page) }
        return page.text
    }

    /// What a reader of the numbers has to know.
    private func notes(below table: Table, _ style: TerminalStyle) -> [String] {
        var notes: [String] = []
        if table.shows("p99", style: style),
            totals.byTime.prefix(limit).contains(where: { $0.durations.count < OperationStatistics.fewestForP99 })
        {
            notes.append("p99 –: fewer than \(OperationStatistics.fewestForP99) runs say nothing about it.")
        }
        if totals.orphanCount > 0 {
            notes.append("\(totals.orphanCount) spans name a parent that is not in the input; they count as roots.")
        }
        for lost in totals.byTime.filter(\.losesItsParent).prefix(3) {
            notes.append(
                "\(lost.name) began \(lost.rootCount) of \(lost.durations.count) times without a parent: what starts it there "
                    + "(Task.detached, a Dispatch queue, a callback) does not pass the context on."
            )
        }
        if totals.duplicateCount > 0 {
            notes.append("\(totals.duplicateCount) spans came more than once and count once.")
        }
        return notes
    }
}

extension TopReport.Order {
    var title: String {
        switch self {
        case .own: "self time"
        case .total: "total time"
        case .count: "count"
        case .errors: "errors"
        case .p95: "p95"
        case .max: "longest run"
        case .name: "name"
        }
    }
}
