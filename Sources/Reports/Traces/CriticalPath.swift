/// The spans that determine how long a trace takes. Shortening any other span would not shorten the trace.
///
/// The path is found backwards from the end of a span. The child that ended last before that moment was on the path; the time
/// after its end belongs to the span itself. The search continues within that child, and then from the child's start (as in
/// Uber's CRISP, USENIX ATC 2022).
package struct CriticalPath: Sendable {
    /// A period in which one span was on the path.
    package struct Step: Sendable, Equatable {
        /// The span's index in the trace.
        package var place: Int
        /// Nanoseconds since 1970-01-01 UTC.
        package var start: Int64
        /// Nanoseconds since 1970-01-01 UTC.
        package var end: Int64
    }

    /// The steps in order of time. They cover the root without a gap.
    package let steps: [Step]

    /// Finds the path below a root.
    package init(of trace: Trace, root: Int) {
        var steps: [Step] = []
        /// A span whose time before `until` is not divided yet, with its remaining children, sorted by end.
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
                // A child that ended later was not waited for.
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

    /// The time that each span spends on the path, in nanoseconds.
    package func times(spanCount: Int) -> [UInt64] {
        var times = [UInt64](repeating: 0, count: spanCount)
        for step in steps { times[step.place] += UInt64(step.end - step.start) }
        return times
    }
}
