import CSpanKit
import SpanKitPercentiles
import Synchronization

extension Recorder {
    /// Whether the span was started here.
    @inline(__always)
    func owns(_ span: SpanHandle) -> Bool {
        span.recorderAddress == UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque())
    }

    /// Ends a span now: counts its duration, writes it to the log when it is sampled, frees its slot.
    ///
    /// The common case is done here, without a call: what it needs is checked first, so that it either happens whole or
    /// ``endSlowly(_:now:at:)`` does everything (`Benchmarks`: "start and end by hand").
    /// - Parameter now: the tick of the call, which the caller reads, so that he can do so before he is done with the span.
    /// - Returns: the duration in nanoseconds; nil when the span had ended already or belongs to another recorder.
    @inline(__always)
    func end(_ span: SpanHandle, now: UInt64) -> UInt64? {
        guard owns(span), let address = span.slot, let thread = currentThread else { return endSlowly(span, now: now) }
        let slot = LiveSlot(address)
        guard thread.pointee.slotCount < ThreadRecorder.slotCapacity, slot.tryLock(span.openState) else {
            return endSlowly(span, now: now)
        }
        let header = UnsafeMutableRawPointer(slot.header)
        let operation = address.loadWord(at: LiveSlot.operationOffset)
        let bytes = RecordHeader.bytes &+ SpanHeader.bytes &+ Int(header.loadWord(at: SpanHeader.sizesOffset) >> 32)
        // The operation's word ends with the next block: none.
        guard header.loadWord(at: SpanHeader.detailsOffset) & SpanHeader.plainMask == SpanHeader.plain,
            operation >> 32 == 0, thread.pointee.used &+ bytes <= ThreadRecorder.chunkBytes
        else { return endLocked(slot, span.openState, now: now) }
        let record = thread.pointee.nextRecord
        RecordHeader.write(bytes, operation: operation, at: record)
        SpanHeader.copy(SpanHeader.bytes, from: header, to: record + RecordHeader.bytes)
        let entries = record + (RecordHeader.bytes + SpanHeader.bytes)
        let payload = address + LiveSlot.payloadOffset
        var offset = 0
        while offset != bytes &- RecordHeader.bytes &- SpanHeader.bytes {
            entries.storeWord(payload.loadWord(at: offset), at: offset)
            entries.storeWord(payload.loadWord(at: offset &+ 8), at: offset &+ 8)
            offset &+= EntryHeader.bytes
        }
        // The time last, so that the processor copies while it reads its counter. Nobody sees the record before it is committed.
        record.storeWord(now, at: RecordHeader.bytes &+ SpanHeader.endOffset)
        let nanoseconds = clock.nanoseconds(from: header.loadWord(at: SpanHeader.startOffset), to: now)
        guard
            engine.recordAtOnce(OperationID(rawValue: UInt32(truncatingIfNeeded: operation)), nanoseconds: nanoseconds)
        else { return endLocked(slot, span.openState, now: now) }
        thread.pointee.commit(bytes)
        thread.pointee.counters.add(.written)
        slot.free(span.openState)
        thread.pointee.keepSlot(index(of: slot))
        return nanoseconds
    }

    /// Ends a span at a given time, or in any case that ``end(_:now:)`` leaves.
    /// - Parameters:
    ///   - now: the tick of the call.
    ///   - unixNanoseconds: nil for now.
    @inline(never)
    func endSlowly(_ span: SpanHandle, now: UInt64, at unixNanoseconds: Int64? = nil) -> UInt64? {
        guard owns(span) else {
            ignoreCall(on: span)
            return nil
        }
        guard let address = span.slot else { return endUnrecorded(span, end: now) }
        let slot = LiveSlot(address)
        guard slot.lock(span.openState) else {
            ignoreCall(on: span)
            return nil
        }
        return endLocked(slot, span.openState, now: now, at: unixNanoseconds)
    }

    /// Ends the span in a slot that the caller has locked.
    @inline(never)
    private func endLocked(
        _ slot: LiveSlot,
        _ openState: UInt64,
        now: UInt64,
        at unixNanoseconds: Int64? = nil
    ) -> UInt64? {
        let thread = thread()
        let header = slot.header
        header.pointee.end = now
        if let unixNanoseconds {
            header.pointee.end = UInt64(bitPattern: unixNanoseconds)
            header.pointee.bits.insert(.endIsUnix)
        }
        let nanoseconds = duration(of: header.pointee)
        let operation = OperationID(rawValue: slot.operation.pointee)
        if header.pointee.bits.contains(.tracksHeap) {
            header.pointee.heapBytes = Int64(bitPattern: spankit_heap_in_use()) &- header.pointee.heapBytes
            engine.record(operation, nanoseconds: nanoseconds, memoryDelta: header.pointee.heapBytes)
        } else {
            engine.record(operation, nanoseconds: nanoseconds)
        }
        if header.pointee.status == .error { engine.recordError(operation) }
        if header.pointee.bits.contains(.recording) {
            write(slot, thread)
        } else {
            thread.pointee.counters.add(.unsampled)
        }
        if slot.nextBlock.pointee != 0 { freeBlocks(of: slot, thread) }
        slot.free(openState)
        thread.pointee.giveSlot(index(of: slot), to: pool)
        return nanoseconds
    }

    /// A span that found no slot, and was counted as dropped then: its handle carries the start.
    private func endUnrecorded(_ span: SpanHandle, end: UInt64) -> UInt64? {
        guard slotlessEnds.isFirst(span.spanID.rawValue) else {
            ignoreCall(on: span)
            return nil
        }
        let nanoseconds = clock.nanoseconds(from: span.openState, to: end)
        engine.record(OperationID(rawValue: span.operation), nanoseconds: nanoseconds)
        return nanoseconds
    }

    private func duration(of header: SpanHeader) -> UInt64 {
        // Not `isDisjoint(with:)`: its literal of two elements allocates in debug builds.
        guard header.bits.contains(.startIsUnix) || header.bits.contains(.endIsUnix) else {
            return clock.nanoseconds(from: header.start, to: header.end)
        }
        // With two Unix times nothing has to be converted, and the clock's lock not to be taken.
        let isUnix = header.bits.contains(.startIsUnix) && header.bits.contains(.endIsUnix)
        let times = header.unixTimes(isUnix ? ClockAnchor(ticks: 0, unixNanoseconds: 0, rate: 0) : clock.anchor())
        return UInt64(max(0, times.end &- times.start))
    }

    private func write(_ slot: LiveSlot, _ thread: UnsafeMutablePointer<ThreadRecorder>) {
        let payload = Int(slot.header.pointee.payloadBytes)
        let bytes = RecordHeader.bytes + SpanHeader.bytes + payload
        guard let record = thread.pointee.reserve(bytes, in: inheritedLog) else {
            thread.pointee.counters.add(.droppedLogFull)
            return
        }
        RecordHeader.write(bytes, operation: UInt64(slot.operation.pointee), at: record)
        let content = record + RecordHeader.bytes
        SpanHeader.copy(SpanHeader.bytes, from: UnsafeMutableRawPointer(slot.header), to: content)
        copyPayload(slot, payload, to: content + SpanHeader.bytes)
        thread.pointee.commit(bytes)
        thread.pointee.counters.add(.written)
    }

    private func copyPayload(_ slot: LiveSlot, _ payload: Int, to destination: UnsafeMutableRawPointer) {
        var cursor = PayloadCursor(start: slot, in: region)
        var copied = 0
        cursor.forEachPiece(of: payload) { piece in
            guard let source = piece.baseAddress else { return }
            (destination + copied).copyMemory(from: source, byteCount: piece.count)
            copied += piece.count
        }
    }

    /// The number of a slot within the region, counted in slots.
    @inline(__always)
    private func index(of slot: LiveSlot) -> UInt32 {
        UInt32(
            truncatingIfNeeded: (UInt(bitPattern: slot.address) &- UInt(bitPattern: region.base)) / UInt(LiveSlot.bytes)
        )
    }

    /// A block keeps the generation of the slot it is, so that an old handle of that slot stays old.
    @inline(never)
    private func freeBlocks(of slot: LiveSlot, _ thread: UnsafeMutablePointer<ThreadRecorder>) {
        var next = slot.nextBlock.pointee
        while next != 0 {
            let block = LiveSlot(next, region.base)
            let index = next
            next = block.nextBlock.pointee
            let state = block.state.pointee.load(ordering: .relaxed)
            block.free(state &- LiveState.block &+ LiveState.open)
            thread.pointee.giveSlot(index, to: pool)
        }
    }
}

/// Which spans without a slot have ended lately, so that the second end of one is seen for what it is.
///
/// A handle is a plain value that does not change when its span ends, and a span beyond the pool has no slot that would tell.
/// So each end leaves the span's id in the cell that the id's low bits choose; who finds it there comes second. A first end is
/// never taken for a second one. The other way round it happens once in ``cellCount`` for each span without a slot that ends
/// between the two.
///
/// Any thread at any time: a cell is changed by one exchange, and nothing else depends on it. The cells live as long as the
/// process, as their recorder does.
struct SlotlessEnds: @unchecked Sendable {
    /// A power of two.
    private static let cellCount = 4_096

    /// Zero bytes are cells without an id.
    private let cells = TablePages(bytes: Self.cellCount * 8).base

    /// Whether the span with this id, which is not 0, ends now for the first time.
    func isFirst(_ spanID: UInt64) -> Bool {
        let offset = Int(truncatingIfNeeded: spanID & UInt64(Self.cellCount - 1)) * 8
        return cells.atomicUInt64(at: offset).pointee.exchange(spanID, ordering: .relaxed) != spanID
    }
}
