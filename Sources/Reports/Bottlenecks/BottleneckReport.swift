import Percentiles

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
        var listing = Listing([
            .init("name", "Operation", .name), .init("category", "Category", .text, priority: 4),
            .init("impactNanosecondsPerConversation", "Impact", .duration), .init("share", "Share", .share),
            .init("callsPerConversation", "Calls", .text, priority: 3),
            .init("variability", "p99/p50", .text, priority: 5),
            .init("averageMemoryDeltaBytes", "Memory", .text, priority: 7), .init("shape", "Shape", .text, priority: 6),
            .init("effort", "Effort", .text, priority: 1),
            .init("expectedGainNanosecondsPerConversation", "Gain", .duration, priority: 2),
            .init("rule", "Rule", .text, priority: 8),
        ])
        for finding in analysis.findings.prefix(limit) {
            let operation = finding.operation
            let best = finding.advice.first
            listing.rows.append([
                .text(operation.name), .text(operation.category.rawValue),
                .number(operation.ownNanoseconds / perConversation), .number(operation.share),
                .text(Readable.oneDecimal(operation.callsPerConversation)),
                operation.variability.map { .text(Readable.ratio($0)) } ?? .none,
                operation.averageMemoryDeltaBytes.map { .text(Readable.signedBytes($0)) } ?? .none,
                .text(operation.shape.rawValue, operation.shape == .unknown ? .quiet : .normal),
                best.map { .text($0.rule.effort.title) } ?? .none,
                best.map { .number($0.gain / perConversation) } ?? .none,
                best.map { .text($0.rule.rawValue) } ?? .none,
            ])
        }
        return listing
    }

    private var facts: String {
        let average = Readable.durationInText(wholeNanoseconds(analysis.totalNanoseconds / perConversation))
        return "\(Readable.count(analysis.conversationCount, of: analysis.conversationNoun)) of \(average) on average"
    }

    /// What to do, one sentence each, the most worthwhile first.
    var advice: [(lead: String, text: String)] {
        analysis.findings.prefix(limit).flatMap { finding in
            finding.advice.map { rule, gain in
                let gained =
                    gain > 0
                    ? ": up to \(Readable.durationInText(wholeNanoseconds(gain / perConversation))) a \(analysis.conversationNoun), \(rule.effort.title) effort"
                    : ", \(rule.effort.title) effort"
                return (
                    worth: gain / Double(rule.effort.rawValue), name: finding.operation.name,
                    text: rule.strategy(finding.operation) + gained
                )
            }
        }
        .sorted { $0.worth > $1.worth }
        .map { ($0.name, $0.text) }
    }

    var notes: [String] {
        var notes = [
            "Impact is own time, without that of children; gains are estimates by the rules in docs/looking.md and do not add up."
        ]
        let few = analysis.findings.prefix(limit).count { $0.operation.variability == nil }
        if few > 0 {
            notes.append(
                "–: fewer than \(TopReport.fewestForP99) runs say nothing about p99 (\(Readable.count(few, of: "operation")))."
            )
        }
        return notes
    }

    // MARK: Terminal

    /// The whole report.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard !analysis.findings.isEmpty else {
            page.paragraph("No operation was recorded.", role: .quiet)
            return page.text
        }
        page.heading("Bottlenecks by gain for effort", facts)
        page.table(listing.table)
        for note in notes { page.paragraph(note, role: .quiet) }
        if !advice.isEmpty {
            page.heading("What to do first")
            for (number, advice) in advice.prefix(8).enumerated() {
                page.paragraph(
                    "\(advice.lead): \(advice.text).",
                    lead: number < 9 ? " \(number + 1). " : "\(number + 1). "
                )
            }
        }
        if analysis.hypotheses.contains(where: { $0.measuredShare != nil }) {
            page.heading("Hypotheses")
            page.table(hypotheses.table)
        }
        if let assessment { page.paragraph(assessment) }
        return page.text
    }

    var hypotheses: Listing {
        var listing = Listing([
            .init("group", "Part", .name), .init("expected", "Expected", .text), .init("share", "Measured", .share),
            .init("verdict", "Verdict", .text),
        ])
        for hypothesis in analysis.hypotheses {
            let lower = Int((hypothesis.expectedLowerShare * 100).rounded())
            let upper = Int((hypothesis.expectedUpperShare * 100).rounded())
            listing.rows.append([
                .text(hypothesis.group.title), .text("\(lower)–\(upper) %"),
                hypothesis.projectedShare.map { .number($0) } ?? .none, hypothesis.verdict.value,
            ])
        }
        return listing
    }

    var assessment: String? {
        guard let assessment = analysis.assessment else { return nil }
        let average = Readable.durationInText(assessment.projected.averageNanoseconds)
        let target = Readable.durationInText(assessment.targetNanoseconds)
        let baseline = Readable.durationInText(assessment.baselineNanoseconds)
        return "A message takes \(average) on average; the target of \(target) is "
            + (assessment.projected.meetsTarget ? "met" : "missed") + ", the baseline was \(baseline)."
    }

    // MARK: Markdown

    /// The whole report as Markdown.
    package var markdown: String {
        var text = "# Bottleneck analysis\n\n"
        text += "Of \(analysis.sources.map(\.escapedForMarkdown).joined(separator: ", ")): \(facts).\n\n"
        guard !analysis.findings.isEmpty else { return text + "No operation was recorded.\n" }
        if let assessment { text += assessment + "\n\n" }
        text += "## Bottlenecks by gain for effort\n\n" + listing.markdown + "\n"
        for note in notes { text += note + "\n" }
        if !advice.isEmpty {
            text += "\n## What to do\n\n"
            for (number, advice) in advice.enumerated() {
                text += "\(number + 1). **\(advice.lead.escapedForMarkdown)**: \(advice.text.escapedForMarkdown).\n"
            }
        }
        text += "\n## By category\n\n"
        for category in WorkCategory.allCases {
            let parts = analysis.findings.filter { $0.operation.category == category }
            guard !parts.isEmpty else { continue }
            let share = parts.reduce(0) { $0 + $1.operation.share }
            text +=
                "- **\(category.rawValue)**, \(Readable.percent(share)): "
                + parts.map(\.operation.name.escapedForMarkdown).joined(separator: ", ") + "\n"
        }
        if analysis.hypotheses.contains(where: { $0.measuredShare != nil }) {
            text += "\n## Hypotheses\n\n" + hypotheses.markdown
        }
        return text
    }
}
