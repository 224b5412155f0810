/// The number of terminal columns that a text takes.
///
/// East Asian wide characters and emoji take two columns, combining marks none. Terminals disagree about some other characters;
/// a table may be a column off there.
package func displayWidth(_ text: some StringProtocol) -> Int {
    if text.utf8.allSatisfy({ 0x20 <= $0 && $0 < 0x7F }) { return text.utf8.count }
    return text.reduce(0) { $0 + displayWidth($1) }
}

private func displayWidth(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    if character.unicodeScalars.contains("\u{FE0F}") { return 2 }
    let properties = first.properties
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: return properties.isEmojiPresentation || isWide(first) ? 2 : 1
    }
}

/// Whether a character is wide (W) or fullwidth (F) in Unicode's EastAsianWidth.txt.
private func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x17000...0x18AFF, 0x1B000...0x1B2FF, 0x20000...0x3FFFD:
        true
    default: false
    }
}

/// Shortens a text to at most `width` columns. The middle is cut out, because names differ at both ends.
package func truncatedInTheMiddle(_ text: String, to width: Int) -> String {
    guard displayWidth(text) > width else { return text }
    guard width > 1 else { return width == 1 ? "…" : "" }
    let room = width - 1
    var head = ""
    var tail: [Character] = []
    var headWidth = 0
    var tailWidth = 0
    for character in text {
        let step = displayWidth(character)
        guard headWidth + step <= (room + 1) / 2 else { break }
        head.append(character)
        headWidth += step
    }
    for character in text.reversed() {
        let step = displayWidth(character)
        guard headWidth + tailWidth + step <= room else { break }
        tail.append(character)
        tailWidth += step
    }
    return head + "…" + String(tail.reversed())
}
