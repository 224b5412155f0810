/// A set of bytes.
struct ByteSet: Sendable, Hashable {
    /// The bytes below 128.
    private var ascii: UInt128 = 0
    /// The bytes from 128 on.
    private var others: UInt128 = 0

    init() {}

    init(_ range: ClosedRange<UInt8>) {
        for byte in range { insert(byte) }
    }

    init(_ text: StaticString) {
        for offset in 0..<text.utf8CodeUnitCount { insert(text.utf8Start[offset]) }
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool { (byte < 128 ? ascii : others) &>> UInt128(byte & 127) & 1 != 0 }

    mutating func insert(_ byte: UInt8) {
        let bit = UInt128(1) << UInt128(byte & 127)
        if byte < 128 { ascii |= bit } else { others |= bit }
    }

    func union(_ other: ByteSet) -> ByteSet {
        var result = self
        result.ascii |= other.ascii
        result.others |= other.others
        return result
    }

    /// The ASCII bytes that are not in the set.
    var asciiComplement: ByteSet {
        var result = ByteSet()
        result.ascii = ~ascii
        return result
    }

    static let digits = ByteSet(0x30...0x39)
    /// `[A-Za-z0-9_]`
    static let word = digits.union(ByteSet(0x41...0x5A)).union(ByteSet(0x61...0x7A)).union(ByteSet("_"))
}
