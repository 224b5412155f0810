import SpanKitPercentiles
import SpanKitReports
import SpanKitSummaries

/// The reader for results files of the coach, for the generic reports.
package enum CoachResults {
    /// Reads files that `spankit profile` wrote.
    /// - Throws: ``ResultsFileError``, which names the file.
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
        let report = SummaryReport(of: runs.map(\.results), aggregate)
        run.summary = { report.text(style: $0) }
        run.content = merged
        return run
    }
}
