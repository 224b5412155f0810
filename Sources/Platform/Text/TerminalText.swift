extension Unicode.Scalar {
    /// Whether a terminal may obey it: control characters, the marks that reorder text on the screen, and the separators of lines
    /// and paragraphs. What comes from elsewhere is never shown with one in it.
    package var steersTerminal: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029: true
        default: false
        }
    }
}

extension StringProtocol {
    /// The text on one line, with U+FFFD in place of what a terminal would obey.
    package var onOneLine: String {
        var shown = String.UnicodeScalarView()
        for scalar in unicodeScalars { shown.append(scalar.steersTerminal ? "\u{FFFD}" : scalar) }
        return String(shown)
    }

    /// The text as a message about an input may show it: in quotation marks, at most 40 characters, on one line.
    package var quoted: String {
        let longest = 40
        let isCut = !unicodeScalars.dropFirst(longest).isEmpty
        return "'\(String(String.UnicodeScalarView(unicodeScalars.prefix(longest))).onOneLine)\(isCut ? "…" : "")'"
    }
}
