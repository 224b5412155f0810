/// Matches texts against patterns to include and patterns to exclude.
package struct TextPatterns: Sendable {
    private let included: [WildcardPattern]
    private let excluded: [WildcardPattern]

    /// - Parameter included: The patterns to include. An empty list includes all texts.
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

    /// Whether the text matches one of the included patterns and none of the excluded ones.
    package func match(_ text: String) -> Bool {
        (included.isEmpty || included.contains { $0.matches(text) }) && !excluded.contains { $0.matches(text) }
    }
}

/// A pattern in which `?` matches one Unicode scalar and `*` matches any number of them.
///
/// Matching takes O(*p* · *t*) time at most, where *p* and *t* are the lengths of the pattern and the text.
package struct WildcardPattern: Sendable {
    let text: String
    private let scalars: [Unicode.Scalar]

    package init(_ text: String) {
        self.text = text
        scalars = Array(text.unicodeScalars)
    }

    package func matches(_ text: String) -> Bool {
        let text = text.unicodeScalars
        var place = text.startIndex
        var position = 0
        // The position of the last `*`, and the end of the text it has matched so far.
        var star: (position: Int, place: String.UnicodeScalarView.Index)?
        while place < text.endIndex {
            let wanted = position < scalars.count ? scalars[position] : nil
            if wanted == "*" {
                star = (position, place)
                position += 1
            } else if wanted == "?" || wanted == text[place] {
                position += 1
                place = text.index(after: place)
            } else if let last = star {
                place = text.index(after: last.place)
                star = (last.position, place)
                position = last.position + 1
            } else {
                return false
            }
        }
        return scalars[position...].allSatisfy { $0 == "*" }
    }
}
