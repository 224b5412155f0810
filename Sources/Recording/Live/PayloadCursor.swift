/// A position in the payload of a live slot, which may continue in chained blocks.
///
/// It reads and writes bytes in order. An entry header always lies within one block (``EntryHeader``). Use it only while
/// holding the slot's lock.
struct PayloadCursor: EntrySink {
    private let base: UnsafeMutableRawPointer
    private var block: LiveSlot
    private var offset: Int

    /// The first byte of a slot's payload.
    init(start slot: LiveSlot, in region: Region) {
        base = region.base
        block = slot
        offset = LiveSlot.payloadOffset
    }

    /// The first unused byte of a slot's payload.
    init(end slot: LiveSlot, in region: Region) {
        base = region.base
        let last = slot.lastBlock.pointee
        if last == 0 {
            block = slot
            offset = LiveSlot.payloadOffset + Int(slot.header.pointee.payloadBytes)
        } else {
            block = LiveSlot(last, base)
            offset = Int(slot.usedInLastBlock.pointee)
        }
    }

    /// Stores this position in the slot as the end of its payload.
    func saveAsEnd(of slot: LiveSlot) {
        slot.lastBlock.pointee = block.address == slot.address ? 0 : block.number(base)
        slot.usedInLastBlock.pointee = UInt32(offset)
    }

    /// Bytes from here to the end of the last block of the chain.
    var room: Int {
        var bytes = LiveSlot.bytes - offset
        var last = block
        while let next = next(after: last) {
            bytes += LiveSlot.bytes - LiveSlot.blockPayloadOffset
            last = next
        }
        return bytes
    }

    /// Appends a block to the chain.
    func append(block number: UInt32) {
        let new = LiveSlot(number, base)
        new.state.pointee.store(new.state.pointee.load(ordering: .relaxed) | LiveState.block, ordering: .relaxed)
        new.nextBlock.pointee = 0
        var last = block
        while let next = next(after: last) { last = next }
        last.nextBlock.pointee = number
    }

    /// The address of the next 16 bytes; moves past them.
    mutating func next16() -> UnsafeMutableRawPointer {
        if offset == LiveSlot.bytes { enterNextBlock() }
        defer { offset += 16 }
        return block.address + offset
    }

    /// Calls `body` with each contiguous piece of the next `count` bytes, and moves past them and their padding.
    mutating func forEachPiece(of count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        var left = count
        while left > 0 {
            if offset == LiveSlot.bytes { enterNextBlock() }
            let piece = min(left, LiveSlot.bytes - offset)
            body(UnsafeMutableRawBufferPointer(start: block.address + offset, count: piece))
            offset += piece
            left -= piece
        }
        offset = (offset + 15) & ~15
    }

    /// Moves on by a multiple of 16 bytes.
    mutating func skip(_ count: Int) {
        forEachPiece(of: count) { _ in }
    }

    mutating func write(_ header: EntryHeader) {
        next16().storeBytes(of: header, as: EntryHeader.self)
    }

    mutating func write(_ source: UnsafeRawBufferPointer) {
        var taken = 0
        forEachPiece(of: source.count) { piece in
            piece.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[taken..<taken + piece.count]))
            taken += piece.count
        }
    }

    /// Whether the next bytes equal `expected`; moves past them in either case.
    mutating func matches(_ expected: UnsafeRawBufferPointer) -> Bool {
        var taken = 0
        var isEqual = true
        forEachPiece(of: expected.count) { piece in
            isEqual = isEqual && piece.elementsEqual(expected[taken..<taken + piece.count])
            taken += piece.count
        }
        return isEqual
    }

    private mutating func enterNextBlock() {
        assert(block.nextBlock.pointee != 0, "writers make room first, and readers stop at payloadBytes")
        block = LiveSlot(block.nextBlock.pointee, base)
        offset = LiveSlot.blockPayloadOffset
    }

    private func next(after block: LiveSlot) -> LiveSlot? {
        let number = block.nextBlock.pointee
        return number == 0 ? nil : LiveSlot(number, base)
    }
}

extension LiveSlot {
    /// A copy of the payload. Use it only while holding the slot's lock.
    func payload(in region: Region) -> [UInt8] {
        let count = Int(header.pointee.payloadBytes)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        var cursor = PayloadCursor(start: self, in: region)
        cursor.forEachPiece(of: count) { bytes.append(contentsOf: $0) }
        return bytes
    }
}
