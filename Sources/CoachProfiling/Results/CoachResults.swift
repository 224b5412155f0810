import SpanKitPercentiles
import SpanKitReports
import SpanKitSummaries

/// What the command shows of results files of the coach.
package enum CoachResults {
    /// Reads files that `spankit profile` wrote.
    /// - Throws: ``ResultsFileError``, always naming the file.
    @Sendable
    package static func read(_ files: [(file: String, json: [UInt8])]) throws(ResultsFileError) -> RunResults {
        var runs: [(file: String, results: ProfilingResults)] = []
        for (file, json) in files { runs.append((file, try ProfilingResults(json: json, file: file))) }
        let merged = try MergedResults(runs)
        let aggregate = merged.aggregate
        let operations = aggregate.operations.map(\.snapshot)
        var run = RunResults(operations, fileCount: files.count)
        run.totals = ConversationSteps.totals(of: operations, messageCount: aggregate.messageCount)
        run.calls = aggregate.calls
        run.analysis = aggregate.analysis
        run.page = ConversationsSection(runs.map(\.results), aggregate).addition
        run.summary = { style in
            SummaryReport(
                title: SummaryTitle.title(for: merged),
                detail: SummaryTitle.detail(for: merged),
                aggregate: merged.aggregate
            ).text(style: style)
        }
        run.json = { try merged.json() }
        return run
    }
}
