import SpanKitPercentiles

/// The local summary any program can print: where its time went, by the operations it has profiled.
///
/// ```swift
/// print(OperationSummary.text(for: profiler.snapshot()))
/// ```
public enum OperationSummary {
    /// How many operations a table that picks some of them shows.
    package static let rows = 10
    /// How many the first table shows at most: all of an ordinary program.
    static let allRows = 40
    /// Of fewer runs the slowest is chance.
    static let fewestRuns = OperationStatistics.fewestForVariability

    /// Tables of the costliest, slowest and most variable operations, ending with a line feed.
    ///
    /// Shares are of the operation with the largest total, which contains the others where operations are nested.
    /// - Parameters:
    ///   - operations: as a profiler's `snapshot()` returns them; the order does not matter.
    ///   - width: columns to fill at most, 40…100.
    public static func text(for operations: [OperationSnapshot], width: Int = TerminalStyle.widestText) -> String {
        text(for: operations, style: TerminalStyle(width: width))
    }

    /// The same in a style, such as that of a terminal: `TerminalStyle(fileDescriptor: 1)`.
    public static func text(for operations: [OperationSnapshot], style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        append(operations, to: &page)
        return page.text
    }

    /// The same tables below what stands on the page already.
    package static func append(_ operations: [OperationSnapshot], to page: inout ReportPage) {
        let statistics = operations.map(\.statistics).filter { $0.count > 0 }
        guard let longest = statistics.topByTotalTime(1).first else {
            page.paragraph("No operation was recorded.", role: .quiet)
            return
        }
        let top = statistics.topByTotalTime(allRows)
        page.heading("Operations by total time", numberShown(top.count, of: statistics.count))
        let table = OperationTables.byTotalTime(top, of: longest.totalNanoseconds)
        page.table(table)
        if top.count > 1, table.shows("Share", style: page.style) {
            page.paragraph("Share of \(longest.name), which contains the operations nested in it.", role: .quiet)
        }
        if table.shows("Memory", style: page.style) {
            page.paragraph(
                "Memory: mean change of the process's heap during a run, other threads included.",
                role: .quiet
            )
        }
        explainDashes(in: table, top, on: &page)

        let slowest = statistics.slowestByAverage(rows)
        page.heading("Slowest operations", "by average" + separated(numberShown(slowest.count, of: statistics.count)))
        let distribution = OperationTables.distribution(slowest)
        page.table(distribution)
        explainDashes(in: distribution, slowest, on: &page)
        appendMostVariable(statistics, to: &page)
    }

    /// p99 against p50; where nothing ran often enough for a p99, the maximum, and named so.
    private static func appendMostVariable(_ statistics: [OperationStatistics], to page: inout ReportPage) {
        let knowsP99 = statistics.contains(where: \.knowsP99)
        let fewest = knowsP99 ? OperationStatistics.fewestForP99 : fewestRuns
        let variable = statistics.mostVariable(5, minimumCount: fewest).filter { $0.variability > 1 }
        guard !variable.isEmpty else { return }
        let slow = knowsP99 ? "p99" : "Max"
        page.heading("Most variable operations", "\(slow) against p50, over \(fewest) runs or more")
        page.table(OperationTables.byVariability(variable, slow: slow))
    }

    private static func explainDashes(
        in table: Table,
        _ operations: [OperationStatistics],
        on page: inout ReportPage
    ) {
        guard table.shows("p99", style: page.style), !operations.allSatisfy(\.knowsP99) else { return }
        page.paragraph("p99 –: fewer than \(OperationStatistics.fewestForP99) runs say nothing about it.", role: .quiet)
    }

    private static func numberShown(_ shown: Int, of all: Int) -> String {
        shown < all ? "\(shown) of \(all)" : ""
    }

    private static func separated(_ text: String) -> String { text.isEmpty ? "" : " · " + text }
}
