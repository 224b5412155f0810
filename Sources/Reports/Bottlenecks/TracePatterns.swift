/// Finds repeated calls and consecutive calls that might run in parallel.
///
/// The memory grows with the number of pairs of names, not of spans.
package struct TracePatterns: Sendable {
    /// Children of one name below parents of another.
    struct Repetition: Sendable {
        var parent: UInt32
        var child: UInt32
        /// The number of parents with at least one such child.
        var parents = 0
        var children = 0
        /// The number of children that started before the previous one ended.
        var overlapping = 0
        /// The total duration of the children in nanoseconds.
        var total: UInt64 = 0

        var perParent: Double { parents == 0 ? 0 : Double(children) / Double(parents) }
    }

    /// Two children of one parent, of which the second starts after the first has ended.
    struct Sequence: Sendable {
        var first: UInt32
        var second: UInt32
        /// The time that running both in parallel would save: the sum of the shorter ones, in nanoseconds.
        var gain: UInt64 = 0
    }

    private struct Pair: Hashable {
        var left: UInt32
        var right: UInt32
    }

    private static let pairLimit = 20_000
    private var repetitions: [Pair: Repetition] = [:]
    private var sequences: [Pair: Sequence] = [:]
    /// The pairs that overlapped at least once.
    private var overlaps: Set<Pair> = []

    package init() {}

    package mutating func add(_ trace: Trace) {
        for parent in trace.spans.indices {
            let children = trace.children(of: parent)
            if children.isEmpty { continue }
            addRepetitions(trace, parent, children)
            addSequences(trace, children)
        }
    }

    private mutating func addRepetitions(_ trace: Trace, _ parent: Int, _ children: ArraySlice<Int>) {
        var ends: [UInt32: Int64] = [:]
        for place in children {
            let child = trace.spans[place]
            let pair = Pair(left: trace.spans[parent].name, right: child.name)
            guard repetitions[pair] != nil || repetitions.count < Self.pairLimit else { continue }
            var entry = repetitions[pair] ?? Repetition(parent: pair.left, child: pair.right)
            if let end = ends[child.name] {
                if child.start < end { entry.overlapping += 1 }
            } else {
                entry.parents += 1
            }
            entry.children += 1
            entry.total += child.duration
            ends[child.name] = max(ends[child.name] ?? .min, child.end)
            repetitions[pair] = entry
        }
    }

    private mutating func addSequences(_ trace: Trace, _ children: ArraySlice<Int>) {
        for (left, right) in zip(children, children.dropFirst()) {
            let (first, second) = (trace.spans[left], trace.spans[right])
            guard first.name != second.name else { continue }
            let pair = Pair(left: first.name, right: second.name)
            if second.start < first.end {
                if overlaps.count < Self.pairLimit { overlaps.insert(pair) }
                continue
            }
            guard sequences[pair] != nil || sequences.count < Self.pairLimit else { continue }
            var entry = sequences[pair] ?? Sequence(first: pair.left, second: pair.right)
            entry.gain += min(first.duration, second.duration)
            sequences[pair] = entry
        }
    }

    /// Operations that are called at least five times in a row below the same parent, such as a query in a loop.
    func repeatedCalls() -> [Repetition] {
        repetitions.values
            .filter { $0.perParent >= 5 && $0.overlapping * 10 < $0.children }
            .sorted { $0.total != $1.total ? $0.total > $1.total : $0.child < $1.child }
    }

    /// Pairs of consecutive calls. If their order varies, neither needs the result of the other.
    func sequentialCalls() -> [(pair: Sequence, orderVaries: Bool)] {
        var found: [(pair: Sequence, orderVaries: Bool)] = []
        for pair in sequences.values {
            let order = Pair(left: pair.first, right: pair.second)
            let reverseOrder = Pair(left: pair.second, right: pair.first)
            guard !overlaps.contains(order), !overlaps.contains(reverseOrder) else { continue }
            guard let reverse = sequences[reverseOrder] else {
                found.append((pair, false))
                continue
            }
            // One entry for both orders.
            guard pair.first < pair.second else { continue }
            var both = pair
            both.gain += reverse.gain
            found.append((both, true))
        }
        return found.sorted { left, right in
            if left.pair.gain != right.pair.gain { return left.pair.gain > right.pair.gain }
            return left.pair.first < right.pair.first
        }
    }
}
