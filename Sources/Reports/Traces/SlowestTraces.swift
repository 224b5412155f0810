import SpanKitPlatform
import SpanKitRecording
import SpanKitSummaries

/// Selects the slowest traces out of any number of traces.
///
/// A trace may have any number of spans, so the list keeps only a part of each trace. Memory is bounded by the limit.
package struct SlowestTraces<Kept: Sendable>: Sendable {
    private let limit: Int
    private let keep: @Sendable (Trace) -> Kept
    /// At most twice as many traces as the limit, so that sorting is rare.
    private var entries: [(duration: UInt64, number: Int, kept: Kept)] = []
    /// The duration that a trace must exceed to be added.
    private var floor: UInt64?
    /// The number of all traces.
    package private(set) var count = 0

    /// - Parameters:
    ///   - limit: The maximum number of traces.
    ///   - keep: Returns the part of a trace that is kept.
    package init(limit: Int, keeping keep: @escaping @Sendable (Trace) -> Kept) {
        self.limit = max(1, limit)
        self.keep = keep
    }

    /// The slowest traces, the slowest first; of two that took the same time, the one that was added first.
    package var traces: [Kept] { slowest.map(\.kept) }

    private var slowest: ArraySlice<(duration: UInt64, number: Int, kept: Kept)> {
        entries.sorted { ($1.duration, $0.number) < ($0.duration, $1.number) }.prefix(limit)
    }

    package mutating func add(_ trace: Trace) {
        count += 1
        let duration = trace.duration
        if let floor, duration <= floor { return }
        entries.append((duration, count, keep(trace)))
        guard entries.count / 2 >= limit else { return }
        entries = Array(slowest)
        floor = entries.last?.duration
    }

    /// The kept traces as a report.
    package func text(title: String, _ listing: Listing, empty: String, style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard !listing.rows.isEmpty else {
            page.paragraph(empty, role: .quiet)
            return page.text
        }
        let all = Readable.count(count, of: "trace")
        let shown = listing.rows.count
        page.heading(title, shown < count ? "\(Readable.count(shown)) of \(all)" : all)
        var listing = listing
        listing.zone = style.zone
        page.table(listing.table)
        return page.text
    }
}

/// A trace in a list: its duration, its counts and its slowest span.
package struct TraceFacts: Sendable {
    let id: TraceID
    /// Nanoseconds since 1970-01-01 UTC; `nil` if no span has times.
    let start: Int64?
    /// Nanoseconds; `nil` if no span has times.
    let duration: UInt64?
    let spanCount: Int
    let errorCount: Int
    /// The root's name in the ``NameTable``; `nil` for a trace without spans.
    let root: OperationNumbers?
    /// The span with the most self time; `nil` if no span has times.
    let slowest: (operation: OperationNumbers, selfNanoseconds: UInt64)?
    /// The services of the spans.
    let services: Set<UInt32>

    package init(_ trace: Trace) {
        id = trace.id
        start = trace.hasTimes ? trace.start : nil
        duration = trace.timedDuration
        spanCount = trace.spans.count
        errorCount = trace.errorCount
        root = trace.mainRoot.map { OperationNumbers(trace.spans[$0]) }
        services = Set(trace.spans.lazy.map(\.service))
        let selfTimes = trace.selfTimes()
        // Spans with times come first, and the first one of the same self time counts.
        slowest = selfTimes.indices.max { selfTimes[$0] < selfTimes[$1] }.flatMap {
            trace.hasTimes ? (OperationNumbers(trace.spans[$0]), selfTimes[$0]) : nil
        }
    }
}

extension SlowestTraces<TraceFacts> {
    /// A row for each trace.
    package func listing(names: NameTable) -> Listing {
        let traces = traces
        let digits = Self.digits(tellingApart: traces.map { "\($0.id)" })
        let hasServices = traces.reduce(into: Set<UInt32>()) { $0.formUnion($1.services) }.count > 1
        func service(_ operation: OperationNumbers?) -> String? { operation.map { names[$0.service] } }
        let root: [Listing.Field<TraceFacts>] = [
            .init("trace_id", "Trace", .identifier(digits: digits)) { .text("\($0.id)") },
            .init("start_unix_ns", "Start", .moment, priority: 1) { Listing.number($0.start) },
            .init("name", "Root", .text) { Listing.text($0.root.map { names[$0.name] }) },
        ]
        let facts: [Listing.Field<TraceFacts>] = [
            .init("duration_ns", "Time", .duration) { Listing.number($0.duration) },
            .init("span_count", "Spans", .count, priority: 6) { Listing.whole($0.spanCount) },
            .init("error_count", "Errors", .count, priority: 5) { Listing.errors($0.errorCount) },
            .init("", "Most self time in", .text, priority: 2, in: .tables) {
                Listing.text(
                    $0.slowest.map { hasServices ? $0.operation.key(names).description : names[$0.operation.name] }
                )
            },
            .init("slowest_name", "", .text, in: .programs) {
                Listing.text($0.slowest.map { names[$0.operation.name] })
            },
            .init("slowest_service", "", .text, in: .programs) { Listing.text(service($0.slowest?.operation)) },
            // If tables contained this column without the span's name, it would be read as the root's self time.
            .init("slowest_self_ns", "Self", .duration, priority: 3) { Listing.number($0.slowest?.selfNanoseconds) },
        ]
        var listing = Listing(
            traces,
            root + Listing.Field.service(isShown: hasServices, priority: 4) { service($0.root) } + facts
        )
        listing.total = count
        return listing
    }

    /// The number of leading digits that are different for all ids, so that each can be passed to `--trace`.
    private static func digits(tellingApart ids: [String]) -> Int {
        let sorted = ids.sorted()
        let shared = zip(sorted, sorted.dropFirst()).map { zip($0, $1).prefix { $0 == $1 }.count }.max() ?? 0
        return max(7, shared + 1)
    }
}
