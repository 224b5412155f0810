/// A line of an expected tree with the lines below it.
struct ExpectedSpan {
    let line: String
    let name: String
    /// What has to be true of the span besides its name, such as `error` or `db.rows=1`.
    let checks: [String]
    private(set) var children: [ExpectedSpan] = []

    struct InvalidLine: Error { let text: String }

    private static let words = ["error", "ok", "unset", "internal", "server", "client", "producer", "consumer"]

    private init(_ line: Substring) throws(InvalidLine) {
        let parts = line.split(separator: " | ", omittingEmptySubsequences: false).map(String.init)
        (self.line, name, checks) = (String(line), parts[0], Array(parts.dropFirst()))
        for check in checks where !check.contains("=") && !Self.words.contains(check) {
            let words = Self.words.joined(separator: ", ")
            throw InvalidLine(text: "'\(line)': '\(check)' is neither key=value nor one of \(words)")
        }
    }

    /// Reads an expected tree. A line with more spaces in front than the line above it is its child.
    static func parse(_ text: String) throws(InvalidLine) -> [ExpectedSpan] {
        var roots: [ExpectedSpan] = []
        var open: [(indent: Int, span: ExpectedSpan)] = []
        func close(_ indent: Int) {
            while let last = open.last, last.indent >= indent {
                open.removeLast()
                if open.isEmpty {
                    roots.append(last.span)
                } else {
                    open[open.count - 1].span.children.append(last.span)
                }
            }
        }
        for line in text.split(separator: "\n") {
            let content = line.drop { $0 == " " }
            guard !content.isEmpty else { continue }
            close(line.count - content.count)
            open.append((line.count - content.count, try ExpectedSpan(content)))
        }
        close(0)
        return roots
    }
}

extension EndedSpan {
    /// The lines of the span and its descendants.
    var lines: [String] { [description] + children.flatMap { $0.lines.map { "  \($0)" } } }

    /// What an expected line can check.
    private var facts: [String] {
        let status =
            switch record.status {
            case .unset: "unset"
            case .ok: "ok"
            case .error: "error"
            }
        return ["\(record.kind)", status] + record.attributes.map { "\($0.key)=\($0.value.text)" }
    }

    /// The span as a line of an expected tree: the name, the kind, the status and all attributes, without the children.
    /// The kind `internal` and the status `unset` are left out.
    public var description: String {
        ([record.name] + facts.enumerated().filter { $0 > 1 || !["internal", "unset"].contains($1) }.map(\.element))
            .joined(separator: " | ")
    }

    /// Whether the span is as the line says, regardless of its children.
    func matchesLine(of expected: ExpectedSpan) -> Bool {
        record.name == expected.name && Set(facts).isSuperset(of: expected.checks)
    }

    fileprivate func matches(_ expected: ExpectedSpan) -> Bool {
        matchesLine(of: expected) && children.count == expected.children.count
            && children.partners(of: expected.children).count == children.count
    }
}

extension [EndedSpan] {
    /// Assigns a matching span to as many of the expected trees as possible, in any order. The keys are positions of
    /// expected trees, and the values are positions of spans.
    func partners(of expected: [ExpectedSpan]) -> [Int: Int] {
        let candidates = expected.map { line in indices.filter { self[$0].matches(line) } }
        var lines: [Int: Int] = [:]
        // Takes a span from another line if that line matches a further span (augmenting paths).
        func assign(_ line: Int, _ visited: inout Set<Int>) -> Bool {
            for candidate in candidates[line] where visited.insert(candidate).inserted {
                let other = lines[candidate]
                if other == nil || other.map({ assign($0, &visited) }) == true {
                    lines[candidate] = line
                    return true
                }
            }
            return false
        }
        for line in expected.indices {
            var visited: Set<Int> = []
            _ = assign(line, &visited)
        }
        return Dictionary(uniqueKeysWithValues: lines.map { ($0.value, $0.key) })
    }
}
