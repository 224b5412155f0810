/// A place in the payload of a live slot, which may continue in chained blocks.
///
/// Reading and writing go through it byte for byte in order; entry headers always lie whole within one block
/// (``EntryHeader``). Only whoever holds the slot's lock may use one.
struct PayloadCursor: EntrySink {
    private let base: UnsafeMutableRawPointer
    private var block: UnsafeMutableRawPointer
    private var offset: Int

    /// The first byte of a slot's payload.
    init(start slot: LiveSlot, in region: Region) {
        base = region.base
        block = slot.address
        offset = LiveSlot.payloadOffset
    }

    /// The first unused byte of a slot's payload.
    init(end slot: LiveSlot, in region: Region) {
        base = region.base
        let last = slot.lastBlock.pointee
        if last == 0 {
            block = slot.address
            offset = LiveSlot.payloadOffset + Int(slot.header.pointee.payloadBytes)
        } else {
            block = region.base + Int(last) * LiveSlot.bytes
            offset = Int(slot.usedInLastBlock.pointee)
        }
    }

    /// Writes the place into the slot as its payload's end.
    func saveAsEnd(of slot: LiveSlot) {
        slot.lastBlock.pointee = block == slot.address ? 0 : UInt32((block - base) / LiveSlot.bytes)
        slot.usedInLastBlock.pointee = UInt32(offset)
    }

    /// Bytes from here to the end of the last block of the chain.
    var room: Int {
        var bytes = LiveSlot.bytes - offset
        var next = nextBlock(of: block)
        while next != 0 {
            bytes += LiveSlot.bytes - LiveSlot.blockPayloadOffset
            next = nextBlock(of: base + Int(next) * LiveSlot.bytes)
        }
        return bytes
    }

    /// Chains one more block to the end.
    func append(block index: UInt32) {
        let new = base + Int(index) * LiveSlot.bytes
        let state = LiveSlot(new).state
        state.pointee.store(state.pointee.load(ordering: .relaxed) | LiveState.block, ordering: .relaxed)
        setNextBlock(of: new, 0)
        var last = block
        while nextBlock(of: last) != 0 { last = base + Int(nextBlock(of: last)) * LiveSlot.bytes }
        setNextBlock(of: last, index)
    }

    /// The address of the sixteen bytes here, which are then behind the cursor.
    mutating func next16() -> UnsafeMutableRawPointer {
        if offset == LiveSlot.bytes { enterNextBlock() }
        defer { offset += 16 }
        return block + offset
    }

    /// Calls `body` with the contiguous pieces of the next `count` bytes and moves behind them and their padding.
    mutating func forEachPiece(of count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        var left = count
        while left > 0 {
            if offset == LiveSlot.bytes { enterNextBlock() }
            let piece = min(left, LiveSlot.bytes - offset)
            body(UnsafeMutableRawBufferPointer(start: block + offset, count: piece))
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

    /// Writes bytes and their padding.
    mutating func write(_ source: UnsafeRawBufferPointer) {
        var taken = 0
        forEachPiece(of: source.count) { piece in
            piece.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[taken..<taken + piece.count]))
            taken += piece.count
        }
    }

    /// Whether the next bytes are these; moves behind them either way.
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
        let next = nextBlock(of: block)
        assert(next != 0, "room was made before writing, and reading stops at payloadBytes")
        block = base + Int(next) * LiveSlot.bytes
        offset = LiveSlot.blockPayloadOffset
    }

    private func nextBlock(of block: UnsafeMutableRawPointer) -> UInt32 {
        block.load(fromByteOffset: LiveSlot.nextBlockOffset, as: UInt32.self)
    }

    private func setNextBlock(of block: UnsafeMutableRawPointer, _ index: UInt32) {
        block.storeBytes(of: index, toByteOffset: LiveSlot.nextBlockOffset, as: UInt32.self)
    }
}
