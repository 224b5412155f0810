import SpanKitPercentiles
import SpanKitReports
import SpanKitSummaries

/// The report on a scenario that has ended: its outcome and its ten costliest operations.
struct ScenarioReport: Sendable {
    let scenario: ProfilingResults.Scenario

    /// The report, ending with a line feed.
    func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        page.heading("\(scenario.number). \(scenario.title)", detail)
        if let failure = scenario.failure { page.paragraph(failure, role: .bad) }
        let statistics = scenario.operations.map(\.snapshot.statistics).filter { $0.count > 0 }
        if let longest = statistics.topByTotalTime(1).first {
            let whole = statistics.first { $0.name == ConversationSteps.total } ?? longest
            page.table(
                OperationTables.byTotalTime(
                    statistics.topByTotalTime(OperationSummary.rows),
                    of: whole.totalNanoseconds
                )
            )
        }
        ModelCallReport(ModelCallTotals([scenario]), by: .model).append(to: &page)
        return page.text
    }

    private var detail: String {
        let answered = scenario.messages.count
        let complete = answered == scenario.plannedMessageCount
        var parts = [
            complete
                ? Readable.count(answered, of: "message")
                : "\(answered) of \(Readable.count(scenario.plannedMessageCount, of: "message")), \(scenario.outcome.rawValue)"
        ]
        if let last = scenario.messages.last { parts.append("ends in \(last.phaseAfter)") }
        let findings = scenario.findingCounts.values.reduce(0, +)
        parts.append(Readable.count(findings, of: "finding"))
        if let memory = scenario.memory { parts.append("heap \(Readable.signedBytes(Double(memory.deltaBytes)))") }
        return parts.joined(separator: " · ")
    }
}
