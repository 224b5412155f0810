import SpanKitPercentiles
import SpanKitRecording
import SpanKitSummaries

extension PerformanceProfiler {
    /// The local summary: a table of all operations, the most expensive first, for a terminal or a log.
    ///
    /// While profiling is off it says why, and what to set.
    /// - Parameter width: columns at most.
    public func summary(width: Int = TerminalStyle.widestText) -> String {
        guard let reasonForOff else { return OperationSummary.text(for: snapshot(), width: width) }
        var page = ReportPage(style: TerminalStyle(width: width))
        page.paragraph("No operation was recorded, because profiling is off: \(reasonForOff)")
        return page.text
    }

    /// All operations as JSON for other tools: statistics, and the whole distribution in a form that merges without loss
    /// (`docs/results-file.md`, "operations").
    public func exportJSON() throws -> String {
        String(decoding: try OperationsJSON(snapshot()).json(), as: UTF8.self)
    }
}
