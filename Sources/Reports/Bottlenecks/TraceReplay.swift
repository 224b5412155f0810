/// Computes how much shorter a trace would be if some of its work took less time.
///
/// The trace is replayed as a program. Its rules follow from the ``CriticalPath``, which is one way through the same program
/// (Coz, SOSP 2015, calls the result of such an experiment a virtual speedup; CRISP, USENIX ATC 2022, describes the path):
///
/// - A span runs from event to event. An event is the start of a child, the end of a child, or the span's own end.
/// - Time before the start of a child, and before the span's own end, is the span's own work. It can take less time.
/// - Time before the end of a child is a wait for that child. A span that waits has no work of its own.
/// - Everything that follows the end of a child needs its result. A child that starts after a sibling has ended
///   therefore waits for this sibling. If children overlap, the time between their starts stays the same.
/// - A child that ends after its parent was not waited for. Shortening it gains nothing, and neither does shortening
///   the work that the parent does while the child runs, because the critical path gives that time to the child. There
///   is one exception: if a server's span is not longer than its client's span, the client waited for it, even if it
///   ends later. In that case the clocks of the two hosts differ (the assumption of Jaeger's clock skew adjuster).
///
/// Children are cut at the start and the end of their parent, as for the ``CriticalPath``. Spans without times are
/// ignored.
struct TraceReplay {
    /// A point in a span's time.
    private struct Event {
        /// The child that starts or ends; -1 for the end of the span itself.
        var child: Int
        var isEnd: Bool
        /// The nanoseconds since the previous event; 0 before the end of a child.
        var delay: Int64
        /// Whether the delay is work of the span that could take less time.
        var isOwn: Bool
    }

    /// A span whose own work changes.
    struct Change {
        /// The span's index in the trace.
        var place: Int
        /// The number by which the span's own work is divided; 0 if the work takes no time at all.
        var divisor: Int64
    }

    /// The duration of the root in nanoseconds.
    let wholeNanoseconds: Int64
    /// The spans at or below the root that take time, parents before their children.
    let places: [Int]
    /// The number of spans that ended after their parent, which did not wait for them.
    private(set) var unawaitedCount = 0

    private let parents: [Int]
    private let root: Int
    /// The position of each span in ``places``; -1 for the others.
    private var ranks: [Int]
    private var events: [Event] = []
    /// The range of each span's events.
    private var ranges: [Range<Int>]
    private let originals: [Int64]

    // The state of a replay, which is empty between replays.
    private var lengths: [Int64]
    private var begins: [Int64]
    private var divisors: [Int64]
    private var startsEarly: [Bool]
    private var isAffected: [Bool]

    /// - Parameter root: The index of a root of the trace.
    init(of trace: Trace, root: Int) {
        let count = trace.spans.count
        self.root = root
        parents = trace.parents
        ranks = Array(repeating: -1, count: count)
        ranges = Array(repeating: 0..<0, count: count)
        begins = Array(repeating: 0, count: count)
        divisors = Array(repeating: 1, count: count)
        startsEarly = Array(repeating: false, count: count)
        isAffected = startsEarly
        var cuts = [(start: Int64, end: Int64)](repeating: (0, 0), count: count)
        var places: [Int] = []
        let whole = trace.spans[root]
        if whole.hasTimes, whole.end > whole.start {
            cuts[root] = (whole.start, whole.end)
            places.append(root)
        }
        var next = 0
        var unawaited = 0
        var events: [Event] = []
        while next < places.count {
            let place = places[next]
            ranks[place] = next
            next += 1
            let (start, end) = cuts[place]
            var children: [Int] = []
            for child in trace.children(of: place) {
                let span = trace.spans[child]
                let cut = (start: max(span.start, start), end: min(span.end, end))
                guard span.hasTimes, cut.end > cut.start else { continue }
                cuts[child] = cut
                children.append(child)
            }
            places += children
            let first = events.count
            unawaited += Self.add(children, of: place, in: trace, cuts, to: &events)
            ranges[place] = first..<events.count
        }
        self.events = events
        self.places = places
        unawaitedCount = unawaited
        originals = cuts.map { $0.end - $0.start }
        lengths = originals
        wholeNanoseconds = originals[root]
    }

    /// Appends the events of a span, and returns the number of children that it did not wait for.
    private static func add(
        _ children: [Int],
        of place: Int,
        in trace: Trace,
        _ cuts: [(start: Int64, end: Int64)],
        to events: inout [Event]
    ) -> Int {
        let awaited = children.filter { trace.spans[$0].isAwaited(by: trace.spans[place]) }
        let ends = awaited.sorted { (cuts[$0].end, $0) < (cuts[$1].end, $1) }
        var moment = cuts[place].start
        let end = cuts[place].end
        var hasUnawaited = false
        var ended = 0
        func ending(by limit: Int64) {
            // If a child ends when another one starts, the end comes first.
            while ended < ends.count, cuts[ends[ended]].end <= limit {
                moment = cuts[ends[ended]].end
                events.append(Event(child: ends[ended], isEnd: true, delay: 0, isOwn: false))
                ended += 1
            }
        }
        // Sorted by start. Cutting does not change this order.
        for child in children {
            let start = cuts[child].start
            ending(by: start)
            events.append(Event(child: child, isEnd: false, delay: start - moment, isOwn: !hasUnawaited))
            moment = start
            if !trace.spans[child].isAwaited(by: trace.spans[place]) { hasUnawaited = true }
        }
        ending(by: end)
        events.append(Event(child: -1, isEnd: false, delay: end - moment, isOwn: !hasUnawaited))
        return children.count - awaited.count
    }

    /// The own work of a span in nanoseconds.
    func ownNanoseconds(of place: Int) -> Int64 {
        events[ranges[place]].reduce(0) { $0 + ($1.isOwn ? $1.delay : 0) }
    }

    /// The nanoseconds by which the trace would be shorter.
    ///
    /// Computing it takes time linear in the number of events of the changed spans and of their ancestors.
    /// - Parameters:
    ///   - changes: The spans whose own work changes.
    ///   - early: The spans that start together with the preceding sibling instead of after its end.
    mutating func shortening(_ changes: [Change], early: [Int] = []) -> UInt64 {
        var affected: [Int] = []
        func affect(_ place: Int) {
            var place = place
            while place >= 0, ranks[place] >= 0, !isAffected[place] {
                isAffected[place] = true
                affected.append(place)
                place = parents[place]
            }
        }
        for change in changes {
            divisors[change.place] = change.divisor
            affect(change.place)
        }
        for place in early {
            startsEarly[place] = true
            affect(parents[place])
        }
        // Children before their parents.
        affected.sort { ranks[$0] > ranks[$1] }
        for place in affected { lengths[place] = length(of: place) }
        let shortened = wholeNanoseconds - lengths[root]
        for place in affected {
            lengths[place] = originals[place]
            isAffected[place] = false
        }
        for change in changes { divisors[change.place] = 1 }
        for place in early { startsEarly[place] = false }
        return UInt64(max(0, shortened))
    }

    /// The quotient, rounded up so that the gain is never too large.
    private static func divided(_ time: Int64, by divisor: Int64) -> Int64 {
        divisor == 0 ? 0 : time / divisor + (time % divisor == 0 ? 0 : 1)
    }

    /// The time from start to end of a span whose children have their new lengths.
    private mutating func length(of place: Int) -> Int64 {
        var now: Int64 = 0
        /// The time without the child that started last.
        var withoutLast: Int64 = 0
        var last = -1
        let divisor = divisors[place]
        for event in events[ranges[place]] {
            if event.isEnd {
                let end = begins[event.child] + lengths[event.child]
                now = max(now, end)
                if event.child != last { withoutLast = max(withoutLast, end) }
                continue
            }
            now += event.isOwn ? Self.divided(event.delay, by: divisor) : event.delay
            guard event.child >= 0 else { break }
            begins[event.child] = startsEarly[event.child] ? withoutLast : now
            withoutLast = now
            last = event.child
        }
        return now
    }
}

extension TraceSpan {
    /// Whether the parent waited for the end of this child.
    fileprivate func isAwaited(by parent: TraceSpan) -> Bool {
        guard end > parent.end else { return true }
        return parent.kind == .client && kind == .server && duration <= parent.duration
    }
}
