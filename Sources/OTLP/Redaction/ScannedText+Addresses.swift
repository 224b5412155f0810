extension ScannedText {
    /// Bytes of a local part and of a domain, those of other alphabets included.
    private static let local = ByteSet.word.union(ByteSet("._%+-'")).union(ByteSet(0x80...0xFF))
    private static let domain = ByteSet.word.union(ByteSet("-.")).union(ByteSet(0x80...0xFF))
    private static let label = ByteSet.word.union(ByteSet("-")).union(ByteSet(0x80...0xFF))

    /// An address around an `@`, or around the `%40` that stands for one.
    func email(_ position: Int, _ length: Int, _ floor: Int, _ detectors: Redaction.Detectors) -> Found? {
        guard detectors.contains(.emails) else { return nil }
        var start = position
        while start > floor, position - start < 128, Self.local.contains(self[start - 1]) { start -= 1 }
        // In the middle of a character nothing starts.
        while start < position, self[start] & 0xC0 == 0x80 { start += 1 }
        guard start < position else { return nil }
        var end = end(of: Self.domain, from: position + length, atMost: 253)
        while end > position + length, self[end - 1] == 0x2E || self[end - 1] == 0x2D { end -= 1 }
        while end < count, self[end] & 0xC0 == 0x80 { end += 1 }
        var dot = end
        while dot > position + length, self[dot - 1] != 0x2E { dot -= 1 }
        // A name, a dot, two letters.
        guard dot > position + length + 1, end - dot >= 2, !ByteSet.digits.contains(self[end - 1]) else { return nil }
        return (start..<end, .emails)
    }

    /// `user:password` before an `@` and behind `://`.
    func credentials(_ position: Int, _ floor: Int, _ detectors: Redaction.Detectors) -> Found? {
        guard detectors.contains(.urlCredentials) else { return nil }
        let outside = ByteSet("/?# \t\n\r\"'<>")
        var start = position
        while start > floor, position - start < 256, !outside.contains(self[start - 1]) { start -= 1 }
        guard start < position, has("://", at: start - 3) else { return nil }
        return (start..<position, .urlCredentials)
    }
}
