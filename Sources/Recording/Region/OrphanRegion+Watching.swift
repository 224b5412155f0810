import Synchronization

/// How far a watcher has read each chunk of a region that is still being written.
package struct WatchedPlaces: Sendable {
    fileprivate struct Place {
        var sequence: UInt64
        var end: UInt64
    }

    fileprivate var places: [UInt32: Place] = [:]

    package init() {}
}

/// Looking at the region of a process that runs, from another process, without its knowing.
///
/// Nothing is locked and nothing is written. What is looked at is copied first and thrown away when the owner has used its place
/// again meanwhile: a chunk's sequence number and a slot's state word tell (``ChunkHeader`` and ``LiveSlot`` state the order).
extension OrphanRegion {
    /// Hands out the spans that have ended since the last call, those included that the process has sent already, as long as
    /// their chunk was not used again. A record is valid during the call only.
    /// - Parameter places: how far the calls before came; a new one begins with all there is.
    package func readEnded(since places: inout WatchedPlaces, _ body: (SpanRecord) -> Void) {
        var copy: [UInt8] = []
        for chunk in logChunks {
            let sequence = chunk.sequence.pointee.load(ordering: .acquiring)
            let committed = min(
                chunk.committed.pointee.load(ordering: .acquiring),
                UInt64(Region.chunkBytes - ChunkHeader.bytes)
            )
            var start: UInt64 = 0
            if let place = places.places[chunk.index], place.sequence == sequence { start = place.end }
            guard committed > start else { continue }
            let anchor = chunk.anchor
            copy.removeAll(keepingCapacity: true)
            copy.append(
                contentsOf: UnsafeRawBufferPointer(start: chunk.content + Int(start), count: Int(committed - start))
            )
            atomicMemoryFence(ordering: .acquiring)
            guard chunk.sequence.pointee.load(ordering: .relaxed) == sequence,
                chunk.committed.pointee.load(ordering: .relaxed) >= committed
            else { continue }
            places.places[chunk.index] = WatchedPlaces.Place(sequence: sequence, end: committed)
            copy.withUnsafeBytes { Self.forEachRecord(in: $0, anchor, body) }
        }
    }

    private static func forEachRecord(
        in bytes: UnsafeRawBufferPointer,
        _ anchor: ClockAnchor,
        _ body: (SpanRecord) -> Void
    ) {
        var rest = bytes
        while rest.count >= RecordHeader.bytes {
            let length = Int(rest.loadUnaligned(as: UInt32.self))
            guard length >= RecordHeader.bytes, length <= rest.count else { return }
            if let record = SpanRecord(checking: rest, anchor) { body(record) }
            rest = UnsafeRawBufferPointer(rebasing: rest[length...])
        }
    }

    /// Hands out the spans that are open at this moment; their end means nothing. A record is valid during the call only.
    package func readOpenNow(_ body: (SpanRecord) -> Void) {
        let anchor = newestAnchor ?? base.load(as: RegionHeader.self).anchor
        var copy = [UInt8](repeating: 0, count: LiveSlot.bytes)
        for chunk in slotChunks {
            for position in 1...LiveSlotPool.slotsPerChunk {
                let index = chunk * (Region.chunkBytes / LiveSlot.bytes) + position
                let slot = LiveSlot(base + index * LiveSlot.bytes)
                let state = slot.state.pointee.load(ordering: .acquiring)
                guard state & 0xFF == LiveState.open || state & 0xFF == LiveState.busy else { continue }
                let overwrites = slot.overwrites.pointee
                copy.withUnsafeMutableBytes {
                    $0.copyMemory(from: UnsafeRawBufferPointer(start: slot.address, count: LiveSlot.bytes))
                }
                atomicMemoryFence(ordering: .acquiring)
                let after = slot.state.pointee.load(ordering: .relaxed)
                // The generation counts up when the span ends.
                guard after >> 8 == state >> 8, after & 0xFF == LiveState.open || after & 0xFF == LiveState.busy else {
                    continue
                }
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
        let header = slot.loadUnaligned(fromByteOffset: 16, as: SpanHeader.self)
        guard header.bits.contains(.recording), header.spanID != 0, header.traceIDHigh | header.traceIDLow != 0 else {
            return
        }
        // What does not fit the slot is left where it is: following a chain that grows would not be safe. Nor is a payload
        // that somebody was writing; the head stays the same from start to end.
        let inSlot = min(Int(header.payloadBytes), LiveSlot.bytes - LiveSlot.payloadOffset)
        let payload = UnsafeRawBufferPointer(
            rebasing: slot[LiveSlot.payloadOffset..<(LiveSlot.payloadOffset + (isSettled ? inSlot : 0))]
        )
        body(SpanRecord(header: header, payload: payload, anchor: anchor))
    }

    /// Bytes of ended spans that nobody has taken out of the log.
    package var waitingLogBytes: Int {
        logChunks.reduce(0) { sum, chunk in
            let committed = chunk.committed.pointee.load(ordering: .relaxed)
            let consumed = chunk.consumed.pointee.load(ordering: .relaxed)
            return sum + Int(clamping: committed > consumed ? committed - consumed : 0)
        }
    }

    /// When the process began to record, Unix nanoseconds.
    package var createdUnixNanoseconds: Int64 { base.load(as: RegionHeader.self).createdUnixNanoseconds }
}
