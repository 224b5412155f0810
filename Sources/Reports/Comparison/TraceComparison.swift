import SpanKitPlatform

/// Two traces side by side: their spans by path, which is the names of a span and of its ancestors.
package struct TraceComparison: Sendable {
    /// The spans of one path in one trace.
    private struct Side {
        var count = 0
        var nanoseconds: UInt64 = 0
        var own: UInt64 = 0
        var errorCount = 0

        var json: JSONText {
            .object([
                ("count", .count(count)), ("duration", .count(nanoseconds)), ("self", .count(own)),
                ("errors", .count(errorCount)),
            ])
        }
    }

    private struct Node {
        var name: String
        var sides = (first: Side(), second: Side())
        /// The nodes below it, in the order of their first spans.
        var children: [Int] = []
    }

    private struct Key: Hashable {
        var parent: Int
        var name: ByteText
    }

    /// The number of paths that are listed. The spans of further ones count in none.
    package static let pathLimit = 20_000

    /// Whether further paths were left out.
    package private(set) var isFull = false
    private var nodes = [Node(name: "")]
    private var places: [Key: Int] = [:]

    /// - Parameter names: The names of both traces.
    package init(_ first: Trace, _ second: Trace, names: NameTable) {
        add(first, names, \.sides.first)
        add(second, names, \.sides.second)
    }

    private mutating func add(_ trace: Trace, _ names: NameTable, _ side: WritableKeyPath<Node, Side>) {
        let own = trace.selfTimes()
        var nodeOfSpan = [Int](repeating: -1, count: trace.spans.count)
        for (place, _) in trace.preorder() {
            let span = trace.spans[place]
            let parent = trace.parents[place] < 0 ? 0 : nodeOfSpan[trace.parents[place]]
            guard parent >= 0, let node = node(below: parent, names[span.name]) else { continue }
            nodeOfSpan[place] = node
            nodes[node][keyPath: side].count += 1
            nodes[node][keyPath: side].nanoseconds &+= span.duration
            nodes[node][keyPath: side].own &+= own[place]
            if span.isError { nodes[node][keyPath: side].errorCount += 1 }
        }
    }

    private mutating func node(below parent: Int, _ name: String) -> Int? {
        let key = Key(parent: parent, name: ByteText(name))
        if let known = places[key] { return known }
        guard nodes.count <= Self.pathLimit else {
            isFull = true
            return nil
        }
        places[key] = nodes.count
        nodes[parent].children.append(nodes.count)
        nodes.append(Node(name: name))
        return nodes.count - 1
    }

    /// A row for each path, parents before their children.
    package var rows: JSONText {
        var rows: [JSONText] = []
        var stack = nodes[0].children.reversed().map { (place: $0, path: [JSONText]()) }
        while let (place, above) = stack.popLast() {
            let node = nodes[place]
            let path = above + [.string(node.name)]
            rows.append(
                .object([("path", .list(path)), ("a", node.sides.first.json), ("b", node.sides.second.json)])
            )
            stack += node.children.reversed().map { ($0, path) }
        }
        return .list(rows)
    }
}
