import Percentiles
import Summaries

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
        let knowsP99 = analysis.findings.prefix(limit).contains { $0.operation.variability != nil }
        var listing = Listing([
            .init("name", "Operation", .name), .init("category", "Category", .text, priority: 4),
            .init("impactNanosecondsPer\(per)", "Impact", .duration), .init("share", "Share", .share),
            .init("callsPer\(per)", "Calls", .decimal, priority: 3),
            .init("spread", "p95/p50", .ratio, priority: knowsP99 ? 7 : 5),
            .init("variability", "p99/p50", .ratio, priority: knowsP99 ? 5 : 7),
            .init("averageMemoryDeltaBytes", "Memory", .bytes, priority: 9),
            .init("shape", "Shape", .text, priority: 6),
            .init("effort", "Effort", .text, priority: 1),
            .init("expectedGainNanosecondsPer\(per)", "Gain", .duration, priority: 2),
            .init("rule", "Rule", .text, priority: 8),
        ])
        for finding in analysis.findings.prefix(limit) {
            let operation = finding.operation
            let best = finding.advice.first
            listing.rows.append([
                .text(operation.name), .text(operation.category.rawValue),
                .number(operation.ownNanoseconds / perConversation), .number(operation.share),
                .number(operation.callsPerConversation), operation.spread.map { .number($0) } ?? .none,
                operation.variability.map { .number($0) } ?? .none,
                operation.averageMemoryDeltaBytes.map { .number($0) } ?? .none,
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

    /// - Parameter shows: whether a column has its place.
    func notes(_ shows: (String) -> Bool = { _ in true }) -> [String] {
        var notes = [
            "Impact is own time, without that of children; gains are estimates by the rules in docs/looking.md and do not add up."
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
        if let projection { notes.append(projection) }
        return notes
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

    /// That the model's latency is not what was measured.
    private var projection: String? {
        guard let assessment = analysis.assessment, assessment.isProjected else { return nil }
        let (measured, projected) = (assessment.measured.averageNanoseconds, assessment.projected.averageNanoseconds)
        // At scale 1 both are the same but for the waiting itself.
        guard Double(measured) < 0.95 * Double(projected) || Double(measured) > 1.05 * Double(projected) else {
            return nil
        }
        return "Times are projected: the offline model's scaled latency is replaced by the one it stands for; "
            + "measured were \(Readable.durationInText(measured)) a message."
    }

    /// Where the first advice alone would lead.
    private var outlook: String? {
        guard let assessment = analysis.assessment, let best = analysis.findings.first?.advice.first, best.gain > 0
        else {
            return nil
        }
        let now = assessment.projected.averageNanoseconds
        let gain = wholeNanoseconds(best.gain / perConversation)
        let then = now - min(now, gain)
        let verdict = then < assessment.targetNanoseconds ? "below" : "still not below"
        return "The first alone would bring a message from \(Readable.durationInText(now)) to about "
            + "\(Readable.durationInText(then)), \(verdict) the target of \(Readable.durationInText(assessment.targetNanoseconds))."
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
        let table = listing.table
        page.table(table)
        for note in notes({ table.shows($0, style: style) }) { page.paragraph(note, role: .quiet) }
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
        if analysis.hypotheses.contains(where: { $0.measuredShare != nil }) {
            page.heading("Hypotheses", "shares of a message, expected of the original system")
            page.table(hypotheses.table)
            page.paragraph(Self.aboutHypotheses, role: .quiet)
        }
        if let assessment { page.paragraph(assessment) }
        return page.text
    }

    static let aboutHypotheses =
        "The verdict is about the share: where everything else became faster, the same time is a larger share."

    var hypotheses: Listing {
        var listing = Listing([
            .init("group", "Part", .text), .init("expected", "Expected", .text), .init("share", "Measured", .share),
            .init("expectedTime", "Expected time", .text, priority: 2),
            .init("nanosecondsPerConversation", "Measured time", .duration, priority: 1),
            .init("verdict", "Verdict", .text),
        ])
        let whole = Double(Assessment.baseline)
        for hypothesis in analysis.hypotheses {
            let (lower, upper) = (hypothesis.expectedLowerShare, hypothesis.expectedUpperShare)
            func time(_ share: Double) -> String { Readable.durationInText(wholeNanoseconds(whole * share)) }
            let measured = hypothesis.projectedShare
            listing.rows.append([
                .text(hypothesis.group.title),
                .text("\(Int((lower * 100).rounded()))–\(Int((upper * 100).rounded())) %"),
                measured.map { .number($0) } ?? .none, .text("\(time(lower)) – \(time(upper))"),
                measured.map { .number(($0 * analysis.totalNanoseconds / perConversation).rounded()) } ?? .none,
                hypothesis.verdict.value,
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
        text += "Of \(analysis.sources.map(\.codeInMarkdown).joined(separator: ", ")): \(facts).\n\n"
        guard !analysis.findings.isEmpty else { return text + "No operation was recorded.\n" }
        if let assessment { text += assessment + "\n\n" }
        if let projection { text += projection + "\n\n" }
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
        if analysis.hypotheses.contains(where: { $0.measuredShare != nil }) {
            text +=
                "\n## Hypotheses\n\nShares of a message and times, expected of the original system "
                + "(\(Readable.durationInText(Assessment.baseline)) a message), and measured here. "
                + Self.aboutHypotheses + "\n\n" + hypotheses.markdown
        }
        return text
    }

    /// How to read the table.
    private var legend: String {
        """
        - **Impact**: own time for each \(analysis.conversationNoun), without that of the operations within it; **share**: of all time.
        - **Calls**: runs for each \(analysis.conversationNoun).
        - **p95/p50**, **p99/p50**: how many times as long the slow runs take as the usual ones; – where fewer than \
        \(DistributionShape.fewest) or \(OperationStatistics.fewestForP99) runs say nothing.
        - **Memory**: mean change of the process's heap during a run, other threads included.
        - **Shape**: constant (p99 below 1.5 times p50), spread, bimodal (two kinds of runs), heavy tail (p99 at least five times p50).
        - **Gain**: what following the advice could bring at most or usually; gains do not add up. **Effort**: low counts 1, medium 2, \
        high 4; the rows are ordered by gain for effort.
        - **Rule**: which advice stands below; all rules are in SpanKit's docs/looking.md.

        """
    }
}
