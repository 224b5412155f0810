extension Trace {
    /// The calls of language models, for whoever counts them.
    ///
    /// A call within a call, as two libraries may tell of the same, counts once: the outer one. What holds calls, such as an
    /// agent, is none (``ModelCallFacts``).
    package func forEachModelCall(_ body: (ModelCallFacts, TraceSpan) -> Void) {
        guard spans.contains(where: { $0.call != nil }) else { return }
        var isWithin = [Bool](repeating: false, count: spans.count)
        for (place, _) in preorder() {
            let parent = parents[place]
            isWithin[place] = parent >= 0 && (isWithin[parent] || spans[parent].call != nil)
            if !isWithin[place], let call = spans[place].call { body(call, spans[place]) }
        }
    }
}
