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
        let comparesWide = spankit_compares_wide()
        // The block, and behind it the longest word that is compared.
        while place + 64 + MemoryLayout<UInt64>.size + 1 <= piece.count {
            // A brace before the block may belong to the key at its start.
            guard place > 0, piece[place - 1] > 0x20, piece[place - 1] != UInt8(ascii: "{") else { return place }
            let block = base + place
            let masks = comparesWide ? spankit_wide_json_masks_of(block) : spankit_json_masks_of(block)
            let limit = min(masks.odd.trailingZeroBitCount, Self.suspect(block, masks.suspects))
            // `inText` has the bit of an opening quotation mark, but not of a closing one.
            let inText = Self.parity(of: masks.quotes & Self.low(limit)) ^ (isInText ? .max : 0)
            let structure = ~inText & Self.low(limit)
            let (openers, closers) = (masks.openers & structure, masks.closers & structure)
            let closed = closers.nonzeroBitCount
            if closed < depth {
                depth += openers.nonzeroBitCount - closed
            } else if let end = endOfObject(openers, closers) {
                isInText = false
                return place + end
            }
            isInText = inText >> 63 != 0
            place += limit
            if limit < 64 { return place }
        }
        return place
    }

    /// Counts the brackets one by one, up to the one that ends the object.
    /// - Returns: The index of that bracket; `nil` if it is not in this block.
    private mutating func endOfObject(_ openers: UInt64, _ closers: UInt64) -> Int? {
        var brackets = openers | closers
        while brackets != 0 {
            let index = brackets.trailingZeroBitCount
            if openers >> UInt64(index) & 1 != 0 {
                depth += 1
            } else if depth == 1 {
                return index
            } else {
                depth -= 1
            }
            brackets &= brackets &- 1
        }
        return nil
    }

    /// The index of the first brace that may begin another OTLP object. Braces in strings are examined too, because a
    /// string that was cut off may end where such an object begins.
    /// - Parameter suspects: The braces before white space and before `"r`.
    /// - Returns: The index; 64 if no such brace is in this block.
    @inline(__always)
    private static func suspect(_ block: UnsafePointer<UInt8>, _ suspects: UInt64) -> Int {
        var left = suspects
        while left != 0 {
            let index = left.trailingZeroBitCount
            left &= left &- 1
            if block[index + 1] <= 0x20 { return index }
            let word = UnsafeRawPointer(block + index + 2).loadUnaligned(as: UInt64.self)
            if UInt64(littleEndian: word) == resource { return index }
        }
        return 64
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
