import SpanKitRecording

/// The ended spans of a trace that is not decided yet, by their places in the span log.
struct HeldTrace {
    struct Span {
        var id: UInt64
        var parentID: UInt64
        var place: RecordPlace
    }

    var spans: [Span] = []
    /// Why the trace will be kept; nil if no rule has matched.
    var reason: TailSamplingReason?
    /// Increases with every trace.
    let number: UInt64
    let since: ContinuousClock.Instant
    /// The bytes of the log that had been read before its first span.
    let firstByte: Int

    init(number: UInt64, since: ContinuousClock.Instant, firstByte: Int) {
        self.number = number
        self.since = since
        self.firstByte = firstByte
    }

    /// Removes and returns the spans of the tree below a local root that has ended.
    ///
    /// The spans that stay are below an open span or another local root. The next local root decides on them.
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
        let all = zip(spans, isTaken)
        spans = all.filter { !$1 }.map(\.0)
        return all.filter { $1 }.map(\.0)
    }
}

/// Why a span is kept, and with what probability.
struct TailDecision: Hashable {
    var reason: TailSamplingReason
    /// The sampling threshold that its trace has passed (``SamplingState``): 0 if the trace was certain to be kept.
    var threshold: UInt64
    /// Whether a trace state without a threshold means that head sampling kept the trace with certainty.
    var wasCertainBefore: Bool

    /// The trace state with the threshold; nil if the trace state need not change.
    ///
    /// A threshold is never lowered. If the probability of head sampling is unknown, no threshold is added, because
    /// backends would extrapolate wrong counts from it.
    func traceState(instead text: String) -> String? {
        var state = SamplingState(text)
        if let before = state.threshold {
            guard before < threshold else { return nil }
        } else if !wasCertainBefore {
            return nil
        }
        state.raiseThreshold(to: threshold)
        return state.text
    }
}
