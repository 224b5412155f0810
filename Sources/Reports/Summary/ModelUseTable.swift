import Foundation
import Summaries

/// The models of a run: what was read and written, how soon the first token came, what it cost.
enum ModelUseTable {
    /// A row for each model, or for each of something else that calls were put together by.
    static func listing(_ uses: [ModelUse], of subject: String = "Model") -> Listing {
        let hasCosts = uses.contains { $0.costs != nil }
        var columns: [Listing.Column] = [
            .init("name", subject, .name), .init("callCount", "Calls", .count, priority: 3),
            .init("inputTokens", "Input", .count), .init("cacheShare", "From cache", .share, priority: 2),
            .init("outputTokens", "Output", .count), .init("reasoningTokens", "Reasoning", .count, priority: 6),
            .init("firstTokenP50Nanoseconds", "First token p50", .duration, priority: 1),
            .init("firstTokenP95Nanoseconds", "p95", .duration, priority: 4),
            .init("firstTokenMaximumNanoseconds", "Max", .duration, priority: 5),
        ]
        if hasCosts { columns.append(.init("cost", "Cost", .amount)) }
        var listing = Listing(columns)
        for use in uses {
            var row: [Listing.Value] = [
                .text(use.model), Listing.whole(use.callCount), count(use.inputTokens),
                use.cacheShare.map { .number($0) } ?? .none, count(use.outputTokens), count(use.reasoningTokens),
                time(use.firstToken?.p50Nanoseconds), time(use.firstToken?.p95Nanoseconds),
                time(use.firstToken?.maximumNanoseconds),
            ]
            // Sums of different tables stand side by side, so this is a text.
            if hasCosts { row.append(use.costs.map { .text(costs($0)) } ?? .none) }
            listing.rows.append(row)
        }
        return listing
    }

    static func append(
        _ uses: [ModelUse],
        of subject: String = "Model",
        outliers: [ModelOutlier] = [],
        to page: inout ReportPage
    ) {
        guard !uses.isEmpty else { return }
        page.heading("Language models", "tokens as the provider counts them, times as measured")
        page.table(listing(uses, of: subject).table)
        for line in outliers.map(line(of:)) { page.paragraph(line, lead: "Stands out: ", role: .caution) }
        for line in notes(uses) { page.paragraph(line, role: .quiet) }
    }

    /// A call that stands out, in a sentence.
    static func line(of outlier: ModelOutlier) -> String {
        "\(outlier.scenario), message \(outlier.message): \(value(of: outlier)), "
            + "\(Readable.ratio(outlier.ratio)) the median"
    }

    /// What a reader of the numbers has to know.
    static func notes(_ uses: [ModelUse]) -> [String] {
        var notes: [String] = []
        let unknown = uses.reduce(0) { $0 + $1.callsWithUnknownTokens }
        if unknown > 0 {
            notes.append(
                "\(Readable.count(unknown, of: "call")) did not tell all tokens; what is not known is in no sum."
            )
        }
        let versions = Set(uses.flatMap { $0.costs ?? [] }.map(\.priceTableVersion)).sorted()
        if !versions.isEmpty { notes.append("Costs by the price table \(versions.joined(separator: ", ")).") }
        return notes
    }

    private static func value(of outlier: ModelOutlier) -> String {
        switch outlier.measure {
        case .inputTokens: "\(Readable.count(outlier.value)) input tokens"
        case .outputTokens: "\(Readable.count(outlier.value)) output tokens"
        case .firstToken: "first token after \(Readable.durationInText(outlier.value))"
        }
    }

    private static func count(_ count: Int?) -> Listing.Value { count.map { Listing.whole(max(0, $0)) } ?? .none }

    private static func time(_ nanoseconds: UInt64?) -> Listing.Value {
        nanoseconds.map { Listing.whole($0) } ?? .none
    }

    static func costs(_ costs: [ModelUse.Cost]) -> String {
        costs.map { String(format: "%.4f %@", $0.amount, $0.currency) }.joined(separator: " + ")
    }
}

/// What language models took in a run, by model or by scenario.
package struct ModelUseReport: Sendable {
    private let aggregate: ProfilingResults.Aggregate
    private let scenarios: [ProfilingResults.Scenario]?

    /// - Parameter scenarios: a row for each of them; nil for a row for each model.
    package init(_ aggregate: ProfilingResults.Aggregate, scenarios: [ProfilingResults.Scenario]?) {
        self.aggregate = aggregate
        self.scenarios = scenarios
    }

    private var uses: [ModelUse] {
        scenarios?.compactMap { ModelUse.total(named: $0.title, of: $0.messages) } ?? aggregate.models ?? []
    }

    /// The rows.
    package var listing: Listing { ModelUseTable.listing(uses, of: scenarios == nil ? "Model" : "Scenario") }

    /// The whole report.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        if uses.isEmpty { page.paragraph("No calls of language models.", role: .quiet) }
        ModelUseTable.append(
            uses,
            of: scenarios == nil ? "Model" : "Scenario",
            outliers: aggregate.modelOutliers ?? [],
            to: &page
        )
        return page.text
    }
}
