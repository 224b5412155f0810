import CSpanKit

extension ObjectSplitter {
    /// Skips bytes within an object in blocks of 64, and tracks the depth and whether a string is open.
    ///
    /// It stops at the first byte that `scan` has to examine: the bracket that ends the object, a control character or
    /// line end, a backslash, a brace before white space, and a brace before a key that may begin another OTLP object.
    /// It also stops near the end of the piece, where there is no whole block.
    /// - Returns: The offset of the first byte that was not skipped.
    mutating func endOfPlainBytes(_ piece: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var place = start
        guard let base = piece.baseAddress else { return place }
        // The block, and behind it the longest word that is compared.
        while place + 64 + MemoryLayout<UInt64>.size + 1 <= piece.count {
            // A brace before the block may belong to the key at its start.
            guard place > 0, piece[place - 1] > 0x20, piece[place - 1] != UInt8(ascii: "{") else { return place }
            let block = base + place
            let masks = spankit_json_masks_of(block)
            var limit = masks.odd.trailingZeroBitCount
            var quotes = masks.quotes & Self.low(limit)
            let inText = Self.parity(of: quotes) ^ (isInText ? .max : 0)
            // `inText` has the bit of an opening quotation mark, but not of a closing one.
            var brackets = (masks.openers | masks.closers) & ~inText & Self.low(limit)
            if let suspect = Self.suspect(block, masks.openers & Self.low(limit)) {
                limit = suspect
                quotes &= Self.low(limit)
                brackets &= Self.low(limit)
            }
            while brackets != 0 {
                let index = brackets.trailingZeroBitCount
                if masks.openers >> UInt64(index) & 1 != 0 {
                    depth += 1
                } else if depth == 1 {
                    limit = index
                    quotes &= Self.low(limit)
                    break
                } else {
                    depth -= 1
                }
                brackets &= brackets &- 1
            }
            if quotes.nonzeroBitCount & 1 != 0 { isInText.toggle() }
            place += limit
            if limit < 64 { return place }
        }
        return place
    }

    /// The index of the first brace that may begin another OTLP object. Braces in strings are examined too, because a
    /// string that was cut off may end where such an object begins.
    @inline(__always)
    private static func suspect(_ block: UnsafePointer<UInt8>, _ openers: UInt64) -> Int? {
        var left = openers
        while left != 0 {
            let index = left.trailingZeroBitCount
            left &= left &- 1
            guard block[index] == UInt8(ascii: "{") else { continue }
            let next = block[index + 1]
            if next <= 0x20 { return index }
            guard next == UInt8(ascii: "\"") else { continue }
            let word = UnsafeRawPointer(block + index + 2).loadUnaligned(as: UInt64.self)
            if UInt64(littleEndian: word) == resource { return index }
        }
        return nil
    }

    /// The first eight bytes of the first key of every OTLP object.
    private static let resource = Array("resource".utf8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }

    /// The lowest `count` bits.
    @inline(__always)
    private static func low(_ count: Int) -> UInt64 { count >= 64 ? .max : (1 << UInt64(count)) &- 1 }

    /// For each bit, whether the number of bits up to and including it is odd.
    @inline(__always)
    private static func parity(of bits: UInt64) -> UInt64 {
        var bits = bits
        bits ^= bits << 1
        bits ^= bits << 2
        bits ^= bits << 4
        bits ^= bits << 8
        bits ^= bits << 16
        bits ^= bits << 32
        return bits
    }
}
