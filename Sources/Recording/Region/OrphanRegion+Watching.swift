import Synchronization

/// Looking at the region of a process that runs, from another process, without its knowing.
///
/// Nothing is locked and nothing is written. What is looked at is copied first and thrown away when the owner has used its place
/// again meanwhile: a chunk's sequence number and a slot's state word tell (``ChunkHeader`` and ``LiveSlot`` state the order).
extension RegionReader {
    /// Hands out the spans that have ended since the last call, those included that the process has sent already, as long as
    /// their chunk was not used again. A record is valid during the call only.
    /// - Parameter places: how far the calls before came; a new one begins with all there is.
    package func readEnded(since places: inout LogPlaces, _ body: (SpanRecord) -> Void) {
        var copy: [UInt8] = []
        for chunk in logChunks {
            let sequence = chunk.sequence.pointee.load(ordering: .acquiring)
            let committed = bounds(of: chunk).committed
            var place = places[chunk.index, sequence] ?? LogPlaces.Place(sequence: sequence)
            guard committed > place.end else { continue }
            let anchor = chunk.anchor
            copy.removeAll(keepingCapacity: true)
            copy.append(
                contentsOf: UnsafeRawBufferPointer(start: chunk.content + place.end, count: committed - place.end)
            )
            atomicMemoryFence(ordering: .acquiring)
            guard chunk.sequence.pointee.load(ordering: .relaxed) == sequence,
                chunk.committed.pointee.load(ordering: .relaxed) >= committed
            else { continue }
            copy.withUnsafeMutableBytes { bytes in
                guard let start = bytes.baseAddress else { return }
                var records = RecordWalk(start, to: bytes.count)
                while let record = records.next() {
                    place.records += 1
                    if let span = SpanRecord(checking: record.bytes, anchor) { body(span) }
                }
            }
            place.end = committed
            places.set(place, chunk: chunk.index)
        }
    }

    /// Hands out the spans that are open at this moment; their end means nothing. A record is valid during the call only.
    package func readOpenNow(_ body: (SpanRecord) -> Void) {
        let anchor = newestAnchor ?? firstAnchor
        var copy = [UInt8](repeating: 0, count: LiveSlot.bytes)
        for chunk in slotChunks {
            for number in LiveSlotPool.slots(ofChunk: chunk) {
                let slot = LiveSlot(number, base)
                let state = slot.state.pointee.load(ordering: .acquiring)
                guard LiveState.isOpen(state) else { continue }
                let overwrites = slot.overwrites.pointee
                copy.withUnsafeMutableBytes {
                    $0.copyMemory(from: UnsafeRawBufferPointer(start: slot.address, count: LiveSlot.bytes))
                }
                atomicMemoryFence(ordering: .acquiring)
                let after = slot.state.pointee.load(ordering: .relaxed)
                // The generation counts up when the span ends.
                guard after >> 8 == state >> 8, LiveState.isOpen(after) else { continue }
                let isSettled =
                    after == state && state & 0xFF == LiveState.open && slot.overwrites.pointee == overwrites
                copy.withUnsafeBytes { hand($0, isSettled: isSettled, anchor, body) }
            }
        }
    }

    /// The anchor of the newest chunk, unless that is being opened for another use at this moment.
    private var newestAnchor: ClockAnchor? {
        guard let chunk = logChunks.last else { return nil }
        let sequence = chunk.sequence.pointee.load(ordering: .acquiring)
        // The anchor is written behind the sequence, and before the first record is committed.
        guard chunk.committed.pointee.load(ordering: .acquiring) > 0 else { return nil }
        let anchor = chunk.anchor
        atomicMemoryFence(ordering: .acquiring)
        return chunk.sequence.pointee.load(ordering: .relaxed) == sequence ? anchor : nil
    }

    private func hand(
        _ slot: UnsafeRawBufferPointer,
        isSettled: Bool,
        _ anchor: ClockAnchor,
        _ body: (SpanRecord) -> Void
    ) {
        let header = slot.loadUnaligned(fromByteOffset: LiveSlot.headerOffset, as: SpanHeader.self)
        guard header.bits.contains(.recording), header.hasIdentity else { return }
        // What does not fit the slot is left where it is: following a chain that grows would not be safe. Nor is a payload
        // that somebody was writing; the head stays the same from start to end.
        let inSlot = min(Int(header.payloadBytes), LiveSlot.bytes - LiveSlot.payloadOffset)
        let payload = UnsafeRawBufferPointer(
            rebasing: slot[LiveSlot.payloadOffset..<(LiveSlot.payloadOffset + (isSettled ? inSlot : 0))]
        )
        body(SpanRecord(header: header, payload: payload, anchor: anchor))
    }

    /// Bytes of ended spans that nobody has taken out of the log.
    package var waitingLogBytes: Int { logChunks.reduce(0) { $0 + Int(clamping: $1.waitingBytes) } }
}
