/// The spans that made a trace take as long as it did: shortening anything else would have changed nothing.
///
/// Going back from the end of a span, the child that ended last before that moment is what was waited for; the time until then
/// was the span's own. Then the same inside that child, and again from its start (as Uber's CRISP, USENIX ATC 2022).
package struct CriticalPath: Sendable {
    /// A piece of time in which one span kept the whole waiting.
    package struct Step: Sendable, Equatable {
        /// The span's place in the trace.
        package var place: Int
        /// Nanoseconds since 1970-01-01 UTC.
        package var start: Int64
        /// Nanoseconds since 1970-01-01 UTC.
        package var end: Int64
    }

    /// By time; together they cover the root without a gap.
    package let steps: [Step]

    /// The path through the tree below a root.
    package init(of trace: Trace, root: Int) {
        var steps: [Step] = []
        /// Spans whose time before `until` is still to be divided, with how many of their children are left, by end.
        struct Frame {
            var place: Int
            var floor: Int64
            var until: Int64
            var children: [Int]
        }
        func frame(_ place: Int, floor: Int64, until: Int64) -> Frame {
            let children = trace.children(of: place).sorted { trace.spans[$0].end < trace.spans[$1].end }
            return Frame(
                place: place,
                floor: max(floor, trace.spans[place].start),
                until: min(until, trace.spans[place].end),
                children: children
            )
        }
        var stack = [frame(root, floor: trace.spans[root].start, until: trace.spans[root].end)]
        while var current = stack.popLast() {
            var entered = false
            while let child = current.children.popLast() {
                let span = trace.spans[child]
                // Ran on after what was waited for had ended: nobody waited for it.
                guard span.end <= current.until, span.end > current.floor, span.duration > 0 else { continue }
                if span.end < current.until {
                    steps.append(Step(place: current.place, start: span.end, end: current.until))
                }
                let inner = frame(child, floor: current.floor, until: span.end)
                current.until = max(current.floor, span.start)
                stack.append(current)
                stack.append(inner)
                entered = true
                break
            }
            if !entered, current.until > current.floor {
                steps.append(Step(place: current.place, start: current.floor, end: current.until))
            }
        }
        self.steps = steps.reversed()
    }

    /// How long each span kept the whole waiting, in nanoseconds.
    package func times(spanCount: Int) -> [UInt64] {
        var times = [UInt64](repeating: 0, count: spanCount)
        for step in steps { times[step.place] += UInt64(step.end - step.start) }
        return times
    }
}
