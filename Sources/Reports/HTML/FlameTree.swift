/// The merged call trees of all traces, with total durations.
package struct FlameTree: Sendable {
    private struct Node: Sendable {
        var name: UInt32
        var parent: Int
        var count = 0
        var own: UInt64 = 0
    }

    /// The maximum number of nodes. Calls beyond it count as their parents, which bounds the memory.
    private static let nodeLimit = 50_000
    /// The maximum depth. Deeper calls count as their ancestors at this depth.
    private static let deepest = 200

    private struct Key: Hashable {
        var parent: Int
        var name: UInt32
    }

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
            guard node >= 0 else { continue }
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

    /// The tree as nested lists `[name, count, self time in nanoseconds, children]`, the largest first.
    /// - Parameter smallest: The share of the whole below which nodes are left out.
    package func json(names: NameTable, smallest: Double = 0.0005) -> JSONText {
        var totals = nodes.map(\.own)
        // Children come after their parents.
        for place in nodes.indices.reversed() where nodes[place].parent >= 0 {
            totals[nodes[place].parent] += totals[place]
        }
        let whole = zip(nodes, totals).reduce(UInt64(0)) { $1.0.parent < 0 ? $0 + $1.1 : $0 }
        let limit = UInt64(Double(whole) * smallest)
        var children: [[JSONText]] = Array(repeating: [], count: nodes.count)
        var roots: [JSONText] = []
        let order = nodes.indices.sorted { totals[$0] < totals[$1] || totals[$0] == totals[$1] && $0 > $1 }
        // In ascending order, so that all children are complete before their parents. A parent is never smaller than a child.
        for place in order where totals[place] >= limit && totals[place] > 0 {
            let node = nodes[place]
            let entry = JSONText.list([
                .string(names[node.name]), .number(Double(node.count)), .number(Double(node.own)),
                .list(children[place].reversed()),
            ])
            children[place] = []
            if node.parent >= 0 { children[node.parent].append(entry) } else { roots.append(entry) }
        }
        return .list(roots.reversed())
    }
}
