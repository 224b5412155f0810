/// The merged call trees of all traces, with total durations.
package struct FlameTree: Sendable {
    private struct Node: Sendable {
        var name: UInt32
        var parent: Int
        var count = 0
        var own: UInt64 = 0
    }

    /// The maximum number of nodes, which bounds the memory. Further calls are counted as part of their parents.
    static let nodeLimit = 50_000
    /// The fraction of the whole below which ``json(names:smallest:)`` groups nodes.
    package static let smallestShare = 0.0005
    /// The maximum depth. Deeper calls are counted as part of their ancestors at this depth.
    static let deepest = 200

    private struct Key: Hashable {
        var parent: Int
        var name: UInt32
    }

    /// The number of runs that are counted as part of their callers, because there are too many boxes or they are too
    /// deep.
    package private(set) var mergedRunCount = 0
    /// The number of runs without a caller that are left out, because there are too many boxes.
    package private(set) var leftOutRunCount = 0
    private var nodes: [Node] = []
    private var places: [Key: Int] = [:]

    package init() {}

    package mutating func add(_ trace: Trace) {
        let own = trace.selfTimes()
        var path: [Int] = []
        for (place, depth) in trace.preorder() {
            path.removeLast(path.count - min(path.count, depth))
            let parent = path.last ?? -1
            let node =
                depth >= Self.deepest ? parent : self.node(Key(parent: parent, name: trace.spans[place].name)) ?? parent
            path.append(node)
            guard node >= 0 else {
                leftOutRunCount += 1
                continue
            }
            if node == parent { mergedRunCount += 1 }
            if node != parent { nodes[node].count += 1 }
            nodes[node].own += own[place]
        }
    }

    private mutating func node(_ key: Key) -> Int? {
        if let place = places[key] { return place }
        guard nodes.count < Self.nodeLimit else { return nil }
        places[key] = nodes.count
        nodes.append(Node(name: key.name, parent: key.parent))
        return nodes.count - 1
    }

    /// The children of a node that are too small to be written one by one.
    private struct Rest {
        var nodeCount = 0
        var runCount = 0
        var nanoseconds: UInt64 = 0

        /// The JSON of a node without a name. A fifth element is the number of children.
        var json: JSONText {
            .list([
                .string(""), .number(Double(runCount)), .number(Double(nanoseconds)), .list([]),
                .number(Double(nodeCount)),
            ])
        }
    }

    /// The tree as nested lists `[name, count, self time in nanoseconds, children]`, the largest first.
    ///
    /// The small children of a node are combined in the last element: `["", count, self time with callees, [], number
    /// of children]`. So the self times of all elements add up to the whole.
    /// - Parameter smallest: The fraction of the whole below which nodes are small.
    package func json(names: NameTable, smallest: Double = FlameTree.smallestShare) -> JSONText {
        var totals = nodes.map(\.own)
        // Children come after their parents.
        for place in nodes.indices.reversed() where nodes[place].parent >= 0 {
            totals[nodes[place].parent] += totals[place]
        }
        let whole = zip(nodes, totals).reduce(UInt64(0)) { $1.0.parent < 0 ? $0 + $1.1 : $0 }
        let limit = UInt64(Double(whole) * smallest)
        var children: [[JSONText]] = Array(repeating: [], count: nodes.count)
        var roots: [JSONText] = []
        var rests: [Int: Rest] = [:]
        for (place, node) in nodes.enumerated() where totals[place] < limit {
            // All descendants of a small node belong to the same rest as the node.
            guard node.parent < 0 || totals[node.parent] >= limit else { continue }
            rests[node.parent, default: Rest()].nodeCount += 1
            rests[node.parent, default: Rest()].runCount += node.count
            rests[node.parent, default: Rest()].nanoseconds += totals[place]
        }
        func rest(of place: Int) -> [JSONText] {
            rests[place].flatMap { $0.nanoseconds > 0 ? [$0.json] : nil } ?? []
        }
        let order = nodes.indices.sorted { totals[$0] < totals[$1] || totals[$0] == totals[$1] && $0 > $1 }
        // In ascending order, so that all children are complete before their parents. A parent is never smaller than a child.
        for place in order where totals[place] >= limit && totals[place] > 0 {
            let node = nodes[place]
            let entry = JSONText.list([
                .string(names[node.name]), .number(Double(node.count)), .number(Double(node.own)),
                .list(children[place].reversed() + rest(of: place)),
            ])
            children[place] = []
            if node.parent >= 0 { children[node.parent].append(entry) } else { roots.append(entry) }
        }
        return .list(roots.reversed() + rest(of: -1))
    }
}
