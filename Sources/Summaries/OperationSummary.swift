import Percentiles

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
    /// Of fewer runs p99 is little else than the maximum.
    static let fewestRuns = 20

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

        let slowest = statistics.slowestByAverage(rows)
        page.heading("Slowest operations", "by average" + separated(numberShown(slowest.count, of: statistics.count)))
        page.table(OperationTables.distribution(slowest))

        let variable = statistics.mostVariable(5, minimumCount: UInt64(fewestRuns)).filter {
            $0.variability > 1
        }
        if !variable.isEmpty {
            page.heading("Most variable operations", "p99 against p50, over \(fewestRuns) runs or more")
            page.table(OperationTables.byVariability(variable))
        }
    }

    private static func numberShown(_ shown: Int, of all: Int) -> String {
        shown < all ? "\(shown) of \(all)" : ""
    }

    private static func separated(_ text: String) -> String { text.isEmpty ? "" : " · " + text }
}
