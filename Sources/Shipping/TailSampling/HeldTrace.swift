import SpanKitRecording

/// The ended spans of a trace that is not decided. They stay in the span log; this is where.
struct HeldTrace {
    struct Span {
        var id: UInt64
        var parentID: UInt64
        var place: RecordPlace
    }

    var spans: [Span] = []
    /// Why it will be kept, if it will.
    var reason: TailSamplingReason?
    /// Counts up with every trace that comes.
    let number: UInt64
    let since: ContinuousClock.Instant
    /// Bytes of the log that had been looked at when its first span came.
    let firstByte: Int

    init(number: UInt64, since: ContinuousClock.Instant, firstByte: Int) {
        self.number = number
        self.since = since
        self.firstByte = firstByte
    }

    /// Takes out the spans that hang together with a local root that has ended: all that led to it.
    ///
    /// What stays hangs below spans that are open, or below another local root: the next one decides on it.
    mutating func takeTree(of root: UInt64) -> [Span] {
        guard spans.count > 1 else {
            defer { spans = [] }
            return spans
        }
        var children: [UInt64: [Int]] = [:]
        for (position, span) in spans.enumerated() { children[span.parentID, default: []].append(position) }
        var isTaken = [Bool](repeating: false, count: spans.count)
        for (position, span) in spans.enumerated() where span.id == root { isTaken[position] = true }
        var next = [root]
        while let id = next.popLast() {
            for position in children[id] ?? [] where !isTaken[position] {
                isTaken[position] = true
                next.append(spans[position].id)
            }
        }
        var taken: [Span] = []
        var left: [Span] = []
        for (position, span) in spans.enumerated() {
            if isTaken[position] { taken.append(span) } else { left.append(span) }
        }
        spans = left
        return taken
    }
}
