extension Unicode.Scalar {
    /// Whether a terminal may act on the character: a control character, a mark that reorders text, or a line or
    /// paragraph separator.
    ///
    /// Such characters are replaced before text from other programs is shown.
    package var steersTerminal: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029: true
        default: false
        }
    }
}

extension StringProtocol {
    /// The text on one line, with U+FFFD for each character that a terminal would act on.
    package var onOneLine: String {
        var shown = String.UnicodeScalarView()
        for scalar in unicodeScalars { shown.append(scalar.steersTerminal ? "\u{FFFD}" : scalar) }
        return String(shown)
    }

    /// The text for quoting in a message: in quotation marks, on one line, cut after 40 characters.
    package var quoted: String {
        let longest = 40
        let isCut = !unicodeScalars.dropFirst(longest).isEmpty
        return "'\(String(String.UnicodeScalarView(unicodeScalars.prefix(longest))).onOneLine)\(isCut ? "…" : "")'"
    }
}
