/// Writes bits from the lowest to the highest, as DEFLATE does.
///
/// Invariant: the memory has eight bytes more than are written, because ``flush()`` stores whole words.
struct BitWriter {
    private var position: UnsafeMutableRawPointer
    private var bits: UInt64 = 0
    private var count: UInt64 = 0

    /// - Parameter start: memory for everything that is written, and eight bytes more.
    init(_ start: UnsafeMutableRawPointer) {
        position = start
    }

    /// Adds the lowest `count` bits of `value`, whose other bits are 0. Call ``flush()`` after at most 57 bits.
    @inline(__always)
    mutating func put(_ value: UInt32, _ count: UInt32) {
        bits |= UInt64(value) &<< self.count
        self.count &+= UInt64(count)
    }

    /// Adds a symbol's code (``HuffmanCode/codes``).
    @inline(__always)
    mutating func put(code: UInt32) {
        put(code & 0xFFFF, code &>> 16)
    }

    /// Moves whole bytes to memory. At most seven bits stay.
    @inline(__always)
    mutating func flush() {
        position.storeBytes(of: bits.littleEndian, as: UInt64.self)
        let bytes = count &>> 3
        position += Int(truncatingIfNeeded: bytes)
        bits &>>= bytes &<< 3
        count &= 7
    }

    /// Fills the last byte with zeros.
    /// - Returns: the position after it.
    mutating func end() -> UnsafeMutableRawPointer {
        put(0, UInt32(7))
        flush()
        return position
    }
}
