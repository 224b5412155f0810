import SpanKitRecording

/// The first spans of a trace for the HTML page, parents before their children.
struct Waterfall: Sendable {
    struct Row: Sendable {
        let span: TraceSpan
        let depth: Int
        let selfNanoseconds: UInt64
        /// The details that the parent does not have.
        let details: String
    }

    private static let longest = 250

    let id: TraceID
    /// The root's number in the ``NameTable``; `nil` for a trace without spans.
    let root: UInt32?
    let start: Int64
    let duration: UInt64
    let spanCount: Int
    let rows: [Row]

    init(_ trace: Trace) {
        id = trace.id
        root = trace.mainRoot.map { trace.spans[$0].name }
        start = trace.start
        duration = trace.duration
        spanCount = trace.spans.count
        let own = trace.selfTimes()
        rows = trace.preorder().prefix(Self.longest).map { place, depth in
            let span = trace.spans[place]
            let parent = trace.parents[place]
            return Row(
                span: span,
                depth: depth,
                selfNanoseconds: own[place],
                details: FoldedDetails.line(span.details ?? "", below: parent < 0 ? nil : trace.spans[parent].details)
            )
        }
    }
}
