/// The spans that determine how long a trace takes. Shortening any other span would not shorten the trace.
///
/// The path is found backwards from the end of a span. The child that ended last before that moment was on the path; the time
/// after its end belongs to the span itself. The search continues within that child, and then from the child's start (as in
/// Uber's CRISP, USENIX ATC 2022). A child is cut at the start and the end of its parent (as in Jaeger).
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
        /// A child, cut at the start and the end of the time in which its parent is searched.
        struct Child {
            var place: Int
            var start: Int64
            var end: Int64
        }
        /// A span whose time before `until` is not assigned to steps yet, with its remaining children, sorted by end.
        struct Frame {
            var place: Int
            var floor: Int64
            var until: Int64
            var children: [Child]
        }
        func frame(_ place: Int, floor: Int64, until: Int64) -> Frame {
            let children = trace.children(of: place).compactMap { place -> Child? in
                let span = trace.spans[place]
                let child = Child(place: place, start: max(span.start, floor), end: min(span.end, until))
                return span.hasTimes && child.end > child.start ? child : nil
            }
            // The child that ended last is entered first. If two children end together, the one that starts earlier is
            // entered first.
            return Frame(
                place: place,
                floor: floor,
                until: until,
                children: children.sorted { ($0.end, $1.start, $0.place) < ($1.end, $0.start, $1.place) }
            )
        }
        let whole = trace.spans[root]
        var stack = whole.hasTimes ? [frame(root, floor: whole.start, until: whole.end)] : []
        while var current = stack.popLast() {
            var entered = false
            while let child = current.children.popLast() {
                // A child that was still running when the next one started was not waited for.
                guard child.end <= current.until else { continue }
                if child.end < current.until {
                    steps.append(Step(place: current.place, start: child.end, end: current.until))
                }
                current.until = child.start
                stack.append(current)
                stack.append(frame(child.place, floor: child.start, until: child.end))
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
