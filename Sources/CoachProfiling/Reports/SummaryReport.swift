import SpanKitReports
import SpanKitSummaries

/// What is printed at the end of a run, and of `spankit summary`: operations, response time, models, bottlenecks,
/// advice, hypotheses.
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
        page.paragraph(assessment.sentence, role: .quiet)
    }
}
