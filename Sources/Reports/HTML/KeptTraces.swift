import SpanKitRecording

/// The traces whose spans are on the HTML page, in bounded memory.
///
/// Up to a limit, these are all traces. Beyond it, they are the slowest traces, the traces that the groups of errors name, and a random
/// sample of the others.
struct KeptTraces: Sendable {
    struct Entry: Sendable {
        let trace: Trace
        /// The indices of the spans on the page; `nil` for all.
        let shown: Set<Int>?
        /// The size of the spans and their texts in units of one span.
        let weight: Int
        /// Pseudorandom and deterministic, so that equal inputs give equal pages.
        fileprivate let random: UInt64

        var spanCount: Int { shown?.count ?? trace.spans.count }
    }

    /// The number of slow traces that are always kept.
    private static let slowestCount = 20

    private let limit: Int
    private var entries: [Entry] = []
    private var weight = 0
    /// The number of all traces.
    private(set) var traceCount = 0
    /// The number of all spans.
    private(set) var spanCount = 0

    /// - Parameter limit: The maximum number of spans. Long texts count as several spans.
    init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// Whether ``prune(keeping:)`` should be called.
    var isOverfull: Bool { weight > limit && weight - limit > limit }

    /// - Parameter named: The ids of spans that the page refers to, if the trace is too large to be shown whole.
    mutating func add(_ trace: Trace, keeping named: () -> Set<UInt64> = { [] }) {
        traceCount += 1
        spanCount += trace.spans.count
        let shown = trace.spansOfPage(max(1, limit / 2), keeping: named)
        let texts =
            trace.spans.indices.reduce(0) {
                shown?.contains($1) ?? true
                    ? $0 + (trace.spans[$1].pageContent?.byteCount ?? 0) + trace.logs(of: $1).byteCount : $0
            } + trace.logsOutsideSpans.byteCount
        var random = UInt64(traceCount) &* 0x9E37_79B9_7F4A_7C15
        random = (random ^ random >> 31) &* 0xBF58_476D_1CE4_E5B9
        let entry = Entry(
            trace: trace,
            shown: shown,
            weight: (shown?.count ?? trace.spans.count) + texts / 1_024,
            random: random
        )
        weight += entry.weight
        entries.append(entry)
    }

    /// Removes traces until the rest fits into the limit.
    /// - Parameter named: The traces that the page refers to.
    mutating func prune(keeping named: Set<TraceID>) {
        entries = fitting(named)
        weight = entries.reduce(0) { $0 + $1.weight }
    }

    /// The traces that fit into the limit, by start.
    func traces(keeping named: Set<TraceID>) -> [Entry] {
        fitting(named).sorted {
            ($0.trace.start, $0.trace.id.high, $0.trace.id.low) < ($1.trace.start, $1.trace.id.high, $1.trace.id.low)
        }
    }

    private func fitting(_ named: Set<TraceID>) -> [Entry] {
        guard weight > limit else { return entries }
        let durations = entries.map(\.trace.duration).sorted(by: >)
        let slow = durations.count > Self.slowestCount ? durations[Self.slowestCount - 1] : 0
        func priority(_ entry: Entry) -> Int {
            entry.trace.duration >= slow ? 2 : named.contains(entry.trace.id) ? 1 : 0
        }
        var room = limit
        let ranked = entries.map { (priority: priority($0), entry: $0) }
            .sorted { ($1.priority, $1.entry.random) < ($0.priority, $0.entry.random) }
        return ranked.compactMap { ranked in
            // The first one is kept even if its texts are larger than the limit.
            guard ranked.entry.weight <= room || room == limit else { return nil }
            room -= ranked.entry.weight
            return ranked.entry
        }
    }
}

extension ArraySlice<TraceLog> {
    /// The size of the records on the page in bytes.
    fileprivate var byteCount: Int { reduce(0) { $0 + ($1.page?.log.byteCount ?? 0) } }
}

extension Trace {
    /// The indices of the longest spans and their ancestors; `nil` if there are no more spans than the limit.
    func longestSpans(_ limit: Int) -> Set<Int>? { longestSpans(limit, after: []) }

    /// The indices of named spans, of failed ones up to half of the limit, of the longest ones, and of their ancestors; `nil` if there are
    /// no more spans than the limit.
    fileprivate func spansOfPage(_ limit: Int, keeping named: () -> Set<UInt64>) -> Set<Int>? {
        guard spans.count > limit else { return nil }
        let named = named()
        func isNamed(_ place: Int) -> Bool { named.contains(spans[place].spanID) }
        let failed = spans.indices.filter { spans[$0].isError }.sorted {
            isNamed($0) != isNamed($1) ? isNamed($0) : spans[$0].duration > spans[$1].duration
        }
        return longestSpans(limit, after: failed.prefix(max(limit / 2, failed.count(where: isNamed))))
    }

    private func longestSpans(_ limit: Int, after first: some Collection<Int>) -> Set<Int>? {
        guard spans.count > limit else { return nil }
        var shown: Set<Int> = []
        let longest = spans.indices.sorted { spans[$0].duration > spans[$1].duration }
        for place in Array(first) + longest.prefix(max(0, limit - first.count)) {
            var ancestor = place
            while ancestor >= 0, shown.insert(ancestor).inserted { ancestor = parents[ancestor] }
        }
        return shown
    }
}
