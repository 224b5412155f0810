/// The bytes a detector looks at. Every read is within the bounds, which is asserted in debug builds.
struct ScannedText {
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

    /// Whether a text stands at a position.
    func has(_ text: StaticString, at position: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard position >= 0, position + length <= count else { return false }
        for offset in 0..<length where base[position + offset] != text.utf8Start[offset] { return false }
        return true
    }

    /// The end of the bytes of a set that start at a position.
    func end(of set: ByteSet, from position: Int, atMost limit: Int = .max) -> Int {
        var end = position
        while end < count, end - position < limit, set.contains(base[end]) { end += 1 }
        return end
    }

    func endOfDigits(_ position: Int) -> Int { end(of: .digits, from: position + 1) }

    /// Whether a word may start here: the byte before is none of a word, or the end of an escape in JSON (`\n4111…`).
    func startsWord(_ position: Int) -> Bool {
        guard position > 0, ByteSet.word.contains(base[position - 1]) else { return true }
        return endsEscape(position)
    }

    /// Whether `\n`, `\t` or `\u00e9` ends before a position.
    private func endsEscape(_ position: Int) -> Bool {
        if position >= 2, isEscaping(position - 2) { return ByteSet("nrtbf").contains(base[position - 1]) }
        guard position >= 6, base[position - 5] == 0x75, isEscaping(position - 6) else { return false }
        return true
    }

    /// Whether a backslash at a position begins an escape, and is not the second of two.
    private func isEscaping(_ position: Int) -> Bool {
        var first = position
        while first >= 0, base[first] == 0x5C { first -= 1 }
        return (position - first) % 2 == 1
    }

    /// A start that does not cut an escape of JSON in two: what is put in its place must leave `\n` and `\u00e9` whole.
    func behindEscape(_ start: Int) -> Int {
        guard start > 0, isEscaping(start - 1), start < count else { return start }
        return base[start] == 0x75 ? min(count, start + 5) : start + 1
    }
}
