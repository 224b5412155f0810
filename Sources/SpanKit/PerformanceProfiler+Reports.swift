import SpanKitPercentiles
import SpanKitRecording
import SpanKitSummaries

extension PerformanceProfiler {
    /// Returns a table of all operations for a terminal or a log, in descending order of total time.
    ///
    /// If profiling is off, the text says why and what to set.
    /// - Parameter width: the maximum number of columns.
    public func summary(width: Int = TerminalStyle.widestText) -> String {
        guard let reasonForOff else { return OperationSummary.text(for: snapshot(), width: width) }
        var page = ReportPage(style: TerminalStyle(width: width))
        page.paragraph("No operation was recorded, because profiling is off: \(reasonForOff)")
        return page.text
    }

    /// Returns all operations as JSON: statistics, and histograms that can be merged without loss
    /// (`docs/results-file.md`, "operations").
    public func exportJSON() throws -> String {
        String(decoding: try OperationsJSON(snapshot()).json(), as: UTF8.self)
    }
}
