extension String {
    /// The text as a message about somebody's input may show it: in quotation marks, short, with nothing in it that a terminal
    /// would obey.
    var quoted: String {
        let longest = 40
        var shown = "'"
        for scalar in unicodeScalars.prefix(longest) {
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029: shown += "\u{FFFD}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown + (unicodeScalars.dropFirst(longest).isEmpty ? "'" : "…'")
    }
}
