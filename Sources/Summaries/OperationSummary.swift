import SpanKitPercentiles

/// A text summary of profiled operations, which shows where a program spends its time.
///
/// ```swift
/// print(OperationSummary.text(for: profiler.snapshot()))
/// ```
public enum OperationSummary {
    /// The maximum number of rows in a table of selected operations.
    package static let rows = 10
    /// The maximum number of rows in the first table, which shows all operations of most programs.
    static let allRows = 40

    /// Returns tables of the operations with the longest total time, the longest average and the highest variability.
    /// The text ends with a line feed.
    ///
    /// The column `Share` is the total time relative to that of the first operation, which usually contains the others.
    /// - Parameters:
    ///   - operations: The result of a profiler's `snapshot()`, in any order.
    ///   - width: The maximum number of columns, 40…100.
    public static func text(for operations: [OperationSnapshot], width: Int = TerminalStyle.widestText) -> String {
        text(for: operations, style: TerminalStyle(width: width))
    }

    /// Returns the tables in a style, such as that of the terminal: `TerminalStyle(fileDescriptor: 1)`.
    public static func text(for operations: [OperationSnapshot], style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        append(operations, to: &page)
        return page.text
    }

    /// Appends the tables to a page.
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
            page.paragraph(
                "Share: total time relative to \(longest.name), nested operations included.",
                role: .quiet
            )
        }
        if table.shows("Memory", style: page.style) {
            page.paragraph(
                "Memory: the average change of the process's heap during a run, including other threads.",
                role: .quiet
            )
        }
        explainDashes(in: table, top, on: &page)

        let slowest = statistics.slowestByAverage(rows)
        page.heading(
            "Slowest operations",
            "by average" + numberShown(slowest.count, of: statistics.count, after: " · ")
        )
        let distribution = OperationTables.distribution(slowest)
        page.table(distribution)
        explainDashes(in: distribution, slowest, on: &page)
        appendMostVariable(statistics, to: &page)
    }

    /// Compares p99 with p50. If no operation has enough runs for a p99, compares the maximum instead.
    private static func appendMostVariable(_ statistics: [OperationStatistics], to page: inout ReportPage) {
        let knowsP99 = statistics.contains(where: \.knowsP99)
        let fewest = knowsP99 ? OperationStatistics.fewestForP99 : OperationStatistics.fewestForVariability
        let variable = statistics.mostVariable(5, minimumCount: fewest).filter { $0.variability > 1 }
        guard !variable.isEmpty else { return }
        let slow = knowsP99 ? "p99" : "Max"
        page.heading("Most variable operations", "\(slow) compared with p50, \(fewest) runs or more")
        page.table(OperationTables.byVariability(variable, slow: slow))
    }

    private static func explainDashes(
        in table: Table,
        _ operations: [OperationStatistics],
        on page: inout ReportPage
    ) {
        guard table.shows("p99", style: page.style), !operations.allSatisfy(\.knowsP99) else { return }
        page.paragraph("p99 –: too few runs (fewer than \(OperationStatistics.fewestForP99)).", role: .quiet)
    }

    private static func numberShown(_ shown: Int, of all: Int, after separator: String = "") -> String {
        shown < all ? "\(separator)\(shown) of \(all)" : ""
    }
}
