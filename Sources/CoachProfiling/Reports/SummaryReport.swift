import SpanKitReports
import SpanKitSummaries

/// The report on a whole run or several runs: operations, time per message, models, bottlenecks, advice and hypotheses.
struct SummaryReport: Sendable {
    let title: String
    let detail: String
    let aggregate: ProfilingResults.Aggregate

    /// The report, ending with a line feed.
    func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        page.heading(title, detail)
        OperationSummary.append(aggregate.operations.map(\.snapshot), to: &page)
        assessment(on: &page)
        ModelCallReport(aggregate.calls, by: .model).append(to: &page)
        BottleneckReport(aggregate.analysis).append(to: &page)
        return page.text
    }

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
        // With a scaled latency, only the projected time is compared with the target.
        add("Measured", assessment.measured, isJudged: !assessment.isProjected)
        if assessment.isProjected { add("Projected to scale 1", assessment.projected, isJudged: true) }
        page.table(table)
        if assessment.isProjected {
            page.paragraph(
                "Projected: the measured time with the offline model's latency at scale 1.",
                role: .quiet
            )
        }
        page.paragraph(assessment.sentence, role: .quiet)
    }
}

extension SummaryReport {
    /// A report whose heading names the scenarios or the number of runs, the models, and incomplete runs.
    init(of runs: [ProfilingResults], _ aggregate: ProfilingResults.Aggregate) {
        let scenarioCount = runs.first?.options.scenarios.count ?? 0
        let only = runs.count == 1 && scenarioCount == 1 ? runs[0].scenarios.first : nil
        let scenarios = scenarioCount == 1 ? "1 scenario" : "All \(scenarioCount) scenarios"
        let incomplete = runs.filter { $0.outcome != .completed }
        let outcome = runs.count == 1 ? runs[0].outcome.rawValue : "\(incomplete.count) of \(runs.count) incomplete"
        var facts = [Readable.count(aggregate.messageCount, of: "message")]
        for options in runs.map(\.options) {
            let model = options.latencyScale.map { "offline model at latency scale \($0)" } ?? "model \(options.model)"
            if !facts.contains(model) { facts.append(model) }
        }
        title = runs.count == 1 ? only?.title ?? scenarios : "\(runs.count) runs"
        detail = (facts + (incomplete.isEmpty ? [] : [outcome])).joined(separator: " · ")
        self.aggregate = aggregate
    }
}
