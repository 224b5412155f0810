extension StringProtocol {
    /// The text without white space and line ends at both ends.
    package func trimmingWhitespace() -> SubSequence {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }

    /// The text in the form that follows a colon: `Permission denied` becomes `permission denied`.
    package var withLowerCaseStart: String { prefix(1).lowercased() + dropFirst() }
}
