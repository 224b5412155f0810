import SpanKitSummaries

/// Some traces out of many: the slowest, or those with errors; bounded, so that any number can go by.
///
/// Of each only what will be shown is kept: a trace may have any number of spans.
package struct TraceList<Kept: Sendable>: Sendable {
    /// Which traces are kept.
    package enum Choice: Sendable {
        case slowest
        case withErrors
    }

    private let choice: Choice
    private let limit: Int
    private let keep: @Sendable (Trace) -> Kept
    private var entries: [(duration: UInt64, kept: Kept)] = []
    /// All that would have fit the choice.
    package private(set) var matchCount = 0

    /// - Parameters:
    ///   - limit: traces at most.
    ///   - keep: what is kept of one.
    package init(_ choice: Choice, limit: Int, keeping keep: @escaping @Sendable (Trace) -> Kept) {
        self.choice = choice
        self.limit = max(1, limit)
        self.keep = keep
    }

    /// Kept so far, the slowest first.
    package var traces: [Kept] { entries.map(\.kept) }

    package mutating func add(_ trace: Trace) {
        if choice == .withErrors, !trace.spans.contains(where: \.isError) { return }
        matchCount += 1
        let duration = trace.duration
        if entries.count == limit, let last = entries.last, last.duration >= duration { return }
        let place = entries.firstIndex { $0.duration < duration } ?? entries.count
        entries.insert((duration, keep(trace)), at: place)
        if entries.count > limit { entries.removeLast() }
    }

    /// A report of the kept traces.
    package func text(title: String, _ listing: Listing, empty: String, style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard !listing.rows.isEmpty else {
            page.paragraph(empty, role: .quiet)
            return page.text
        }
        let shown =
            entries.count < matchCount
            ? "\(entries.count) of \(Readable.count(matchCount, of: "trace"))" : Readable.count(matchCount, of: "trace")
        page.heading(title, shown)
        page.table(listing.table)
        return page.text
    }
}
