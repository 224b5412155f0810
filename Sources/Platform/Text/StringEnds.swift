extension StringProtocol {
    /// Without spaces, tabs and line ends around it.
    package func trimmingWhitespace() -> SubSequence {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }

    /// The text as it may follow a colon: `Permission denied` as `permission denied`.
    package var withLowerCaseStart: String { prefix(1).lowercased() + dropFirst() }
}
