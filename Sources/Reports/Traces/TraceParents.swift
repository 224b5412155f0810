/// Finds the parents of spans. Several spans may have the same id.
///
/// A server or consumer span that has the id of a client or producer span is its child: systems with Zipkin's model
/// give both the same id. If several spans have the id that a child names, its parent is the one of its own service, or
/// else one that is not a client or producer, or else the earliest.
struct TraceParents {
    /// The earliest two of some spans. The second is used if the first is the child itself.
    private struct Earliest {
        var first = -1
        var second = -1

        mutating func add(_ place: Int) {
            if first < 0 { first = place } else if second < 0 { second = place }
        }

        func other(than place: Int) -> Int? {
            let other = first == place ? second : first
            return other < 0 ? nil : other
        }
    }

    /// The spans with one id.
    private struct Candidates {
        var all = Earliest()
        var notCalling = Earliest()
        var calling = Earliest()
        var ofService: [UInt32: Earliest] = [:]
        var callingOfService: [UInt32: Earliest] = [:]

        mutating func add(_ span: TraceSpan, _ place: Int) {
            all.add(place)
            ofService[span.service, default: Earliest()].add(place)
            if span.calls {
                calling.add(place)
                callingOfService[span.service, default: Earliest()].add(place)
            } else {
                notCalling.add(place)
            }
        }

        func parent(of span: TraceSpan, at place: Int) -> Int? {
            ofService[span.service]?.other(than: place) ?? notCalling.other(than: place) ?? all.other(than: place)
        }

        func caller(of span: TraceSpan, at place: Int) -> Int? {
            callingOfService[span.service]?.other(than: place) ?? calling.other(than: place)
        }
    }

    /// The index of each span's parent; -1 for a root.
    private(set) var parents: [Int] = []
    /// The number of spans whose parent is missing.
    private(set) var orphanCount = 0

    /// - Parameter spans: The spans in order of their start.
    init(of spans: [TraceSpan]) {
        var places: [UInt64: Int] = [:]
        places.reserveCapacity(spans.count)
        var shared: [UInt64: Candidates] = [:]
        for (place, span) in spans.enumerated() {
            guard let first = places[span.spanID] else {
                places[span.spanID] = place
                continue
            }
            if shared[span.spanID] == nil { shared[span.spanID, default: Candidates()].add(spans[first], first) }
            shared[span.spanID]?.add(span, place)
        }
        parents.reserveCapacity(spans.count)
        for (place, span) in spans.enumerated() {
            if span.serves, !shared.isEmpty, let caller = shared[span.spanID]?.caller(of: span, at: place) {
                parents.append(caller)
                continue
            }
            guard span.parentSpanID != 0, let only = places[span.parentSpanID] else {
                if span.parentSpanID != 0 { orphanCount += 1 }
                parents.append(-1)
                continue
            }
            let parent = shared.isEmpty ? only : shared[span.parentSpanID]?.parent(of: span, at: place) ?? only
            parents.append(parent == place ? -1 : parent)
        }
        cutCycles()
    }

    /// Makes the earliest span of every cycle a root.
    private mutating func cutCycles() {
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
}
