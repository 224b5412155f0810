extension ScannedText {
    /// Bytes of a local part, those of other alphabets included.
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

    /// What ends the part of a URL that may hold a user and a password.
    @inline(__always)
    private static func isOutsideAuthority(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x22, 0x23, 0x27, 0x2F, 0x3C, 0x3E, 0x3F: true
        default: false
        }
    }

    /// An address around an `@`, or around the `%40` that stands for one.
    func email(_ position: Int, _ length: Int, _ floor: Int, _ detectors: Redaction.Detectors) -> Found? {
        guard detectors.contains(.emails) else { return nil }
        var start = position
        while start > floor, position - start < 128, Self.isLocal(self[start - 1]) { start -= 1 }
        // In the middle of a character nothing starts.
        while start < position, self[start] & 0xC0 == 0x80 { start += 1 }
        guard start < position else { return nil }
        var end = end(from: position + length, atMost: 253, while: Self.isDomain)
        while end > position + length, self[end - 1] == 0x2E || self[end - 1] == 0x2D { end -= 1 }
        while end < count, self[end] & 0xC0 == 0x80 { end += 1 }
        var dot = end
        while dot > position + length, self[dot - 1] != 0x2E { dot -= 1 }
        // A name, a dot, two letters.
        guard dot > position + length + 1, end - dot >= 2, !Self.isDigit(self[end - 1]) else { return nil }
        return (start, end, .emails)
    }

    /// `user:password` before an `@` and behind `://`.
    func credentials(_ position: Int, _ floor: Int, _ detectors: Redaction.Detectors) -> Found? {
        guard detectors.contains(.urlCredentials) else { return nil }
        var start = position
        while start > floor, position - start < 256, !Self.isOutsideAuthority(self[start - 1]) { start -= 1 }
        guard start < position, has("://", at: start - 3) else { return nil }
        return (start, position, .urlCredentials)
    }
}
