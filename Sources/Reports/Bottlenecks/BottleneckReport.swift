import SpanKitPercentiles
import SpanKitSummaries

/// The analysis for people: a terminal, or `BOTTLENECK_ANALYSIS.md`.
package struct BottleneckReport: Sendable {
    let analysis: BottleneckAnalysis
    let limit: Int

    /// - Parameter limit: rows at most.
    package init(_ analysis: BottleneckAnalysis, limit: Int = 20) {
        self.analysis = analysis
        self.limit = max(1, limit)
    }

    private var perConversation: Double { Double(max(1, analysis.conversationCount)) }

    /// A row for each operation worth one.
    package var listing: Listing {
        // As the text says it: of results files a message, of traces a trace.
        let per = analysis.conversationNoun.capitalized
        let shown = analysis.findings.prefix(limit)
        let knowsP99 = shown.contains { $0.operation.variability != nil }
        var columns: [Listing.Column] = [
            .init("name", "Operation", .name), .init("category", "Category", .text, priority: 4),
            .init("impactNanosecondsPer\(per)", "Impact", .duration), .init("share", "Share", .share),
        ]
        if isProjected { columns.append(.init("measuredShare", "Measured", .share, priority: 4)) }
        columns += [
            .init("callsPer\(per)", "Calls", .decimal, priority: 3),
            .init("spread", "p95/p50", .ratio, priority: knowsP99 ? 7 : 5),
            .init("variability", "p99/p50", .ratio, priority: knowsP99 ? 5 : 7),
            .init("averageMemoryDeltaBytes", "Memory", .bytes, priority: 9),
            .init("shape", "Shape", .text, priority: 6),
            .init("effort", "Effort", .text, priority: 1),
            .init("expectedGainNanosecondsPer\(per)", "Gain", .duration, priority: 2),
            .init("rule", "Rule", .text, priority: 8),
        ]
        var listing = Listing(columns)
        for finding in shown {
            let operation = finding.operation
            let best = finding.advice.first
            var row: [Listing.Value] = [
                .text(operation.name), .text(operation.category.rawValue),
                .number(operation.ownNanoseconds / perConversation), .number(operation.share),
            ]
            if isProjected { row.append(operation.measured.map { .number($0.share) } ?? .none) }
            row += [
                .number(operation.callsPerConversation), operation.spread.map { .number($0) } ?? .none,
                operation.variability.map { .number($0) } ?? .none,
                operation.averageMemoryDeltaBytes.map { .number($0) } ?? .none,
                .text(operation.shape.rawValue, operation.shape == .unknown ? .quiet : .normal),
                best.map { .text($0.rule.effort.title) } ?? .none,
                best.map { .number($0.gain / perConversation) } ?? .none,
                best.map { .text($0.rule.rawValue) } ?? .none,
            ]
            listing.rows.append(row)
        }
        return listing
    }

    private var isProjected: Bool { analysis.findings.prefix(limit).contains { $0.operation.measured != nil } }

    private var facts: String {
        let average = Readable.durationInText(wholeNanoseconds(analysis.totalNanoseconds / perConversation))
        return "\(Readable.count(analysis.conversationCount, of: analysis.conversationNoun)) of \(average) on average"
    }

    /// What to do, one sentence each, the most worthwhile first.
    var advice: [(lead: String, text: String)] {
        BottleneckAnalysis.advice(of: analysis.findings.prefix(limit)).map { operation, rule, gain in
            let time = Readable.durationInText(wholeNanoseconds(gain / perConversation))
            let gained = gain > 0 ? ": up to \(time) a \(analysis.conversationNoun)" : ""
            return (operation.name, "\(rule.strategy(operation))\(gained), \(rule.effort.title) effort")
        }
    }

    /// - Parameter shows: whether a column has its place.
    func notes(_ shows: (String) -> Bool = { _ in true }) -> [String] {
        var notes = [
            "Impact is own time, without that of children; gains are estimates by the rules in docs/analyzing-traces.md and do not add up."
        ]
        let operations = analysis.findings.prefix(limit).map(\.operation)
        let ratios = [
            ("p95/p50", DistributionShape.fewest, operations.count { $0.spread == nil }),
            ("p99/p50", OperationStatistics.fewestForP99, operations.count { $0.variability == nil }),
        ]
        for (column, fewest, few) in ratios where few > 0 && shows(column) {
            notes.append(
                "\(column) –: fewer than \(fewest) runs say nothing about it (\(Readable.count(few, of: "operation")))."
            )
        }
        if let others { notes.append(others) }
        return notes + analysis.background.notes
    }

    /// What is not in the table.
    private var others: String? {
        let hidden = analysis.others + analysis.findings.dropFirst(limit).map(\.operation)
        let sum = hidden.reduce(0) { $0 + $1.share }
        guard sum > 0 else { return nil }
        let share = Readable.percent(sum)
        return
            "\(Readable.count(hidden.count, of: "more operation")) take\(hidden.count == 1 ? "s" : "") \(share)\(hidden.count == 1 ? "" : " together")."
    }

    /// Where the first advice alone would lead.
    private var outlook: String? {
        guard let (target, average) = analysis.background.goal, let best = analysis.findings.first?.advice.first,
            best.gain > 0
        else { return nil }
        let then = average - min(average, wholeNanoseconds(best.gain / perConversation))
        return
            "The first alone would bring a \(analysis.conversationNoun) from \(Readable.durationInText(average)) to about "
            + "\(Readable.durationInText(then)), \(then < target ? "below" : "still not below") the target of "
            + "\(Readable.durationInText(target))."
    }

    // MARK: Terminal

    /// The whole report.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard !analysis.findings.isEmpty else {
            page.paragraph("No operation was recorded.", role: .quiet)
            return page.text
        }
        append(to: &page)
        if let verdict = analysis.background.verdict { page.paragraph(verdict) }
        return page.text
    }

    /// The same, below other text of a page; nothing where nothing was recorded.
    package func append(to page: inout ReportPage) {
        guard !analysis.findings.isEmpty else { return }
        page.heading("Bottlenecks by gain for effort", facts)
        let table = listing.table
        page.table(table)
        for note in notes({ table.shows($0, style: page.style) }) { page.paragraph(note, role: .quiet) }
        if !advice.isEmpty {
            page.heading("What to do first")
            for (number, advice) in advice.prefix(8).enumerated() {
                page.paragraph(
                    "\(advice.lead): \(advice.text).",
                    lead: number < 9 ? " \(number + 1). " : "\(number + 1). "
                )
            }
            if let outlook { page.paragraph(outlook) }
        }
        for (title, rows, about) in analysis.background.tables {
            page.heading(title)
            page.table(rows.table)
            page.paragraph(about, role: .quiet)
        }
    }

    // MARK: Markdown

    /// The whole report as Markdown.
    package var markdown: String {
        var text = "# Bottleneck analysis\n\n"
        text += "Of \(analysis.sources.map(\.codeInMarkdown).joined(separator: ", ")): \(facts).\n\n"
        guard !analysis.findings.isEmpty else { return text + "No operation was recorded.\n" }
        for line in [analysis.background.verdict].compactMap({ $0 }) + analysis.background.notes {
            text += line + "\n\n"
        }
        text += "## Bottlenecks by gain for effort\n\n" + listing.markdown + "\n"
        if let others { text += others + "\n\n" }
        text += legend
        if !advice.isEmpty {
            text += "\n## What to do\n\n"
            for (number, advice) in advice.enumerated() {
                text += "\(number + 1). \(advice.lead.codeInMarkdown): \(advice.text.escapedForMarkdown).\n"
            }
            if let outlook { text += "\n" + outlook + "\n" }
        }
        text += "\n## By category\n\n"
        let all = analysis.findings.map(\.operation) + analysis.others
        for category in WorkCategory.allCases {
            let parts = all.filter { $0.category == category }.sorted { $0.ownNanoseconds > $1.ownNanoseconds }
            guard !parts.isEmpty else { continue }
            let share = parts.reduce(0) { $0 + $1.share }
            text +=
                "- **\(category.rawValue)**, \(Readable.percent(share)): "
                + parts.map(\.name.codeInMarkdown).joined(separator: ", ") + "\n"
        }
        for (title, rows, about) in analysis.background.tables {
            text += "\n## \(title)\n\n\(about)\n\n" + rows.markdown
        }
        return text
    }

    /// How to read the table.
    private var legend: String {
        """
        - **Impact**: own time for each \(analysis.conversationNoun), without that of the operations within it; **share**: of all time\
        \(isProjected ? "; **measured**: the share as it was measured, before the projection" : "").
        - **Calls**: runs for each \(analysis.conversationNoun).
        - **p95/p50**, **p99/p50**: how many times as long the slow runs take as the usual ones; – where fewer than \
        \(DistributionShape.fewest) or \(OperationStatistics.fewestForP99) runs say nothing.
        - **Memory**: mean change of the process's heap during a run, other threads included.
        - **Shape**: constant (p99 below 1.5 times p50), spread, bimodal (two kinds of runs), heavy tail (p99 at least five times p50).
        - **Gain**: what following the advice could bring at most or usually; gains do not add up. **Effort**: low counts 1, medium 2, \
        high 4; the rows are ordered by gain for effort.
        - **Rule**: which advice stands below; all rules are in SpanKit's docs/analyzing-traces.md.

        """
    }
}
