/// The shape of a name, which is the same for names that differ only in ids, numbers or dates.
///
/// `GET /users/4711` has the shape `GET /users/{n}`, and `GET /users/12?full=1` has the shape `GET /users/{n}?{…}`.
package enum NameShape {
    /// Returns the shape of a name; the name itself if it contains no ids or numbers.
    package static func shape(of name: String) -> String {
        let bytes = Array(name.utf8.prefix(1_024))
        var shape: [UInt8] = []
        shape.reserveCapacity(bytes.count)
        var place = 0
        var hasSlash = false
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "?"), hasSlash {
                // The rest is the query of a URL.
                shape += "?{…}".utf8
                break
            }
            guard isWord(byte) else {
                hasSlash = hasSlash || byte == UInt8(ascii: "/")
                shape.append(byte)
                place += 1
                continue
            }
            if isUUID(bytes[place...]) {
                shape += "{uuid}".utf8
                place += 36
                continue
            }
            let end = bytes[place...].firstIndex { !isWord($0) } ?? bytes.count
            shape += word(bytes[place..<end])
            place = end
        }
        return String(decoding: shape, as: UTF8.self)
    }

    /// The shape of a run of letters and digits.
    private static func word(_ word: ArraySlice<UInt8>) -> [UInt8] {
        let digits = word.count { isDigit($0) }
        if digits == word.count { return Array("{n}".utf8) }
        guard digits > 0 else { return Array(word) }
        if word.count >= 8, word.allSatisfy({ isHexDigit($0) }) { return Array("{hex}".utf8) }
        if word.count >= 16, digits >= 3 { return Array("{id}".utf8) }
        // user4711, but not http2 nor s3.
        guard digits >= 3, let first = word.firstIndex(where: isDigit), word[first...].allSatisfy(isDigit) else {
            return Array(word)
        }
        return Array(word[..<first]) + Array("{n}".utf8)
    }

    static func isUUID(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count >= 36 else { return false }
        let start = bytes.startIndex
        return (0..<36).allSatisfy { place in
            let byte = bytes[start + place]
            return [8, 13, 18, 23].contains(place) ? byte == UInt8(ascii: "-") : isHexDigit(byte)
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }

    static func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || 0x61...0x66 ~= byte | 0x20 }

    /// Whether a byte is a letter, a digit, or part of a character outside ASCII.
    static func isWord(_ byte: UInt8) -> Bool { isDigit(byte) || 0x61...0x7A ~= byte | 0x20 || byte >= 0x80 }
}
