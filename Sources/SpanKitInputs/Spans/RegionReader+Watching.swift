import SpanKitRecording
import Synchronization

/// Reads the region of a running process, without locks and without writing to it.
///
/// Data is copied first. The copy is discarded if the process reused that memory meanwhile, which a chunk's sequence number and
/// a slot's state word show (see `ChunkHeader` and `LiveSlot` for the order of writes).
extension RegionReader {
    /// Calls `body` with each span that ended since the last call. A record is valid only during the call.
    ///
    /// This includes spans that the process has already sent, until it reuses their chunk.
    /// - Parameter places: The positions that earlier calls reached. A new value starts with the oldest span in the
    ///   log.
    package func readEnded(since places: inout LogPlaces, _ body: (SpanRecord) -> Void) {
        readNew(logChunks, since: &places) { bytes, anchor in
            if let span = SpanRecord(checking: bytes, anchor) { body(span) }
        }
    }

    /// Calls `body` with each log record that was made since the last call, as ``readEnded(since:_:)`` does for spans. The same value
    /// of `places` can be used for both.
    package func readLogRecords(since places: inout LogPlaces, _ body: (LogRecordView) -> Void) {
        readNew(logRecordChunks, since: &places) { bytes, anchor in
            if let record = LogRecordView(checking: bytes, anchor) { body(record) }
        }
    }

    private func readNew(
        _ chunks: [UnsafeMutablePointer<ChunkHeader>],
        since places: inout LogPlaces,
        _ body: (UnsafeRawBufferPointer, ClockAnchor) -> Void
    ) {
        var copy: [UInt8] = []
        for chunk in chunks {
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
                    body(record.bytes, anchor)
                }
            }
            place.end = committed
            places.set(place, chunk: chunk.index)
        }
    }

    /// Calls `body` with each span that is open now. Its end time has no meaning. A record is valid only during the call.
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

    /// The anchor of the newest chunk; nil while the process is opening that chunk.
    private var newestAnchor: ClockAnchor? {
        guard let chunk = logChunks.last else { return nil }
        let sequence = chunk.sequence.pointee.load(ordering: .acquiring)
        // The anchor is written after the sequence and before the first record is committed.
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
        // Only the part in the slot itself: following a chain of blocks that may grow is not safe. And no payload that a thread
        // is changing; the header stays the same from start to end.
        let inSlot = min(Int(header.payloadBytes), LiveSlot.bytes - LiveSlot.payloadOffset)
        let payload = UnsafeRawBufferPointer(
            rebasing: slot[LiveSlot.payloadOffset..<(LiveSlot.payloadOffset + (isSettled ? inSlot : 0))]
        )
        body(SpanRecord(header: header, payload: payload, anchor: anchor))
    }

    /// The size in bytes of the ended spans and the log records that the process has not consumed.
    package var waitingLogBytes: Int { (logChunks + logRecordChunks).reduce(0) { $0 + Int(clamping: $1.waitingBytes) } }
}
