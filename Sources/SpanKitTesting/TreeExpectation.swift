extension [EndedSpan] {
    /// Checks that these spans, with their descendants, form a tree.
    ///
    /// ```swift
    /// try recorder.spans.expectTree(
    ///     """
    ///     POST /orders | server
    ///       load_user | db.rows=1
    ///       charge card | error
    ///     """
    /// )
    /// ```
    ///
    /// Each line is the name of a span, optionally followed by checks that are separated by ` | `: a status (`error`, `ok`, `unset`), a
    /// kind (`server`, `client`, …) or an attribute as `key=value`, without quotes. Attributes that a line does not name are not
    /// checked. Children are indented. Every span must be in the tree. Siblings can be in any order.
    /// - Throws: ``SpanExpectationError`` with both trees if they differ. In the expected tree, `-` marks lines without a span. In the
    ///   recorded tree, `+` marks spans without a line.
    public func expectTree(_ expected: String, fileID: String = #fileID, line: UInt = #line) throws {
        do {
            var comparison = TreeComparison()
            comparison.compare(try ExpectedSpan.parse(expected), roots, indent: "")
            guard comparison.differs else { return }
            let lines = comparison.expected.isEmpty ? ["  no span"] : comparison.expected
            throw SpanExpectationError(
                "the spans are not the expected tree\nexpected spans:\n\(lines.joined(separator: "\n"))",
                comparison.recorded,
                of: recorder,
                at: (fileID, line)
            )
        } catch let invalid as ExpectedSpan.InvalidLine {
            let problem = "the expected tree has an invalid line \(invalid.text)"
            throw SpanExpectationError(problem, markedLines, of: recorder, at: (fileID, line))
        }
    }
}

extension EndedSpan {
    /// Checks that this span and its descendants form a tree, as for `[EndedSpan].expectTree`.
    /// - Throws: ``SpanExpectationError`` with both trees if they differ.
    public func expectTree(_ expected: String, fileID: String = #fileID, line: UInt = #line) throws {
        try [self].expectTree(expected, fileID: fileID, line: line)
    }
}

/// The lines of an expected and a recorded tree. Those that have no partner are marked.
private struct TreeComparison {
    var expected: [String] = []
    var recorded: [String] = []
    var differs = false

    mutating func compare(_ lines: [ExpectedSpan], _ spans: [EndedSpan], indent: String) {
        var partners = spans.partners(of: lines)
        // A line without a span that matches as a whole is compared with a span that matches the line itself, or else
        // with a span of the same name.
        for isAlike in [{ $1.matchesLine(of: $0) }, { $0.name == $1.name }] as [(ExpectedSpan, EndedSpan) -> Bool] {
            for (place, line) in lines.enumerated() where partners[place] == nil {
                let taken = Set(partners.values)
                partners[place] = spans.indices.first { !taken.contains($0) && isAlike(line, spans[$0]) }
            }
        }
        var recordedBelow: [Int: (mark: String, lines: [String])] = [:]
        for (place, line) in lines.enumerated() {
            let partner = partners[place]
            let mark = partner.map { spans[$0].matchesLine(of: line) } ?? false ? " " : "-"
            var below = TreeComparison()
            below.compare(line.children, partner.map { spans[$0].children } ?? [], indent: indent + "  ")
            expected += ["\(mark) \(indent)\(line.line)"] + below.expected
            if let partner { recordedBelow[partner] = (mark == " " ? " " : "+", below.recorded) }
            if mark == "-" || below.differs { differs = true }
        }
        for (place, span) in spans.enumerated() {
            let (mark, below) = recordedBelow[place] ?? ("+", span.lines.dropFirst().map { "+ \(indent)\($0)" })
            recorded += ["\(mark) \(indent)\(span)"] + below
            if mark == "+" { differs = true }
        }
    }
}
