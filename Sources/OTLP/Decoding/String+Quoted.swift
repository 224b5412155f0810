import Percentiles

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
