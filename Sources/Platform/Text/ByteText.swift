/// A text that equals only texts with the same bytes.
///
/// `String` compares by Unicode canonical equivalence: "é" equals "e" followed by a combining accent. Telemetry data
/// distinguishes them.
package struct ByteText: Sendable, Hashable, Comparable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package static func == (left: ByteText, right: ByteText) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    package static func < (left: ByteText, right: ByteText) -> Bool {
        left.text.byteOrder(right.text) < 0
    }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}

extension String {
    /// Whether two texts have the same bytes. `==` is also true for texts that are canonically equivalent in Unicode.
    @inlinable @inline(__always)
    package func hasSameBytes(as other: String) -> Bool {
        isIdentical(to: other) || utf8.count == other.utf8.count && byteOrder(other) == 0
    }

    /// Whether both are the same literal, the same object, or the same text of at most 15 bytes, which a string holds in place.
    ///
    /// Invariant: a string is two words that determine its text, so texts with the same words are the same. The reverse does not hold.
    @inlinable @inline(__always)
    package func isIdentical(to other: String) -> Bool {
        guard MemoryLayout<String>.size == MemoryLayout<(UInt64, UInt64)>.size else { return false }
        let own = unsafeBitCast(self, to: (UInt64, UInt64).self)
        let its = unsafeBitCast(other, to: (UInt64, UInt64).self)
        return own.0 == its.0 && own.1 == its.1
    }

    /// Compares by bytes: below 0 if this text comes before the other, and 0 if they have the same bytes.
    ///
    /// `<` and `==` compare characters, so they treat two encodings of é as equal.
    @usableFromInline
    package func byteOrder(_ other: String) -> Int {
        let order = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { right in
                guard let first = left.baseAddress, let second = right.baseAddress else {
                    return left.count - right.count
                }
                let order = memcmp(first, second, Swift.min(left.count, right.count))
                return order == 0 ? left.count - right.count : Int(order)
            }
        }
        if let order, let order { return order }
        if utf8.elementsEqual(other.utf8) { return 0 }
        return utf8.lexicographicallyPrecedes(other.utf8) ? -1 : 1
    }
}
