extension ScannedText {
    /// Whether a byte can be part of an address before the `@`. This includes all bytes that are not ASCII.
    @inline(__always)
    private static func isLocal(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x2E, 0x5F, 0x25, 0x2B, 0x2D, 0x27, 0x80...: true
        default: isWord(byte)
        }
    }

    @inline(__always)
    private static func isDomain(_ byte: UInt8) -> Bool {
        isWord(byte) || byte == 0x2D || byte == 0x2E || byte >= 0x80
    }

    /// Whether a byte ends the part of a URL that can contain a user and a password.
    @inline(__always)
    private static func isOutsideAuthority(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x22, 0x23, 0x27, 0x2F, 0x3C, 0x3E, 0x3F: true
        default: false
        }
    }

    /// Finds an e-mail address around an `@` or its encoded form `%40`.
    func email(_ position: Int, _ length: Int, _ floor: Int, _ detectors: Redaction.Detectors) -> Found? {
        guard detectors.contains(.emails) else { return nil }
        var start = position
        while start > floor, position - start < 128, Self.isLocal(self[start - 1]) { start -= 1 }
        // A match does not start in the middle of a character.
        while start < position, self[start] & 0xC0 == 0x80 { start += 1 }
        guard start < position else { return nil }
        var end = end(from: position + length, atMost: 253, while: Self.isDomain)
        while end > position + length, self[end - 1] == 0x2E || self[end - 1] == 0x2D { end -= 1 }
        while end < count, self[end] & 0xC0 == 0x80 { end += 1 }
        var dot = end
        while dot > position + length, self[dot - 1] != 0x2E { dot -= 1 }
        // The domain has to be a name, a dot and at least two letters.
        guard dot > position + length + 1, end - dot >= 2, !Self.isDigit(self[end - 1]) else { return nil }
        return (start, end, .emails)
    }

    /// Finds `user:password` between `://` and an `@`.
    func credentials(_ position: Int, _ floor: Int, _ detectors: Redaction.Detectors) -> Found? {
        guard detectors.contains(.urlCredentials) else { return nil }
        var start = position
        while start > floor, position - start < 256, !Self.isOutsideAuthority(self[start - 1]) { start -= 1 }
        guard start < position, has("://", at: start - 3) else { return nil }
        return (start, position, .urlCredentials)
    }
}
