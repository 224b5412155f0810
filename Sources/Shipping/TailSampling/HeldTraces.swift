import SpanKitRecording

/// The traces that are not decided yet, and their ended spans by their places in the span log.
///
/// The spans of a trace are a list in one array for all traces, whose elements are reused. So holding a span allocates no
/// memory once the arrays have grown. ``shrink()`` gives back what a burst needed.
struct HeldTraces {
    /// A span that has ended.
    struct Span {
        var id: UInt64
        var parentID: UInt64
        var place: RecordPlace
    }

    /// Why and since when a trace is held.
    struct Trace {
        let id: TraceID
        /// Why the trace will be kept; nil if no rule has matched.
        var reason: TailSamplingReason?
        let since: ContinuousClock.Instant
        /// The bytes of the log that had been read before its first span.
        let firstByte: Int
        /// Increases with every trace, and identifies the use of the element.
        fileprivate let number: UInt64
        fileprivate var first = none
        fileprivate var last = none
    }

    private struct Element {
        var span: Span
        /// The next span of the trace, or the next free element.
        var next: UInt32
        var isInTree = false
    }

    private static let none = UInt32.max
    /// The number of spans up to which a tree is found by comparing all of them.
    private static let smallTree = 32

    private var numbers = IDTable()
    private var traces: [Trace] = []
    private var freeTraces: [UInt32] = []
    private var elements: [Element] = []
    private var firstFree = none
    private var lastNumber: UInt64 = 0
    /// The held traces, oldest first. Also contains traces that are no longer held.
    private var order = Queue<(trace: UInt32, number: UInt64)>()
    /// The elements of one trace, and the span ids of a tree. Kept for their memory.
    private var members: [UInt32] = []
    private var tree: [UInt64] = []

    /// The number of held spans.
    private(set) var spanCount = 0

    /// The number of spans beyond which arrays are not kept for later: the default of ``TailSampling/maximumSpans``.
    private static let keptCapacity = 100_000

    /// Gives back the memory of a burst, once no span is held.
    mutating func shrink() {
        if spanCount == 0, elements.capacity > 2 * Self.keptCapacity { self = HeldTraces() }
    }

    // MARK: Holding

    /// The held trace with an id.
    func trace(_ id: TraceID) -> Int? { numbers[id].map(Int.init) }

    subscript(trace: Int) -> Trace { traces[trace] }

    /// Sets why a trace will be kept.
    mutating func setReason(_ reason: TailSamplingReason, for trace: Int) { traces[trace].reason = reason }

    /// Adds a trace that is not held yet.
    mutating func insert(_ id: TraceID, since: ContinuousClock.Instant, firstByte: Int) -> Int {
        lastNumber += 1
        let trace = Trace(id: id, since: since, firstByte: firstByte, number: lastNumber)
        let index: UInt32
        if let free = freeTraces.popLast() {
            index = free
            traces[Int(free)] = trace
        } else {
            index = UInt32(traces.count)
            traces.append(trace)
        }
        numbers[id] = index
        order.append((index, lastNumber))
        return Int(index)
    }

    /// Adds a span to a trace.
    mutating func append(_ span: Span, to trace: Int) {
        let element = Element(span: span, next: Self.none)
        let index: UInt32
        if firstFree != Self.none {
            index = firstFree
            firstFree = elements[Int(index)].next
            elements[Int(index)] = element
        } else {
            index = UInt32(elements.count)
            elements.append(element)
        }
        link(index, to: trace)
        spanCount += 1
    }

    private mutating func link(_ element: UInt32, to trace: Int) {
        elements[Int(element)].next = Self.none
        if traces[trace].first == Self.none {
            traces[trace].first = element
        } else {
            elements[Int(traces[trace].last)].next = element
        }
        traces[trace].last = element
    }

    // MARK: Deciding

    /// The oldest held trace, if `isOver`.
    mutating func oldest(where isOver: (Trace) -> Bool) -> Int? {
        while let (trace, number) = order.first {
            let isHeld = traces[Int(trace)].number == number && traces[Int(trace)].first != Self.none
            guard !isHeld || isOver(traces[Int(trace)]) else { return nil }
            _ = order.popFirst()
            if isHeld { return Int(trace) }
        }
        return nil
    }

    /// The place of a trace's oldest span.
    func firstPlace(of trace: Int) -> RecordPlace { elements[Int(traces[trace].first)].span.place }

    /// Removes a trace, and appends the places of its spans to `places`.
    mutating func take(_ trace: Int, _ places: inout [RecordPlace]) {
        var next = traces[trace].first
        while next != Self.none {
            let element = next
            next = elements[Int(element)].next
            places.append(free(element))
        }
        remove(trace)
    }

    /// Removes the spans of the tree below a local root that has ended, and appends their places to `places`.
    ///
    /// The spans that stay are below an open span or another local root. The next local root decides on them.
    mutating func take(treeOf root: UInt64, of trace: Int, _ places: inout [RecordPlace]) {
        members.removeAll(keepingCapacity: true)
        var next = traces[trace].first
        while next != Self.none {
            members.append(next)
            next = elements[Int(next)].next
        }
        guard members.count > 1 else { return take(trace, &places) }
        markTree(of: root)
        traces[trace].first = Self.none
        for element in members {
            if elements[Int(element)].isInTree {
                places.append(free(element))
            } else {
                link(element, to: trace)
            }
        }
        if traces[trace].first == Self.none { remove(trace) }
    }

    /// Marks the members that are in the tree below a root.
    private mutating func markTree(of root: UInt64) {
        guard members.count <= Self.smallTree else { return markLargeTree(of: root) }
        tree.removeAll(keepingCapacity: true)
        tree.append(root)
        // Children usually end before their parents, so the first round finds all of them.
        var found = 0
        repeat {
            found = tree.count
            for member in members.reversed() where !elements[Int(member)].isInTree {
                let span = elements[Int(member)].span
                guard span.id == root || tree.contains(span.parentID) else { continue }
                elements[Int(member)].isInTree = true
                tree.append(span.id)
            }
        } while tree.count > found && tree.count <= members.count
    }

    private mutating func markLargeTree(of root: UInt64) {
        /// The last child of each span, and for each member the child before it.
        var lastChildren = IDTable(capacity: members.count)
        var before = [UInt32](repeating: Self.none, count: members.count)
        tree.removeAll(keepingCapacity: true)
        tree.append(root)
        for (position, member) in members.enumerated() {
            let span = elements[Int(member)].span
            if span.id == root { elements[Int(member)].isInTree = true }
            let parent = TraceID(high: 0, low: span.parentID)
            before[position] = lastChildren[parent] ?? Self.none
            lastChildren[parent] = UInt32(position)
        }
        while let id = tree.popLast() {
            var next = lastChildren[TraceID(high: 0, low: id)] ?? Self.none
            while next != Self.none {
                let child = Int(members[Int(next)])
                if !elements[child].isInTree {
                    elements[child].isInTree = true
                    tree.append(elements[child].span.id)
                }
                next = before[Int(next)]
            }
        }
    }

    private mutating func free(_ element: UInt32) -> RecordPlace {
        elements[Int(element)].next = firstFree
        firstFree = element
        spanCount -= 1
        return elements[Int(element)].span.place
    }

    private mutating func remove(_ trace: Int) {
        traces[trace].first = Self.none
        numbers[traces[trace].id] = nil
        freeTraces.append(UInt32(trace))
    }
}
