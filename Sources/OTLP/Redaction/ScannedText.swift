/// The bytes that detectors read. Every read has to be within bounds, which is asserted in debug builds.
struct ScannedText {
    /// A match and the detector that found it.
    typealias Found = (start: Int, end: Int, detector: Redaction.Detectors)

    private let base: UnsafePointer<UInt8>
    let count: Int

    init(_ base: UnsafePointer<UInt8>, _ count: Int) {
        self.base = base
        self.count = count
    }

    @inline(__always)
    subscript(_ position: Int) -> UInt8 {
        assert(position >= 0 && position < count)
        return base[position]
    }

    /// Whether a table has 0 for all eight bytes at a position.
    @inline(__always)
    func hasNoAnchor(_ position: Int, _ table: UnsafePointer<UInt8>) -> Bool {
        assert(position + 8 <= count)
        let bytes = base + position
        let first = table[Int(bytes[0])] | table[Int(bytes[1])] | table[Int(bytes[2])] | table[Int(bytes[3])]
        let second = table[Int(bytes[4])] | table[Int(bytes[5])] | table[Int(bytes[6])] | table[Int(bytes[7])]
        return first | second == 0
    }

    /// Whether a text is at a position.
    func has(_ text: StaticString, at position: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard position >= 0, position + length <= count else { return false }
        for offset in 0..<length where base[position + offset] != text.utf8Start[offset] { return false }
        return true
    }

    /// The end of the bytes from a position on that satisfy a condition.
    @inline(__always)
    func end(from position: Int, atMost limit: Int = .max, while isInside: (UInt8) -> Bool) -> Int {
        var end = position
        while end < count, end &- position < limit, isInside(base[end]) { end &+= 1 }
        return end
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    @inline(__always)
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    @inline(__always)
    static func isWord(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

    /// Whether a byte can be part of a key or a token.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool { isWord(byte) || byte == 0x5F || byte == 0x2D }

    func endOfDigits(_ position: Int) -> Int { end(from: position + 1, while: Self.isDigit) }

    /// Whether a word can start here: the byte before does not belong to a word, or ends a JSON escape (`\n4111…`).
    @inline(__always)
    func startsWord(_ position: Int) -> Bool {
        guard position > 0, Self.isWord(base[position - 1]) else { return true }
        return endsEscape(position)
    }

    /// A quick check that is false only if ``startsWord(_:)`` is also false. Most digits of identifiers fail it.
    @inline(__always)
    func mayStartWord(_ position: Int) -> Bool {
        guard position > 0, Self.isWord(base[position &- 1]) else { return true }
        return position >= 2 && base[position &- 2] == 0x5C || position >= 6 && base[position &- 5] == 0x75
    }

    /// Whether a JSON escape, such as `\n` or `\u00e9`, ends immediately before a position.
    private func endsEscape(_ position: Int) -> Bool {
        if position >= 2, isEscaping(position - 2) {
            switch base[position - 1] {
            case 0x6E, 0x72, 0x74, 0x62, 0x66: return true
            default: return false
            }
        }
        return position >= 6 && base[position - 5] == 0x75 && isEscaping(position - 6)
    }

    /// Whether there is a backslash at a position that begins an escape, and is not itself escaped.
    private func isEscaping(_ position: Int) -> Bool {
        var first = position
        while first >= 0, base[first] == 0x5C { first -= 1 }
        return (position - first) % 2 == 1
    }

    /// Moves the start of a match past a JSON escape such as `\n` or `\u00e9`, which the replacement must not cut in two.
    func pastEscape(_ start: Int) -> Int {
        guard start > 0, isEscaping(start - 1), start < count else { return start }
        return base[start] == 0x75 ? min(count, start + 5) : start + 1
    }
}
