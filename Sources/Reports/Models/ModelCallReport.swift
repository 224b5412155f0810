import SpanKitPercentiles
import SpanKitSummaries

/// A table of model calls: tokens, cache, latency and cost.
package struct ModelCallReport: Sendable {
    let totals: ModelCallTotals
    let grouping: ModelCallTotals.Grouping
    let limit: Int

    /// - Parameter limit: The maximum number of rows.
    package init(_ totals: ModelCallTotals, by grouping: ModelCallTotals.Grouping, limit: Int = 40) {
        self.totals = totals
        self.grouping = grouping
        self.limit = max(1, limit)
    }

    /// A row for each model or conversation, the one with the most tokens first.
    package var listing: Listing {
        typealias Field = Listing.Field<ModelCallTotals.Group>
        let all = totals.groups(by: grouping)
        let groups = all.prefix(limit)
        func place(where isTold: (ModelCallTotals.Group) -> Bool) -> Listing.Place {
            groups.contains(where: isTold) ? .everywhere : .programs
        }
        var fields: [Field] = [
            .init("name", grouping == .model ? "Model" : "Conversation", .name) { .text($0.name) },
            .init("call_count", "Calls", .count, priority: 3) { Listing.whole($0.callCount) },
        ]
        if grouping == .conversation {
            fields.append(
                .init("", "Model", .text, priority: 10, in: .tables) { group in
                    .text(group.models.count == 1 ? group.models.first?.text ?? "" : "\(group.models.count) models")
                }
            )
            fields.append(
                .init("models", "", .json, in: .programs) { .json(.list($0.models.sorted().map { .string($0.text) })) }
            )
        }
        fields += [
            .init("error_count", "Errors", .count, priority: 7, in: place { $0.errorCount > 0 }) {
                Listing.errors($0.errorCount)
            },
            .init("input_tokens", "Input", .count) { Listing.number($0.inputTokens) },
            .init("cache_read_fraction", "From cache", .share, priority: 2) { Listing.number($0.cacheShare) },
            .init("cache_read_tokens", "", .count, in: .programs) { Listing.number($0.cacheReadTokens) },
            .init("cache_write_tokens", "To cache", .count, priority: 12, in: place { $0.cacheWriteTokens != nil }) {
                Listing.number($0.cacheWriteTokens)
            },
            .init("output_tokens", "Output", .count) { Listing.number($0.outputTokens) },
            .init("reasoning_tokens", "Reasoning", .count, priority: 6, in: place { $0.reasoningTokens != nil }) {
                Listing.number($0.reasoningTokens)
            },
        ]
        fields += [
            .init("first_token_p50_ns", "First token p50", .duration, priority: 1) { $0.firstTokens.cell(0.5) },
            .init("first_token_p95_ns", "p95", .duration, priority: 5) { $0.firstTokens.cell(0.95) },
            .init("first_token_max_ns", "Max", .duration, priority: 13) {
                Listing.number($0.firstTokens.maximum)
            },
            .init("duration_p50_ns", "Call p50", .duration, priority: 6) { $0.durations.cell(0.5) },
            .init("duration_p95_ns", "p95", .duration, priority: 8) { $0.durations.cell(0.95) },
            .init("unknown_token_call_count", "", .count, in: .programs) { Listing.whole($0.unknownCount) },
            .init("cache_on_top_call_count", "", .count, in: .programs) { Listing.whole($0.cacheOnTopCount) },
            .init("cache_assumed_on_top_call_count", "", .count, in: .programs) { Listing.whole($0.cacheAssumedCount) },
        ]
        let tables = priceTables
        if let table = tables.first, tables.count == 1 {
            fields.append(
                .init("", "Cost \(table.currency)", .amount, in: .tables) { Listing.number($0.costs.first?.amount) }
            )
        } else if !tables.isEmpty {
            // A cell may contain the sums of several tables, so it is a text.
            fields.append(
                .init("", "Cost", .amount, in: .tables) { $0.costs.isEmpty ? .none : .text(Self.text(of: $0.costs)) }
            )
        }
        fields += [
            // With several price tables, only `costs` tells them apart.
            .init("cost", "", .amount, in: .programs) {
                Listing.number($0.costs.count == 1 ? $0.costs[0].amount : nil)
            },
            .init("currency", "", .text, in: .programs) {
                Listing.text($0.costs.count == 1 ? $0.costs[0].currency : nil)
            },
            .init("costs", "", .json, in: .programs) { .json(.list($0.costs.map(\.jsonText))) },
        ]
        return Listing(all, limit: limit, fields)
    }

    /// The price tables of the calls' costs.
    private var priceTables: [(currency: String, version: String)] {
        if let prices = totals.prices { return [(prices.currency, prices.version)] }
        return totals.groups(by: .model).flatMap(\.costs).summed.map { ($0.currency, $0.priceTableVersion) }
    }

    /// Formats costs as `0.0720 USD + 1.5000 EUR`.
    package static func text(of costs: [ModelCost]) -> String {
        costs.map { "\(Readable.fixed($0.amount, decimals: 4)) \($0.currency)" }.joined(separator: " + ")
    }

    /// The machine-readable report.
    package var document: ReportDocument {
        let tables = priceTables.map { table in
            JSONText.object([("currency", .string(table.currency)), ("version", .string(table.version))])
        }
        return ReportDocument(
            grouping == .model ? .models : .conversations,
            facts: [("price_tables", .list(tables))],
            listing
        )
    }

    /// The report for a terminal.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard !totals.isEmpty else {
            page.paragraph("No model calls.", role: .quiet)
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
        for line in outlierLines { page.paragraph(line, lead: "Outlier: ", role: .caution) }
        for line in notes { page.paragraph(line, role: .quiet) }
    }

    /// A line for each outlier.
    var outlierLines: [String] {
        let isOneModel = totals.groups(by: .model).count == 1
        return totals.outliers.map { outlier in
            let place =
                switch outlier.place {
                // Enough of the id for `spankit tree --trace`.
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

    /// Sentences about calls whose cached tokens were not counted as reported.
    package var assumptions: [String] {
        let groups = totals.groups(by: .model)
        let (onTop, assumed) = groups.reduce((0, 0)) { ($0.0 + $1.cacheOnTopCount, $0.1 + $1.cacheAssumedCount) }
        var lines: [String] = []
        if onTop > 0 {
            let calls = Readable.count(onTop, of: "call", "reports", "report")
            lines.append("\(calls) cached tokens separately from the input; they were added to it.")
        }
        if assumed > 0 {
            let calls = Readable.count(assumed, of: "call", "does", "do")
            lines.append(
                "\(calls) not tell whether the input contains the cached tokens; they were added to it, because the provider's API "
                    + "counts them separately."
            )
        }
        return lines
    }

    /// Notes on the numbers in the table.
    var notes: [String] {
        var notes: [String] = []
        let unknown = totals.groups(by: .model).reduce(0) { $0 + $1.unknownCount }
        if unknown > 0 {
            notes.append(
                "\(Readable.count(unknown, of: "call", "does", "do")) not report all tokens; the sums leave them out."
            )
        }
        notes += assumptions
        let versions = priceTables.map(\.version)
        if !versions.isEmpty {
            let isPriced = totals.groups(by: .model).contains { !$0.costs.isEmpty }
            let table = "price table \(versions.joined(separator: ", "))"
            notes.append(isPriced ? "Costs are from the \(table)." : "The \(table) has no prices for these models.")
        }
        return notes
    }
}

extension ModelCost {
    fileprivate var jsonText: JSONText {
        .object([
            ("amount", .number(amount)), ("currency", .string(currency)),
            ("price_table_version", .string(priceTableVersion)),
        ])
    }
}

extension CallDurations {
    fileprivate func cell(_ share: Double) -> Listing.Value { Listing.number(quantile(share).map(wholeNanoseconds)) }
}
