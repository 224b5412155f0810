/// Random texts of characters that break encoders: quotes, control characters, four-byte scalars, combining marks, right-to-left marks.
public enum HostileText {
    private static let scalars: [Unicode.Scalar] = [
        "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\r", "\t", "\u{0}", "\u{1}", "\u{1F}", "\u{7F}", "\u{80}", "é", "ß",
        "€",
        "\u{2028}", "\u{FEFF}", "\u{FFFD}", "\u{FFFF}", "🎯", "\u{10FFFF}", "\u{301}", "\u{202E}", "{", "}", ",", ":",
        "<", "&",
    ]

    /// A text whose number of scalars is in `length`.
    public static func make(_ random: inout SplitMix64, _ length: ClosedRange<Int>) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: length, using: &random) {
            text.append(scalars[Int.random(in: 0..<scalars.count, using: &random)])
        }
        return String(text)
    }
}
