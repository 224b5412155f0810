import SpanKitRecording

/// What a list of traces tells of one.
package struct TraceFacts: Sendable {
    let id: TraceID
    let duration: UInt64
    let spanCount: Int
    let errorCount: Int
    /// A number of the ``NameTable``; nil for a trace without spans.
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
        var listing = Listing([
            .init("traceId", "Trace", .identifier(digits: digits)), .init("name", "Root", .text),
            .init("durationNanoseconds", "Time", .duration), .init("spanCount", "Spans", .count, priority: 4),
            .init("errorCount", "Errors", .count, priority: 3),
            .init("slowestName", "Most self time in", .text, priority: 1),
            // Without that name it would read as the root's.
            .init("slowestSelfNanoseconds", "Self", .duration, priority: 2),
        ])
        for trace in traces {
            listing.rows.append([
                .text("\(trace.id)"), .text(trace.root.map { names[$0] } ?? ""),
                Listing.whole(trace.duration), Listing.whole(trace.spanCount),
                Listing.whole(trace.errorCount, trace.errorCount > 0 ? .bad : .quiet),
                .text(trace.slowest.map { names[$0.name] } ?? ""), Listing.whole(trace.slowest?.selfNanoseconds ?? 0),
            ])
        }
        return listing
    }

    /// As many as the beginnings of these ids need to differ, so that each finds its trace with `--trace`.
    private static func digits(tellingApart ids: [String]) -> Int {
        let sorted = ids.sorted()
        let shared = zip(sorted, sorted.dropFirst()).map { zip($0, $1).prefix { $0 == $1 }.count }.max() ?? 0
        return max(7, shared + 1)
    }
}
