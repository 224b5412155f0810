/// Escapes text for use inside a JSON string.
///
/// It writes to plain memory, so that the encoder's buffer and a `String` can both use it. The caller provides enough memory.
@usableFromInline
package enum JSONEscaper {
    /// The largest number of bytes that one byte can become (`\u0000`).
    package static var mostBytes: Int { 6 }

    /// Copies the start of a text that needs no escapes: ASCII without control characters, quotes and backslashes.
    ///
    /// It copies eight bytes at a time and at most `text.count` (see `Benchmarks/EncodingBenchmarks.swift`).
    /// - Returns: how many bytes were copied. Pass the rest to ``escape(_:to:)``.
    @inlinable @inline(__always)
    package static func copyPlain(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> Int {
        guard let source = text.baseAddress else { return 0 }
        var offset = 0
        while offset + 8 <= text.count {
            let bytes = (source + offset).loadUnaligned(as: UInt64.self)
            guard (bytes | escaped(in: bytes)) & highBits == 0 else { break }
            target.storeBytes(of: bytes, toByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        // Copies the last eight bytes at once, even if some of them were copied before. A loop over the remaining bytes
        // would be slower, because the processor cannot predict where it ends.
        if offset + 8 > text.count, offset < text.count, text.count >= 8 {
            let bytes = (source + (text.count - 8)).loadUnaligned(as: UInt64.self)
            if (bytes | escaped(in: bytes)) & highBits == 0 {
                target.storeBytes(of: bytes, toByteOffset: text.count - 8, as: UInt64.self)
                return text.count
            }
        }
        while offset < text.count {
            let byte = text[offset]
            guard byte >= 0x20, byte != 0x22, byte != 0x5C, byte < 0x80 else { break }
            target.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
            offset += 1
        }
        return offset
    }

    /// Writes a text, which has to be well-formed UTF-8.
    /// - Returns: how many bytes were written. ``count(of:)`` returns this number in advance.
    package static func escape(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> Int {
        var position = target
        func store<Value: BitwiseCopyable>(_ value: Value) {
            position.storeBytes(of: value, as: Value.self)
            position += MemoryLayout<Value>.size
        }
        var offset = 0
        while offset < text.count {
            if offset + 8 <= text.count {
                let bytes = text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                if escaped(in: bytes) == 0 {
                    store(bytes)
                    offset += 8
                    continue
                }
            }
            let byte = text[offset]
            offset += 1
            guard let letter = letter(behindBackslashFor: byte) else {
                store(byte)
                continue
            }
            store(UInt8(ascii: "\\"))
            store(letter)
            guard letter == UInt8(ascii: "u") else { continue }
            store(UInt16(0x3030))
            store((byte >> 4).hexadecimalDigit)
            store((byte & 0xF).hexadecimalDigit)
        }
        return position - target
    }

    /// The number of bytes that a text needs inside a JSON string, without the quotes.
    package static func count(of text: some Sequence<UInt8>) -> Int {
        text.reduce(0) { sum, byte in
            guard let letter = letter(behindBackslashFor: byte) else { return sum + 1 }
            return sum + (letter == UInt8(ascii: "u") ? 6 : 2)
        }
    }

    /// The letter of a byte's escape: nil for a byte that needs none, `u` for one that is written as a number.
    @inline(__always)
    private static func letter(behindBackslashFor byte: UInt8) -> UInt8? {
        switch byte {
        case 0x22, 0x5C: byte
        case 0x0A: UInt8(ascii: "n")
        case 0x0D: UInt8(ascii: "r")
        case 0x09: UInt8(ascii: "t")
        case 0x08: UInt8(ascii: "b")
        case 0x0C: UInt8(ascii: "f")
        case 0..<0x20: UInt8(ascii: "u")
        default: nil
        }
    }

    @usableFromInline static var highBits: UInt64 { 0x8080_8080_8080_8080 }

    /// A word with the highest bit set of each byte that is a control character, a quote or a backslash.
    ///
    /// After the first such byte, bits of other bytes may also be set ("Determine if a word has a byte less than n",
    /// Sean Eron Anderson, Bit Twiddling Hacks).
    @inlinable @inline(__always)
    package static func escaped(in bytes: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = bytes ^ ones &* 0x22
        let backslashes = bytes ^ ones &* 0x5C
        return ((bytes &- ones &* 0x20) & ~bytes | (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes)
            & highBits
    }
}

extension String {
    /// The text as a JSON string, with its quotes.
    package var jsonQuoted: String {
        var text = self
        return text.withUTF8 { bytes in
            String(unsafeUninitializedCapacity: JSONEscaper.count(of: bytes) + 2) { buffer in
                guard let start = UnsafeMutableRawPointer(buffer.baseAddress) else { return 0 }
                let count = JSONEscaper.escape(UnsafeRawBufferPointer(bytes), to: start + 1)
                buffer[0] = UInt8(ascii: "\"")
                buffer[count + 1] = UInt8(ascii: "\"")
                return count + 2
            }
        }
    }
}
