/// Reads the variable-length numbers of a serialised histogram; every irregularity is an error, never a trap.
struct VarintReader {
    private let bytes: ArraySlice<UInt8>
    private(set) var offset: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        offset = bytes.startIndex
    }

    var isAtEnd: Bool { offset == bytes.endIndex }

    mutating func byte(_ what: String) throws(HistogramError) -> UInt8 {
        guard offset < bytes.endIndex else { throw .malformed(offset: offset, reason: "ends before \(what)") }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// LEB128 as in Protocol Buffers: seven bits a byte, the lowest first.
    mutating func unsigned(_ what: String) throws(HistogramError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            let byte = try byte(what)
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        throw .malformed(offset: offset, reason: "\(what) does not fit 64 bits")
    }

    /// Zigzag: 0, −1, 1, −2, … as 0, 1, 2, 3, ….
    mutating func signed(_ what: String) throws(HistogramError) -> Int64 {
        let value = try unsigned(what)
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
}

extension [UInt8] {
    mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    mutating func appendVarint(signed value: Int64) {
        appendVarint(UInt64(bitPattern: value << 1 ^ value >> 63))
    }
}
