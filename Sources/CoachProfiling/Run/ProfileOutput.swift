import Foundation
import SpanKitReports
import SpanKitSummaries

/// Prints what a run found out, in the form that was asked for.
struct ProfileOutput: Sendable {
    /// What goes to standard output.
    enum Form: Sendable {
        case tables
        case json
        /// The path of the results file, and nothing else.
        case path
    }

    let form: Form
    let style: TerminalStyle
    let progress: ProgressLine
    /// A run of one scenario needs no table of its own for it: the summary has the same numbers.
    let scenarioCount: Int

    /// A scenario has ended.
    func print(_ scenario: ProfilingResults.Scenario) {
        if let failure = scenario.failure { progress.note(failure) }
        progress.scenarioEnded(line(for: scenario))
        if form == .tables, scenarioCount > 1 { progress.print(ScenarioReport(scenario).text(style: style) + "\n") }
    }

    /// The run has ended.
    func print(_ results: ProfilingResults) throws {
        switch form {
        case .path: break
        case .json: progress.print(String(decoding: try results.json(), as: UTF8.self))
        case .tables:
            let report = SummaryReport(
                title: SummaryTitle.title(for: results),
                detail: SummaryTitle.detail(for: results),
                aggregate: results.aggregate
            )
            progress.print(report.text(style: style))
        }
    }

    /// The results file has been written.
    func printPath(_ path: String) {
        switch form {
        case .path: progress.print(path + "\n")
        case .json: progress.note("results written to \(path)")
        case .tables: progress.print("\nResults written to \(style.printable(path))\n")
        }
    }

    private func line(for scenario: ProfilingResults.Scenario) -> String {
        let time = scenario.messages.reduce(UInt64(0)) { $0 &+ $1.durationNanoseconds }
        let count = "\(scenario.messages.count) of \(scenario.plannedMessageCount) messages"
        let outcome = scenario.outcome == .completed ? "" : ", \(scenario.outcome.rawValue)"
        return "scenario \(scenario.number), \(scenario.title): \(count) in \(Readable.durationInText(time))\(outcome)"
    }
}
