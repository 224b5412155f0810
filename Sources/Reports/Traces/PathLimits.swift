import SpanKitSummaries

/// What the critical paths of traces leave out. A path covers the longest root of its trace.
struct PathLimits: Sendable {
    /// The number of traces whose longest root has no start or no end.
    private(set) var untimedTraceCount = 0
    /// The number of spans that are not at or below the longest root of their trace.
    private(set) var detachedCount = 0

    init() {}

    init(_ trace: Trace) {
        _ = root(of: trace)
    }

    /// The longest root; `nil` if it has no start or no end. Counts the spans that are left out.
    mutating func root(of trace: Trace) -> Int? {
        guard let root = trace.mainRoot else { return nil }
        guard trace.spans[root].hasTimes else {
            untimedTraceCount += 1
            return nil
        }
        detachedCount += trace.detachedCount(from: root)
        return root
    }

    /// A sentence for each kind of spans or traces that are left out.
    /// - Parameter comparison: The command that leaves out the same spans, such as `spankit critical`.
    func sentences(asIn comparison: String? = nil) -> [String] {
        var sentences: [String] = []
        if detachedCount > 0 {
            let spans = Readable.count(detachedCount, of: "span", "is", "are")
            sentences.append(
                "\(spans) left out, because only what is below the longest root of a trace is examined"
                    + (comparison.map { ", as in \($0)." } ?? ".")
            )
        }
        if untimedTraceCount > 0 {
            let traces = Readable.count(untimedTraceCount, of: "trace", "is", "are")
            sentences.append("\(traces) left out, because the root has no start or no end.")
        }
        return sentences
    }
}
