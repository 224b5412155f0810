/// Integers of variable length, as in Protocol Buffers (LEB128): seven bits in each byte, the lowest bits first.
@usableFromInline
package enum Varint {
    /// Why no number could be read.
    @usableFromInline
    package enum Failure: Error {
        /// The bytes end within the number.
        case unfinished
        /// The number needs more than 64 bits.
        case tooLarge
    }

    /// Reads the number at an offset, and moves the offset past it.
    @inlinable @inline(__always)
    package static func read<Bytes: RandomAccessCollection<UInt8>>(
        _ bytes: Bytes,
        at offset: inout Int
    ) throws(Failure) -> UInt64 where Bytes.Index == Int {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.endIndex {
            let byte = bytes[offset]
            offset += 1
            guard shift < 63 || byte <= 1 else { throw .tooLarge }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .unfinished
    }

    /// Appends a number.
    package static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
