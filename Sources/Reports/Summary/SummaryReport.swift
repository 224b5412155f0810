import Percentiles
import Summaries

/// What is printed at the end of a run, and of `spankit summary`: operations, response time, bottlenecks, hypotheses, advice.
package struct SummaryReport: Sendable {
    private let title: String
    private let detail: String
    private let aggregate: ProfilingResults.Aggregate

    /// A report about scenarios taken together.
    /// - Parameters:
    ///   - title: what was measured.
    ///   - detail: how, in a few words.
    package init(title: String, detail: String, aggregate: ProfilingResults.Aggregate) {
        self.title = title
        self.detail = detail
        self.aggregate = aggregate
    }

    /// The report, ending with a line feed.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        page.heading(title, detail)
        OperationSummary.append(aggregate.operations.map(\.snapshot), to: &page)
        assessment(on: &page)
        ModelUseTable.append(aggregate.models ?? [], outliers: aggregate.modelOutliers ?? [], to: &page)
        bottlenecks(on: &page)
        hypotheses(on: &page)
        recommendations(on: &page)
        return page.text
    }

    private var isProjected: Bool { aggregate.assessment?.isProjected ?? false }

    private func assessment(on page: inout ReportPage) {
        guard let assessment = aggregate.assessment else { return }
        let target = Readable.durationInText(assessment.targetNanoseconds)
        page.heading("Time per message", "target: below \(target)")
        var table = Table(columns: [
            .init("", .name), .init("Average"), .init("p50", priority: 3), .init("p95", priority: 2),
            .init("Max", priority: 4), .init("Below \(target)", priority: 1), .init("Target", .name),
        ])
        func add(_ name: String, _ figures: Assessment.Figures, isJudged: Bool) {
            table.add(
                .text(name),
                .text(Readable.duration(figures.averageNanoseconds)),
                .text(Readable.duration(figures.p50Nanoseconds)),
                .text(Readable.duration(figures.p95Nanoseconds)),
                .text(Readable.duration(figures.maximumNanoseconds)),
                .text("\(figures.messagesWithinTarget) of \(aggregate.messageCount)"),
                !isJudged ? .text("–", .quiet) : figures.meetsTarget ? .text("✓ met", .good) : .text("✗ missed", .bad)
            )
        }
        // A scaled latency meets or misses nothing: only what it stands for is judged.
        add("Measured", assessment.measured, isJudged: !assessment.isProjected)
        if assessment.isProjected { add("Projected to scale 1", assessment.projected, isJudged: true) }
        page.table(table)
        if assessment.isProjected {
            page.paragraph(
                "Projected: the offline model's scaled latency replaced by the one it stands for, message by message.",
                role: .quiet
            )
        }
        let average = Double(max(1, assessment.projected.averageNanoseconds))
        let baseline = Double(assessment.baselineNanoseconds)
        let factor = average <= baseline ? baseline / average : average / baseline
        page.paragraph(
            "The original system took \(Readable.durationInText(assessment.baselineNanoseconds)) a message; "
                + "\(assessment.isProjected ? "projected, " : "")this is \(Readable.ratio(factor)) "
                + "\(average <= baseline ? "faster" : "slower").",
            role: .quiet
        )
    }

    private func bottlenecks(on page: inout ReportPage) {
        let shown = aggregate.bottlenecks.filter { max($0.share, $0.projectedShare) >= 0.001 }.prefix(8)
        guard !shown.isEmpty else { return }
        page.heading("Bottlenecks", "time of their own, without the operations they contain")
        var columns: [Table.Column] = [
            .init("Operation", .name), .init("Kind", .name, priority: 4), .init("Calls/msg", priority: 6),
            .init("Per message", priority: 2), .init(isProjected ? "Measured" : "Share", priority: isProjected ? 1 : 0),
        ]
        if isProjected { columns.append(.init("Projected")) }
        columns += [.init("", .bar(widest: 12), priority: 5), .init("p99 / p50", priority: 3)]
        var table = Table(columns: columns)
        for bottleneck in shown {
            let perMessage = bottleneck.selfNanoseconds / UInt64(max(1, aggregate.messageCount))
            let isWhole = bottleneck.operation == ConversationSteps.total
            var row: [Table.Cell] = [
                .text(isWhole ? "between the steps" : bottleneck.operation), .text(bottleneck.group.shortTitle, .quiet),
                .text(Self.oneDecimal(bottleneck.callsPerMessage)), .text(Readable.duration(perMessage)),
                .text(Readable.percent(bottleneck.share)),
            ]
            if isProjected { row.append(.text(Readable.percent(bottleneck.projectedShare))) }
            row += [
                .bar(ShareBar(share: bottleneck.projectedShare)),
                .text(isWhole ? "–" : Readable.ratio(bottleneck.variability)),
            ]
            table.rows.append(row)
        }
        page.table(table)
    }

    private func hypotheses(on page: inout ReportPage) {
        guard aggregate.hypotheses.contains(where: { $0.measuredShare != nil }) else { return }
        page.heading("Hypotheses", isProjected ? "judged by the projected share" : "")
        var columns: [Table.Column] = [
            .init("Part", .name), .init("Expected", priority: 1), .init("Measured", priority: isProjected ? 2 : 0),
        ]
        if isProjected { columns.append(.init("Projected")) }
        columns.append(.init("Verdict", .name))
        var table = Table(columns: columns)
        for hypothesis in aggregate.hypotheses {
            let lower = Int((hypothesis.expectedLowerShare * 100).rounded())
            let upper = Int((hypothesis.expectedUpperShare * 100).rounded())
            var row: [Table.Cell] = [
                .text(hypothesis.group.title), .text("\(lower)–\(upper) %"),
                .text(hypothesis.measuredShare.map(Readable.percent) ?? "–"),
            ]
            if isProjected { row.append(.text(hypothesis.projectedShare.map(Readable.percent) ?? "–")) }
            row.append(hypothesis.verdict.cell)
            table.rows.append(row)
        }
        page.table(table)
    }

    private func recommendations(on page: inout ReportPage) {
        guard !aggregate.recommendations.isEmpty else { return }
        page.heading("Recommendations")
        for (index, recommendation) in aggregate.recommendations.enumerated() {
            let lead = "\(index + 1). "
            page.paragraph(recommendation.finding, lead: lead)
            page.paragraph(recommendation.advice, lead: String(repeating: " ", count: lead.count), role: .quiet)
        }
    }

    private static func oneDecimal(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let tenths = Int((min(value, 1e12) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension StepGroup {
    /// As people call it.
    var title: String {
        switch self {
        case .modelCall: "Claude API call"
        case .knowledgeSuggestions: "Knowledge suggestions"
        case .database: "Database"
        case .qualityAssessment: "Quality assessment"
        case .rest: "Everything else"
        }
    }

    fileprivate var shortTitle: String {
        switch self {
        case .modelCall: "API"
        case .knowledgeSuggestions: "knowledge"
        case .database: "database"
        case .qualityAssessment: "quality"
        case .rest: "other"
        }
    }
}

extension Hypothesis.Verdict {
    /// As people read it.
    var value: Listing.Value {
        switch self {
        case .confirmed: .text("✓ confirmed", .good)
        case .refuted: .text("✗ refuted", .caution)
        case .tooLittleData: .text("too little data", .quiet)
        }
    }

    fileprivate var cell: Table.Cell {
        if case .text(let text, let role) = value { .text(text, role) } else { .text("") }
    }
}
