extension StringProtocol {
    /// The text without white space and line ends at both ends.
    package func trimmingWhitespace() -> SubSequence {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }

    /// The text for use after a colon: `Permission denied` becomes `permission denied`, and `SSL error` stays as it is.
    package var withLowerCaseStart: String {
        dropFirst().first?.isUppercase == true ? String(self) : prefix(1).lowercased() + dropFirst()
    }
}
