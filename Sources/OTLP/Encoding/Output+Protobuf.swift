extension Output {
    /// A varint; at most 10 bytes.
    @inline(__always)
    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        byte(UInt8(truncatingIfNeeded: rest))
    }

    /// The zigzag form of `sint32`; at most 5 bytes.
    mutating func zigzag(_ value: Int32) {
        varint(UInt64(UInt32(bitPattern: (value << 1) ^ (value >> 31))))
    }

    /// Eight bytes, the least significant first.
    @inline(__always)
    mutating func fixed64(_ value: UInt64) { store(value.littleEndian) }

    /// Four bytes, the least significant first.
    @inline(__always)
    mutating func fixed32(_ value: UInt32) { store(value.littleEndian) }

    /// The length and the bytes of a trace id.
    @inline(__always)
    mutating func traceID(_ high: UInt64, _ low: UInt64) {
        byte(16)
        store(high.bigEndian)
        store(low.bigEndian)
    }

    /// The length and the bytes of a span id.
    @inline(__always)
    mutating func spanID(_ spanID: UInt64) {
        byte(8)
        store(spanID.bigEndian)
    }

    /// Appends a field of bytes: tag, length and content. Reserves the memory itself.
    mutating func field(_ tag: UInt8, _ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count + 16)
        byte(tag)
        varint(UInt64(bytes.count))
        raw(bytes)
    }

    /// A field of text, repaired if it is not UTF-8. Needs no reserved memory.
    mutating func field(_ tag: UInt8, text: UnsafeRawBufferPointer) {
        guard UTF8Check.isValid(text) else {
            var repaired = String(decoding: text, as: UTF8.self)
            return repaired.withUTF8 { field(tag, UnsafeRawBufferPointer($0)) }
        }
        field(tag, text)
    }

    /// A field of text, or nothing if the text is empty. Needs no reserved memory.
    mutating func field(_ tag: UInt8, unlessEmpty text: String) {
        var text = text
        if !text.isEmpty { text.withUTF8 { field(tag, UnsafeRawBufferPointer($0)) } }
    }

    /// Starts a nested message.
    /// - Parameter lengthBytes: the number of bytes that its length will probably take. A wrong guess only costs moving the content.
    /// - Returns: the argument for ``endMessage(_:)``.
    @inline(__always)
    mutating func beginMessage(_ tag: UInt8, lengthBytes: Int = 1) -> (content: Int, lengthBytes: Int) {
        reserve(16)
        byte(tag)
        for _ in 0..<lengthBytes { byte(0) }
        return (count, lengthBytes)
    }

    /// Ends a nested message and writes its length.
    mutating func endMessage(_ message: (content: Int, lengthBytes: Int)) {
        let length = count - message.content
        var needed = 1
        while length >> (7 * needed) != 0 { needed += 1 }
        if needed != message.lengthBytes { shift(from: message.content, by: needed - message.lengthBytes) }
        let first = message.content - message.lengthBytes
        for position in 0..<needed {
            let more: UInt8 = position < needed - 1 ? 0x80 : 0
            replace(at: first + position, with: UInt8(truncatingIfNeeded: length >> (7 * position)) & 0x7F | more)
        }
    }
}
