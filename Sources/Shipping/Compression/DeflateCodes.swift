/// The codes of one block of DEFLATE data with dynamic Huffman codes (RFC 1951, section 3.2.7).
struct DeflateCodes {
    /// The code of each literal, of the end of the block (256) and of each range of lengths.
    let literals: HuffmanCode
    /// The code of each range of distances.
    let distances: HuffmanCode
    /// For each match length, its code and extra bits, and the number of both in the highest byte.
    private(set) var lengths: [UInt32]
    private let header: [(symbol: UInt8, extra: UInt8)]
    private let headerCode: HuffmanCode

    static let endOfBlock = 256
    static let literalCount = 286
    static let distanceCount = 30
    /// The longest match of one symbol.
    static let longestMatch = 258
    static let longestDistance = 32_768

    /// - Parameters:
    ///   - literals: how often each literal and each range of lengths occurs; the end of the block once.
    ///   - distances: how often each range of distances occurs.
    init(literals literalCounts: [UInt32], distances distanceCounts: [UInt32]) {
        literals = HuffmanCode(literalCounts)
        // A block without a match has one distance code that is not used.
        distances = HuffmanCode(distanceCounts.contains { $0 > 0 } ? distanceCounts : [1] + distanceCounts.dropFirst())
        header = Self.runs(of: literals.lengths + distances.lengths)
        var headerCounts = [UInt32](repeating: 0, count: 19)
        for entry in header { headerCounts[Int(entry.symbol)] += 1 }
        headerCode = HuffmanCode(headerCounts, longest: 7)
        lengths = Self.lengths(literals.codes)
    }

    private static func lengths(_ codes: [UInt32]) -> [UInt32] {
        [UInt32](unsafeUninitializedCapacity: longestMatch + 1) { lengths, count in
            lengths.initialize(repeating: 0)
            count = longestMatch + 1
            for (range, base) in lengthBases.enumerated() {
                let code = codes[257 + range]
                let bits = code >> 16
                let word = code & 0xFFFF | (bits + UInt32(extraLengthBits[range])) << 24
                // The longest match has a range of its own.
                for extra in 0..<1 << extraLengthBits[range] where base + extra < longestMatch || range == 28 {
                    lengths[base + extra] = word | UInt32(extra) << bits
                }
            }
        }
    }

    /// The number of bits of a block with these codes.
    func bitCount(literals literalCounts: [UInt32], distances distanceCounts: [UInt32]) -> Int {
        var bits = 3 + 14 + 19 * 3
        for entry in header { bits += Int(headerCode.lengths[Int(entry.symbol)]) + Int(Self.extraBits(entry.symbol)) }
        bits += literals.bitCount(literalCounts) + distances.bitCount(distanceCounts)
        for (range, extra) in Self.extraLengthBits.enumerated() { bits += Int(literalCounts[257 + range]) * extra }
        for (range, count) in distanceCounts.enumerated() { bits += Int(count) * Self.extraDistanceBits(range) }
        return bits
    }

    /// Writes the start of the last block of a stream.
    func writeHeader(_ bits: inout BitWriter) {
        bits.put(1, 1)
        bits.put(2, 2)
        bits.put(UInt32(Self.literalCount - 257), 5)
        bits.put(UInt32(Self.distanceCount - 1), 5)
        bits.put(19 - 4, 4)
        bits.flush()
        for symbol in Self.headerOrder {
            bits.put(UInt32(headerCode.lengths[symbol]), 3)
            bits.flush()
        }
        for entry in header {
            bits.put(code: headerCode.codes[Int(entry.symbol)])
            bits.put(UInt32(entry.extra), Self.extraBits(entry.symbol))
            bits.flush()
        }
    }

    /// The lengths of codes as symbols: 16 repeats the previous one three to six times, 17 and 18 stand for three to 138 zeros.
    private static func runs(of lengths: [UInt8]) -> [(symbol: UInt8, extra: UInt8)] {
        var runs: [(symbol: UInt8, extra: UInt8)] = []
        var position = 0
        while position < lengths.count {
            let length = lengths[position]
            var count = 1
            while position + count < lengths.count, lengths[position + count] == length { count += 1 }
            position += count
            if length > 0 {
                runs.append((length, 0))
                count -= 1
            }
            while count >= 3 {
                let piece = min(count, length > 0 ? 6 : 138)
                runs.append(
                    length > 0 ? (16, UInt8(piece - 3)) : piece > 10 ? (18, UInt8(piece - 11)) : (17, UInt8(piece - 3))
                )
                count -= piece
            }
            for _ in 0..<count { runs.append((length, 0)) }
        }
        return runs
    }

    private static func extraBits(_ symbol: UInt8) -> UInt32 {
        switch symbol {
        case 16: 2
        case 17: 3
        case 18: 7
        default: 0
        }
    }

    private static let headerOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    // MARK: Ranges of lengths and distances

    private static let lengthBases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let extraLengthBits = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]

    /// The range that contains each match length.
    static let lengthRanges = (0...longestMatch).map { length in
        UInt8(lengthBases.lastIndex { $0 <= length } ?? 0)
    }

    /// The range that contains a distance.
    /// - Parameter distance: the distance minus one.
    @inline(__always)
    static func distanceRange(_ distance: Int) -> Int {
        guard distance >= 4 else { return distance }
        // Two ranges for each power of two: the second highest bit tells which.
        let extra = 62 &- distance.leadingZeroBitCount
        return 2 &* extra &+ distance &>> extra
    }

    /// The number of extra bits of a distance in a range.
    @inline(__always)
    static func extraDistanceBits(_ range: Int) -> Int {
        range < 4 ? 0 : range &>> 1 &- 1
    }
}
