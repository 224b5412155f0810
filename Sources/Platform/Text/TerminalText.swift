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

extension String {
    /// The text as a message about somebody's input may show it: in quotation marks, short, with nothing in it that a terminal
    /// would obey.
    package var quoted: String {
        let longest = 40
        var shown = "'"
        for scalar in unicodeScalars.prefix(longest) {
            shown.unicodeScalars.append(scalar.steersTerminal ? "\u{FFFD}" : scalar)
        }
        return shown + (unicodeScalars.dropFirst(longest).isEmpty ? "'" : "…'")
    }
}
