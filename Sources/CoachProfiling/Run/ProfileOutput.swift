import Foundation
import SpanKitReports
import SpanKitSummaries

/// The output of a run in the form that the options ask for.
struct ProfileOutput: Sendable {
    /// The content of standard output.
    enum Form: Sendable {
        case tables
        case json
        /// Only the path of the results file.
        case path
    }

    let form: Form
    let style: TerminalStyle
    let progress: ProgressLine
    /// The number of scenarios of the run. A single scenario has no table, because the summary contains the same numbers.
    let scenarioCount: Int

    /// Prints a scenario that has ended.
    func print(_ scenario: ProfilingResults.Scenario) {
        if let failure = scenario.failure { progress.note(failure) }
        progress.scenarioEnded(line(for: scenario))
        if form == .tables, scenarioCount > 1 {
            progress.print(ScenarioReport(scenario: scenario).text(style: style) + "\n")
        }
    }

    /// Prints the summary of a run that has ended.
    func print(_ results: ProfilingResults) throws {
        switch form {
        case .path: break
        case .json: progress.print(String(decoding: try DocumentedContent(.profile, results).json(), as: UTF8.self))
        case .tables:
            progress.print(SummaryReport(of: [results], results.aggregate).text(style: style))
        }
    }

    /// Prints the path of the results file.
    func printPath(_ path: String) {
        switch form {
        case .path: progress.print(path + "\n")
        case .json: progress.note("results written to \(path)")
        case .tables: progress.print("\nResults written to \(style.printable(path))\n")
        }
    }

    private func line(for scenario: ProfilingResults.Scenario) -> String {
        let time = scenario.messages.reduce(UInt64(0)) { $0 &+ $1.durationNanoseconds }
        let count = "\(scenario.messages.count) of \(Readable.count(scenario.plannedMessageCount, of: "message"))"
        let outcome = scenario.outcome == .completed ? "" : ", \(scenario.outcome.rawValue)"
        return "scenario \(scenario.number), \(scenario.title): \(count) in \(Readable.durationInText(time))\(outcome)"
    }
}
