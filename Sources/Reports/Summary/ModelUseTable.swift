import Foundation

/// The models of a run: what was read and written, how soon the first token came, what it cost.
enum ModelUseTable {
    static func append(_ uses: [ModelUse], outliers: [ModelOutlier] = [], to page: inout ReportPage) {
        guard !uses.isEmpty else { return }
        page.heading("Language models", "tokens as the provider counts them, times as measured")
        let hasCosts = uses.contains { $0.costs != nil }
        var columns: [Table.Column] = [
            .init("Model", .name), .init("Calls", priority: 3), .init("Input"), .init("From cache", priority: 2),
            .init("Output"), .init("Reasoning", priority: 6), .init("First token p50", priority: 1),
            .init("p95", priority: 4), .init("Max", priority: 5),
        ]
        if hasCosts { columns.append(.init("Cost")) }
        var table = Table(columns: columns)
        for use in uses {
            var row: [Table.Cell] = [
                .text(use.model), .text(Readable.count(UInt64(use.callCount))), count(use.inputTokens),
                .text(use.cacheShare.map(Readable.percent) ?? "–"), count(use.outputTokens),
                count(use.reasoningTokens), time(use.firstToken?.p50Nanoseconds), time(use.firstToken?.p95Nanoseconds),
                time(use.firstToken?.maximumNanoseconds),
            ]
            if hasCosts { row.append(.text(costs(use.costs))) }
            table.rows.append(row)
        }
        page.table(table)
        for outlier in outliers {
            page.paragraph(
                "\(outlier.scenario), message \(outlier.message): \(value(of: outlier)), "
                    + "\(Readable.ratio(outlier.ratio)) the median",
                lead: "Stands out: ",
                role: .caution
            )
        }
        let unknown = uses.reduce(0) { $0 + $1.callsWithUnknownTokens }
        if unknown > 0 {
            page.paragraph(
                "\(Readable.count(unknown, of: "call")) did not tell all tokens; what is not known is in no sum.",
                role: .quiet
            )
        }
        let versions = Set(uses.flatMap { $0.costs ?? [] }.map(\.priceTableVersion)).sorted()
        if !versions.isEmpty {
            page.paragraph("Costs by the price table \(versions.joined(separator: ", ")).", role: .quiet)
        }
    }

    private static func value(of outlier: ModelOutlier) -> String {
        switch outlier.measure {
        case .inputTokens: "\(Readable.count(outlier.value)) input tokens"
        case .outputTokens: "\(Readable.count(outlier.value)) output tokens"
        case .firstToken: "first token after \(Readable.durationInText(outlier.value))"
        }
    }

    private static func count(_ count: Int?) -> Table.Cell {
        .text(count.map { Readable.count(UInt64(max(0, $0))) } ?? "–")
    }

    private static func time(_ nanoseconds: UInt64?) -> Table.Cell {
        .text(nanoseconds.map(Readable.duration) ?? "–")
    }

    private static func costs(_ costs: [ModelUse.Cost]?) -> String {
        guard let costs else { return "–" }
        return costs.map { String(format: "%.4f %@", $0.amount, $0.currency) }.joined(separator: " + ")
    }
}
