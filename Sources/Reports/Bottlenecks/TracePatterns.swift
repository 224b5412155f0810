/// What only shows when spans are seen next to each other: the same call again and again, and calls one after the other that
/// might run side by side. Takes memory by pairs of names, not by spans.
package struct TracePatterns: Sendable {
    /// Children of one name below parents of another.
    struct Repetition: Sendable {
        var parent: UInt32
        var child: UInt32
        /// Parents that have at least one such child.
        var parents = 0
        var children = 0
        /// Children that began while the one before still ran.
        var overlapping = 0
        /// Their time altogether, in nanoseconds.
        var total: UInt64 = 0

        var perParent: Double { parents == 0 ? 0 : Double(children) / Double(parents) }
    }

    /// Two children of one parent, the second beginning when the first has ended.
    struct Sequence: Sendable {
        var first: UInt32
        var second: UInt32
        var count = 0
        /// What running them side by side would have saved: the shorter of the two, in nanoseconds.
        var gain: UInt64 = 0
    }

    private struct Pair: Hashable {
        var left: UInt32
        var right: UInt32
    }

    private static let pairLimit = 20_000
    private var repetitions: [Pair: Repetition] = [:]
    private var sequences: [Pair: Sequence] = [:]
    /// Pairs that ran at the same time at least once.
    private var besides: [Pair: Int] = [:]

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
                if besides.count < Self.pairLimit { besides[pair, default: 0] += 1 }
                continue
            }
            guard sequences[pair] != nil || sequences.count < Self.pairLimit else { continue }
            var entry = sequences[pair] ?? Sequence(first: pair.left, second: pair.right)
            entry.count += 1
            entry.gain += min(first.duration, second.duration)
            sequences[pair] = entry
        }
    }

    /// A name below the same parent at least five times, one after the other: a query in a loop, mostly.
    func repeatedCalls() -> [Repetition] {
        repetitions.values
            .filter { $0.perParent >= 5 && $0.overlapping * 10 < $0.children }
            .sorted { $0.total != $1.total ? $0.total > $1.total : $0.child < $1.child }
    }

    /// Pairs in sequence, with whether they also come the other way round, which shows that neither needs the other.
    func sequentialCalls() -> [(pair: Sequence, orderVaries: Bool)] {
        var found: [(pair: Sequence, orderVaries: Bool)] = []
        for pair in sequences.values {
            let order = Pair(left: pair.first, right: pair.second)
            let reverseOrder = Pair(left: pair.second, right: pair.first)
            guard besides[order] == nil, besides[reverseOrder] == nil else { continue }
            guard let reverse = sequences[reverseOrder] else {
                found.append((pair, false))
                continue
            }
            // One entry for both orders.
            guard pair.first < pair.second else { continue }
            var both = pair
            both.count += reverse.count
            both.gain += reverse.gain
            found.append((both, true))
        }
        return found.sorted { left, right in
            if left.pair.gain != right.pair.gain { return left.pair.gain > right.pair.gain }
            return left.pair.first < right.pair.first
        }
    }
}
