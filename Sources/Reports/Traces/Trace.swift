import SpanKitRecording

/// The spans of one trace as a forest.
///
/// Any input results in a forest. A span whose parent is missing is a root, a cycle of parents is cut at its earliest span, and
/// a span that occurs twice counts once. The time is linear in the number of spans, apart from sorting. Nothing recurses.
package struct Trace: Sendable {
    package let id: TraceID
    /// The spans by start; of two that start together, the longer one comes first.
    package let spans: [TraceSpan]
    /// The index of each span's parent; -1 for a root.
    package let parents: [Int]
    /// The number of spans whose parent is missing.
    package let orphanCount: Int
    /// The number of repeated spans.
    package let duplicateCount: Int

    private let childStarts: [Int]
    private let childPlaces: [Int]

    package init(id: TraceID, spans unsorted: [TraceSpan]) {
        self.id = id
        let sorted = unsorted.sorted { left, right in
            left.start != right.start ? left.start < right.start : left.end > right.end
        }
        var places: [UInt64: Int] = [:]
        places.reserveCapacity(sorted.count)
        var spans: [TraceSpan] = []
        spans.reserveCapacity(sorted.count)
        for span in sorted where places[span.spanID] == nil {
            places[span.spanID] = spans.count
            spans.append(span)
        }
        self.spans = spans
        duplicateCount = sorted.count - spans.count
        var parents = spans.map { span in span.parentSpanID == 0 ? -1 : places[span.parentSpanID] ?? -1 }
        orphanCount = zip(spans, parents).count { span, parent in span.parentSpanID != 0 && parent < 0 }
        Self.cutCycles(&parents)
        self.parents = parents
        (childStarts, childPlaces) = Self.children(of: parents)
    }

    /// Makes the earliest span of every cycle a root.
    private static func cutCycles(_ parents: inout [Int]) {
        enum State { case new, underWay, done }
        var states = [State](repeating: .new, count: parents.count)
        var path: [Int] = []
        for start in parents.indices where states[start] == .new {
            var place = start
            while place >= 0, states[place] == .new {
                states[place] = .underWay
                path.append(place)
                place = parents[place]
            }
            if place >= 0, states[place] == .underWay, let first = path.firstIndex(of: place) {
                // Spans are sorted by start, so the smallest index is the earliest span.
                if let earliest = path[first...].min() { parents[earliest] = -1 }
            }
            for place in path { states[place] = .done }
            path.removeAll(keepingCapacity: true)
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

    /// The indices of the roots, by start.
    package var roots: [Int] { parents.indices.filter { parents[$0] < 0 } }

    /// The index of the longest root, whose name is the name of the trace.
    package var mainRoot: Int? { roots.max { spans[$0].duration < spans[$1].duration } }

    /// The earliest start in nanoseconds since 1970-01-01 UTC.
    package var start: Int64 { spans.first?.start ?? 0 }

    /// The time from the earliest start to the latest end in nanoseconds.
    package var duration: UInt64 {
        guard let end = spans.lazy.map(\.end).max() else { return 0 }
        return UInt64(max(0, end - start))
    }

    /// The number of spans with the status error.
    package var errorCount: Int { spans.count { $0.isError } }

    /// The self time of each span in nanoseconds: the time in which none of its children ran.
    ///
    /// Only the part of a child within its parent's time is subtracted. Time in which several children ran is subtracted once.
    package func selfTimes() -> [UInt64] {
        spans.indices.map { place in
            let span = spans[place]
            var covered: Int64 = 0
            var reached = span.start
            for child in children(of: place) {
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
