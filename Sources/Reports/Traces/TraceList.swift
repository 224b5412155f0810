import Summaries

/// Some traces out of many: the slowest, or those with errors; bounded, so that any number can go by.
package struct TraceList: Sendable {
    /// Which traces are kept.
    package enum Choice: Sendable {
        case slowest
        case withErrors
    }

    private let choice: Choice
    private let limit: Int
    /// Kept so far, the slowest first.
    package private(set) var traces: [Trace] = []
    /// All that would have fit the choice.
    package private(set) var matchCount = 0

    package init(_ choice: Choice, limit: Int) {
        self.choice = choice
        self.limit = max(1, limit)
    }

    package mutating func add(_ trace: Trace) {
        if choice == .withErrors, !trace.spans.contains(where: \.isError) { return }
        matchCount += 1
        if traces.count == limit, let last = traces.last, last.duration >= trace.duration { return }
        let place = traces.firstIndex { $0.duration < trace.duration } ?? traces.count
        traces.insert(trace, at: place)
        if traces.count > limit { traces.removeLast() }
    }

    /// A row for each trace.
    package func listing(names: NameTable) -> Listing {
        var listing = Listing([
            .init("traceId", "Trace", .name), .init("name", "Root", .text),
            .init("durationNanoseconds", "Time", .duration), .init("spanCount", "Spans", .count, priority: 2),
            .init("errorCount", "Errors", .count, priority: 1),
            .init("slowestName", "Most self time in", .text, priority: 3),
            .init("slowestSelfNanoseconds", "Self", .duration, priority: 3),
        ])
        for trace in traces {
            let selfTimes = trace.selfTimes()
            let most = selfTimes.indices.max { selfTimes[$0] < selfTimes[$1] }
            listing.rows.append([
                .text("\(trace.id)"), .text(trace.mainRoot.map { names[trace.spans[$0].name] } ?? ""),
                Listing.whole(trace.duration), Listing.whole(trace.spans.count),
                Listing.whole(trace.errorCount, trace.errorCount > 0 ? .bad : .quiet),
                .text(most.map { names[trace.spans[$0].name] } ?? ""), Listing.whole(most.map { selfTimes[$0] } ?? 0),
            ])
        }
        return listing
    }

    /// Every failed span of the kept traces.
    package func errors(names: NameTable) -> Listing {
        var listing = Listing([
            .init("name", "Operation", .name), .init("details", "What", .text),
            .init("durationNanoseconds", "Time", .duration),
            .init("traceId", "Trace", .text, priority: 1), .init("spanId", "Span", .text, priority: 2),
        ])
        for trace in traces {
            for (place, span) in trace.spans.enumerated() where span.isError {
                // The failure of a child is shown once, at the child.
                if trace.children(of: place).contains(where: { trace.spans[$0].isError }) { continue }
                listing.rows.append([
                    .text(names[span.name], .bad), .text(span.details ?? ""), Listing.whole(span.duration),
                    .text("\(trace.id)"), .text(span.spanID.hexadecimal),
                ])
            }
        }
        return listing
    }

    /// A report of the kept traces.
    package func text(title: String, _ listing: Listing, empty: String, style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard !listing.rows.isEmpty else {
            page.paragraph(empty, role: .quiet)
            return page.text
        }
        let shown =
            traces.count < matchCount
            ? "\(traces.count) of \(Readable.count(matchCount, of: "trace"))" : Readable.count(matchCount, of: "trace")
        page.heading(title, shown)
        page.table(listing.table)
        return page.text
    }
}
