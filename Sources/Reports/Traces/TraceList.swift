import SpanKitPlatform
import SpanKitRecording
import SpanKitSummaries

/// Selects the slowest traces, or the slowest ones with errors, out of any number of traces.
///
/// A trace may have any number of spans, so the list keeps only a part of each trace. Memory is bounded by the limit.
package struct TraceList<Kept: Sendable>: Sendable {
    package enum Selection: Sendable {
        case slowest
        case withErrors
    }

    private let selection: Selection
    private let limit: Int
    private let keep: @Sendable (Trace) -> Kept
    private var entries: [(duration: UInt64, kept: Kept)] = []
    /// The number of all traces in the selection.
    package private(set) var matchCount = 0

    /// - Parameters:
    ///   - limit: The maximum number of traces.
    ///   - keep: Returns the part of a trace that is kept.
    package init(_ selection: Selection, limit: Int, keeping keep: @escaping @Sendable (Trace) -> Kept) {
        self.selection = selection
        self.limit = max(1, limit)
        self.keep = keep
    }

    /// The kept traces, the slowest first.
    package var traces: [Kept] { entries.map(\.kept) }

    package mutating func add(_ trace: Trace) {
        if selection == .withErrors, !trace.spans.contains(where: \.isError) { return }
        matchCount += 1
        let duration = trace.duration
        if entries.count == limit, let last = entries.last, last.duration >= duration { return }
        let place = entries.firstIndex { $0.duration < duration } ?? entries.count
        entries.insert((duration, keep(trace)), at: place)
        if entries.count > limit { entries.removeLast() }
    }

    /// The kept traces as a report.
    package func text(title: String, _ listing: Listing, empty: String, style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard !listing.rows.isEmpty else {
            page.paragraph(empty, role: .quiet)
            return page.text
        }
        let all = Readable.count(matchCount, of: "trace")
        page.heading(title, entries.count < matchCount ? "\(entries.count) of \(all)" : all)
        page.table(listing.table)
        return page.text
    }
}

/// A trace in a list: its duration, its counts and its slowest span.
package struct TraceFacts: Sendable {
    let id: TraceID
    let duration: UInt64
    let spanCount: Int
    let errorCount: Int
    /// The root's name in the ``NameTable``; `nil` for a trace without spans.
    let root: UInt32?
    /// The span with the most self time.
    let slowest: (name: UInt32, selfNanoseconds: UInt64)?

    package init(_ trace: Trace) {
        id = trace.id
        duration = trace.duration
        spanCount = trace.spans.count
        errorCount = trace.errorCount
        root = trace.mainRoot.map { trace.spans[$0].name }
        let selfTimes = trace.selfTimes()
        slowest = selfTimes.indices.max { selfTimes[$0] < selfTimes[$1] }.map { (trace.spans[$0].name, selfTimes[$0]) }
    }
}

extension TraceList<TraceFacts> {
    /// A row for each trace.
    package func listing(names: NameTable) -> Listing {
        let traces = traces
        let digits = Self.digits(tellingApart: traces.map { "\($0.id)" })
        return Listing(
            traces,
            [
                .init("traceId", "Trace", .identifier(digits: digits)) { .text("\($0.id)") },
                .init("name", "Root", .text) { .text($0.root.map { names[$0] } ?? "") },
                .init("durationNanoseconds", "Time", .duration) { Listing.whole($0.duration) },
                .init("spanCount", "Spans", .count, priority: 4) { Listing.whole($0.spanCount) },
                .init("errorCount", "Errors", .count, priority: 3) { Listing.errors($0.errorCount) },
                .init("slowestName", "Most self time in", .text, priority: 1) {
                    .text($0.slowest.map { names[$0.name] } ?? "")
                },
                // Without the name, this column would be read as the root's self time.
                .init("slowestSelfNanoseconds", "Self", .duration, priority: 2) {
                    Listing.whole($0.slowest?.selfNanoseconds ?? 0)
                },
            ]
        )
    }

    /// The number of digits by which the ids differ, so that each can be passed to `--trace`.
    private static func digits(tellingApart ids: [String]) -> Int {
        let sorted = ids.sorted()
        let shared = zip(sorted, sorted.dropFirst()).map { zip($0, $1).prefix { $0 == $1 }.count }.max() ?? 0
        return max(7, shared + 1)
    }
}

/// The failed spans of a trace, without those that only pass on the failure of a child.
package struct TraceFailures: Sendable {
    let id: TraceID
    let spans: [TraceSpan]

    package init(_ trace: Trace) {
        id = trace.id
        spans = trace.spans.indices.filter { place in
            trace.spans[place].isError && !trace.children(of: place).contains { trace.spans[$0].isError }
        }
        .map { trace.spans[$0] }
    }
}

extension TraceList<TraceFailures> {
    /// A row for each failed span of the kept traces.
    package func listing(names: NameTable) -> Listing {
        Listing(
            traces.flatMap { trace in trace.spans.map { (trace.id, $0) } },
            [
                .init("name", "Operation", .name) { .text(names[$0.1.name], .bad) },
                .init("details", "Details", .text) { .text($0.1.details ?? "") },
                .init("durationNanoseconds", "Time", .duration) { Listing.whole($0.1.duration) },
                .init("traceId", "Trace", .text, priority: 1) { .text("\($0.0)") },
                .init("spanId", "Span", .text, priority: 2) { .text($0.1.spanID.hexadecimalDigits) },
            ]
        )
    }
}
