import SpanKitRecording

/// The spans of one trace as a forest.
///
/// Any input results in a forest. A span whose parent is missing is a root, and a cycle of parents is cut at its
/// earliest span. ``TraceParents`` describes how parents are found. The time is linear in the number of spans, apart
/// from sorting. No function is recursive.
package struct Trace: Sendable {
    package let id: TraceID
    /// The spans by start; of two that start together, the longer one comes first. Spans without times are at the end.
    package private(set) var spans: [TraceSpan]
    /// The index of each span's parent; -1 for a root.
    package let parents: [Int]
    /// The number of spans whose parent is missing.
    package let orphanCount: Int
    /// The number of repeated spans, which were left out.
    package let duplicateCount: Int

    private let logs: TraceLogs
    private let childStarts: [Int]
    private let childPlaces: [Int]

    package init(
        id: TraceID,
        spans unsorted: [TraceSpan],
        duplicateCount: Int = 0,
        logs: [TraceLog] = [],
        names: NameTable? = nil
    ) {
        self.id = id
        var spans = unsorted.sorted { Self.precedes($0, $1, names) }
        Self.placeUntimed(&spans)
        self.logs = TraceLogs(logs, of: spans)
        if !logs.isEmpty { for place in spans.indices { spans[place].apply(self.logs.at(place)) } }
        self.spans = spans
        self.duplicateCount = duplicateCount
        let found = TraceParents(of: spans)
        parents = found.parents
        orphanCount = found.orphanCount
        (childStarts, childPlaces) = Self.children(of: parents)
    }

    /// Whether a span comes before another one. Spans are sorted by start. If two start together, the longer one comes
    /// first. Spans without times come last.
    ///
    /// The remaining comparisons make the result independent of the order of the input.
    private static func precedes(_ left: TraceSpan, _ right: TraceSpan, _ names: NameTable?) -> Bool {
        if left.hasTimes != right.hasTimes { return left.hasTimes }
        if left.start != right.start { return left.start < right.start }
        if left.end != right.end { return left.end > right.end }
        if let names {
            let (one, other) = (names[left.service].utf8, names[right.service].utf8)
            if left.service != right.service { return one.lexicographicallyPrecedes(other) }
            if left.name != right.name {
                return names[left.name].utf8.lexicographicallyPrecedes(names[right.name].utf8)
            }
        }
        if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue }
        if left.isError != right.isError { return right.isError }
        return left.spanID < right.spanID
    }

    /// Places spans without times within the trace, so that they do not extend it.
    private static func placeUntimed(_ spans: inout [TraceSpan]) {
        guard let last = spans.last, !last.hasTimes else { return }
        let timed = spans.lazy.filter(\.hasTimes)
        let start = timed.first?.start ?? spans.lazy.map { max($0.start, $0.end) }.max() ?? 0
        let end = timed.map(\.end).max() ?? start
        for place in spans.indices where !spans[place].hasTimes {
            let known = max(spans[place].start, spans[place].end)
            spans[place].start = min(max(known, start), end)
            spans[place].end = spans[place].start
        }
    }

    /// All children by parent and start in one list, and for each span the start of its children in that list.
    private static func children(of parents: [Int]) -> (starts: [Int], places: [Int]) {
        var starts = [Int](repeating: 0, count: parents.count + 1)
        for parent in parents where parent >= 0 { starts[parent + 1] += 1 }
        for place in parents.indices { starts[place + 1] += starts[place] }
        var next = starts
        var places = [Int](repeating: 0, count: starts.last ?? 0)
        for (place, parent) in parents.enumerated() where parent >= 0 {
            places[next[parent]] = place
            next[parent] += 1
        }
        return (starts, places)
    }

    /// The indices of a span's children, by start.
    package func children(of place: Int) -> ArraySlice<Int> {
        childPlaces[childStarts[place]..<childStarts[place + 1]]
    }

    /// The log records of a span by time. Those without a time are at the end.
    package func logs(of place: Int) -> ArraySlice<TraceLog> { logs.at(place) }

    /// The log records of the trace without a span, or whose span is missing.
    package var logsOutsideSpans: ArraySlice<TraceLog> { logs.at(spans.count) }

    /// The number of log records.
    package var logCount: Int { logs.records.count }

    /// The number of repeated log records, which were left out.
    package var repeatedLogCount: Int { logs.repeatedCount }

    /// The indices of the roots, by start.
    package var roots: [Int] { parents.indices.filter { parents[$0] < 0 } }

    /// The index of the longest root, whose name is the name of the trace; the earliest of several.
    package var mainRoot: Int? { roots.max { spans[$0].duration < spans[$1].duration } }

    /// The earliest start in nanoseconds since 1970-01-01 UTC.
    package var start: Int64 { spans.first?.start ?? 0 }

    /// The time from the earliest start to the latest end in nanoseconds.
    package var duration: UInt64 {
        guard let end = spans.lazy.filter(\.hasTimes).map(\.end).max() else { return 0 }
        return UInt64(max(0, end - start))
    }

    /// Whether at least one span has times.
    package var hasTimes: Bool { spans.first?.hasTimes == true }

    /// The duration; `nil` if no span has times.
    package var timedDuration: UInt64? { hasTimes ? duration : nil }

    /// The number of spans that are not at or below a root.
    func detachedCount(from root: Int) -> Int {
        guard roots.count > 1 else { return 0 }
        var found = [root]
        var next = 0
        while next < found.count {
            found += children(of: found[next])
            next += 1
        }
        return spans.count - found.count
    }

    /// The number of spans without a start or without an end.
    package var untimedCount: Int { spans.count - (spans.firstIndex { !$0.hasTimes } ?? spans.count) }

    /// Whether a ``SpanSelection`` contains a span of the trace.
    package var hasSelection: Bool { spans.contains(where: \.isSelected) }

    /// The trace with all of its spans selected.
    package var selectingAll: Trace {
        var trace = self
        for place in trace.spans.indices { trace.spans[place].isSelected = true }
        return trace
    }

    /// The number of spans that failed.
    package var errorCount: Int { spans.count { $0.isError } }

    /// The self time of each span in nanoseconds: the time in which none of its children ran.
    ///
    /// Only the part of a child within its parent's time is subtracted. Time in which several children ran is subtracted once. The
    /// self time of a span without times is 0.
    package func selfTimes() -> [UInt64] {
        spans.indices.map { place in
            let span = spans[place]
            var covered: Int64 = 0
            var reached = span.start
            for child in children(of: place) where span.hasTimes && spans[child].hasTimes {
                let from = max(spans[child].start, reached)
                let to = min(spans[child].end, span.end)
                if to > from {
                    covered += to - from
                    reached = to
                }
            }
            return span.duration - UInt64(covered)
        }
    }

    /// The index and depth of every span, parents before their children, children by start.
    package func preorder() -> [(place: Int, depth: Int)] {
        var order: [(place: Int, depth: Int)] = []
        order.reserveCapacity(spans.count)
        var stack = roots.reversed().map { (place: $0, depth: 0) }
        while let next = stack.popLast() {
            order.append(next)
            for child in children(of: next.place).reversed() { stack.append((child, next.depth + 1)) }
        }
        return order
    }
}
