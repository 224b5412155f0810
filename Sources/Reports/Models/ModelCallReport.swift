import SpanKitPercentiles
import SpanKitSummaries

/// What the calls of language models took, as a table.
package struct ModelCallReport: Sendable {
    let totals: ModelCallTotals
    let grouping: ModelCallTotals.Grouping
    let limit: Int

    /// - Parameter limit: rows at most.
    package init(_ totals: ModelCallTotals, by grouping: ModelCallTotals.Grouping, limit: Int = 40) {
        self.totals = totals
        self.grouping = grouping
        self.limit = max(1, limit)
    }

    /// A row for each model or conversation; those that read and wrote most first.
    package var listing: Listing {
        let tables = priceTables
        let groups = totals.groups(by: grouping).prefix(limit)
        // A column that has nothing to say is for programs only.
        func unit(where isTold: (ModelCallTotals.Group) -> Bool) -> Listing.Unit {
            groups.contains(where: isTold) ? .count : .detail
        }
        var columns: [Listing.Column] = [
            .init("name", grouping == .model ? "Model" : "Conversation", .name),
            .init("callCount", "Calls", .count, priority: 3),
        ]
        if grouping == .conversation { columns.append(.init("model", "Model", .text, priority: 10)) }
        columns += [
            .init("errorCount", "Errors", unit { $0.errorCount > 0 }, priority: 7),
            .init("inputTokens", "Input", .count),
            .init("cacheShare", "From cache", .share, priority: 2), .init("cacheReadTokens", "", .detail),
            .init("cacheWriteTokens", "To cache", unit { $0.cacheWriteTokens != nil }, priority: 12),
            .init("outputTokens", "Output", .count),
            .init("reasoningTokens", "Reasoning", unit { $0.reasoningTokens != nil }, priority: 6),
            .init("firstTokenP50Nanoseconds", "First token p50", .duration, priority: 1),
            .init("firstTokenP95Nanoseconds", "p95", .duration, priority: 5),
            .init("firstTokenMaximumNanoseconds", "Max", .duration, priority: 13),
            .init("durationP50Nanoseconds", "Call p50", .duration, priority: 6),
            .init("durationP95Nanoseconds", "p95", .duration, priority: 8),
            .init("callsWithUnknownTokens", "", .detail),
        ]
        if let table = tables.first, tables.count == 1 {
            columns += [
                .init("cost", "Cost \(table.currency)", .amount), .init("currency", "", .detail),
                .init("priceTableVersion", "", .detail),
            ]
        } else if !tables.isEmpty {
            columns.append(.init("cost", "Cost", .amount))
        }
        var listing = Listing(columns)
        for group in groups {
            var row: [Listing.Value] = [.text(group.name), Listing.whole(group.callCount)]
            if grouping == .conversation {
                let one = group.models.count == 1 ? group.models.first : nil
                row.append(.text(one ?? "\(group.models.count) models"))
            }
            row += [
                Listing.whole(group.errorCount, group.errorCount > 0 ? .bad : .quiet), Self.whole(group.inputTokens),
                group.cacheShare.map { .number($0) } ?? .none, Self.whole(group.cacheReadTokens),
                Self.whole(group.cacheWriteTokens), Self.whole(group.outputTokens), Self.whole(group.reasoningTokens),
                Self.quantile(group.firstTokens, 0.5), Self.quantile(group.firstTokens, 0.95),
                group.firstTokens.maximum.map { Listing.whole($0) } ?? .none,
                Self.quantile(group.durations, 0.5), Self.quantile(group.durations, 0.95),
                Listing.whole(group.unknownCount),
            ]
            if let table = tables.first, tables.count == 1 {
                row += [
                    group.costs.first.map { .number($0.amount) } ?? .none, .text(table.currency), .text(table.version),
                ]
            } else if !tables.isEmpty {
                // One cell holds sums of different tables, so it is a text.
                row.append(group.costs.isEmpty ? .none : .text(Self.text(of: group.costs)))
            }
            listing.rows.append(row)
        }
        return listing
    }

    /// Those by which calls have costs, or would have.
    private var priceTables: [(currency: String, version: String)] {
        if let prices = totals.prices { return [(prices.currency, prices.version)] }
        return totals.groups(by: .model).flatMap(\.costs).summed.map { ($0.currency, $0.priceTableVersion) }
    }

    /// Such as `0.0720 USD + 1.5000 EUR`.
    package static func text(of costs: [ModelCost]) -> String {
        costs.map { "\(Readable.fixed($0.amount, decimals: 4)) \($0.currency)" }.joined(separator: " + ")
    }

    private static func whole(_ count: Int?) -> Listing.Value { count.map { Listing.whole($0) } ?? .none }

    private static func quantile(_ durations: CallDurations, _ share: Double) -> Listing.Value {
        durations.quantile(share).map { .number(Double(wholeNanoseconds($0))) } ?? .none
    }

    /// The whole report.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard !totals.isEmpty else {
            page.paragraph("No calls of language models.", role: .quiet)
            return page.text
        }
        append(to: &page)
        return page.text
    }

    package func append(to page: inout ReportPage) {
        guard !totals.isEmpty else { return }
        let shown = listing
        let all = totals.groups(by: grouping)
        let calls = Readable.count(all.reduce(0) { $0 + $1.callCount }, of: "call")
        page.heading(
            grouping == .model ? "Language models" : "Conversations",
            calls + (shown.rows.count < all.count ? " · \(shown.rows.count) of \(all.count)" : "")
        )
        page.table(shown.table)
        for line in outlierLines { page.paragraph(line, lead: "Stands out: ", role: .caution) }
        for line in notes { page.paragraph(line, role: .quiet) }
    }

    /// The calls that stand out, a sentence each.
    var outlierLines: [String] {
        let isOneModel = totals.groups(by: .model).count == 1
        return totals.outliers.map { outlier in
            let place =
                switch outlier.place {
                // As much of the id as `spankit tree --trace` needs.
                case .span(let trace, _): "trace \("\(trace)".prefix(12))"
                case .message(let number): "message \(number)"
                }
            let conversation = outlier.conversation.map { " of \($0)" } ?? ""
            let value =
                switch outlier.measure {
                case .inputTokens: "\(Readable.count(outlier.value)) input tokens"
                case .outputTokens: "\(Readable.count(outlier.value)) output tokens"
                case .firstToken: "first token after \(Readable.durationInText(outlier.value))"
                case .duration: "a call of \(Readable.durationInText(outlier.value))"
                }
            let median = "\(Readable.ratio(outlier.ratio)) the median" + (isOneModel ? "" : " of \(outlier.model)")
            return "\(value), \(median); \(place)\(conversation)"
        }
    }

    /// What a reader of the numbers has to know.
    var notes: [String] {
        var notes: [String] = []
        let unknown = totals.groups(by: .model).reduce(0) { $0 + $1.unknownCount }
        if unknown > 0 {
            notes.append(
                "\(Readable.count(unknown, of: "call")) did not tell all tokens; what is not known is in no sum."
            )
        }
        let versions = priceTables.map(\.version)
        if !versions.isEmpty {
            let isPriced = totals.groups(by: .model).contains { !$0.costs.isEmpty }
            let table = "price table \(versions.joined(separator: ", "))"
            notes.append(isPriced ? "Costs by the \(table)." : "The \(table) has no price for these models.")
        }
        return notes
    }
}
