/// Which texts are meant: those like one of `included` that are like none of `excluded`.
package struct TextPatterns: Sendable {
    private let included: [WildcardPattern]
    private let excluded: [WildcardPattern]

    /// - Parameter included: empty for all.
    package init(included: [String], excluded: [String]) {
        self.included = included.map(WildcardPattern.init)
        self.excluded = excluded.map(WildcardPattern.init)
    }

    package var description: String {
        func list(_ patterns: [WildcardPattern]) -> String { patterns.map(\.text).joined(separator: "|") }
        let but = excluded.isEmpty ? "" : " not like \(list(excluded))"
        return included.isEmpty
            ? (excluded.isEmpty ? "is there" : String(but.dropFirst())) : "like \(list(included))\(but)"
    }

    package func match(_ text: String) -> Bool {
        (included.isEmpty || included.contains { $0.matches(text) }) && !excluded.contains { $0.matches(text) }
    }
}
