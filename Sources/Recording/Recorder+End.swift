import CSpanKit
import SpanKitPercentiles
import Synchronization

extension Recorder {
    /// Whether the span was started here.
    @inline(__always)
    func owns(_ span: SpanHandle) -> Bool {
        span.recorderAddress == UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque())
    }

    /// Ends a span: writes it to the log if it is sampled, and frees its slot. Its duration is counted at once, or later from its
    /// record (``UncountedRecords``).
    ///
    /// The fast path makes no call. It checks its conditions first; if one fails, ``endSlowly(_:now:at:)`` does everything
    /// (`Benchmarks`: "start and end by hand").
    /// - Parameter now: The end as a tick, read by the caller before anything that is not part of the span.
    /// - Returns: The duration in nanoseconds; nil if the span had already ended or belongs to another recorder.
    @inline(__always)
    func end(_ span: SpanHandle, now: UInt64) -> UInt64? {
        guard owns(span), let address = span.slot, let thread = currentThread else { return endSlowly(span, now: now) }
        let slot = LiveSlot(address)
        guard thread.pointee.slotCount < ThreadRecorder.slotCapacity, slot.tryLock(span.openState) else {
            return endSlowly(span, now: now)
        }
        guard let bytes = plainBytes(of: slot, thread) else { return endLocked(slot, span.openState, now: now) }
        return endPlainly(slot, thread, span.openState, bytes, now: now)
    }

    /// The bytes of the record of a span of the common kind, whose slot is locked, if the thread's chunk has room for it; nil for any
    /// other span.
    @inline(__always)
    private func plainBytes(of slot: LiveSlot, _ thread: UnsafeMutablePointer<ThreadRecorder>) -> Int? {
        let header = UnsafeMutableRawPointer(slot.header)
        let bytes = RecordHeader.bytes &+ SpanHeader.bytes &+ Int(header.loadWord(at: SpanHeader.sizesOffset) >> 32)
        // The upper half of the operation's word is the next block, which has to be 0.
        let isPlain =
            SpanHeader.isPlain(header.loadWord(at: SpanHeader.detailsOffset))
            && slot.address.loadWord(at: LiveSlot.operationOffset) >> 32 == 0
            && thread.pointee.used &+ bytes <= ThreadRecorder.chunkBytes
        return isPlain ? bytes : nil
    }

    /// Ends a span that has ``plainBytes(of:_:)``.
    @inline(__always)
    private func endPlainly(
        _ slot: LiveSlot,
        _ thread: UnsafeMutablePointer<ThreadRecorder>,
        _ openState: UInt64,
        _ bytes: Int,
        now: UInt64
    ) -> UInt64 {
        let header = UnsafeMutableRawPointer(slot.header)
        let operation = slot.address.loadWord(at: LiveSlot.operationOffset)
        let record = thread.pointee.nextRecord
        RecordHeader.write(bytes, operation: operation, at: record)
        SpanHeader.copy(SpanHeader.bytes, from: header, to: record + RecordHeader.bytes)
        let entries = record + (RecordHeader.bytes + SpanHeader.bytes)
        let payload = slot.address + LiveSlot.payloadOffset
        var offset = 0
        while offset != bytes &- RecordHeader.bytes &- SpanHeader.bytes {
            entries.storeWord(payload.loadWord(at: offset), at: offset)
            entries.storeWord(payload.loadWord(at: offset &+ 8), at: offset &+ 8)
            offset &+= EntryHeader.bytes
        }
        // The end is stored last, so that the processor copies the span while it reads the counter. Readers see the
        // record only after it is committed.
        record.storeWord(now, at: RecordHeader.bytes &+ SpanHeader.endOffset)
        let nanoseconds = clock.nanoseconds(from: header.loadWord(at: SpanHeader.startOffset), to: now)
        thread.pointee.commit(bytes)
        thread.pointee.counters.add(.written)
        slot.free(openState)
        thread.pointee.keepSlot(slot.number(region.base))
        return nanoseconds
    }

    /// Ends a span at a given time, or if the fast path of ``end(_:now:)`` does not apply.
    /// - Parameters:
    ///   - now: The tick of the call.
    ///   - unixNanoseconds: The end in nanoseconds since 1970-01-01 UTC; nil for `now`.
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

    /// Ends the span of a slot that the caller has locked.
    @inline(never)
    private func endLocked(
        _ slot: LiveSlot,
        _ openState: UInt64,
        now: UInt64,
        at unixNanoseconds: Int64? = nil
    ) -> UInt64? {
        var openState = openState
        let header = slot.header
        if header.pointee.bits.contains(.timed) {
            endTimes(slot, now: now, at: unixNanoseconds)
            if unixNanoseconds == nil, let thread = currentThread,
                thread.pointee.slotCount < ThreadRecorder.slotCapacity,
                let bytes = plainBytes(of: slot, thread)
            {
                return endPlainly(slot, thread, openState, bytes, now: now)
            }
        }
        if let processing, processing.changesEndingSpans, header.pointee.bits.isSuperset(of: [.reportsEnd, .recording])
        {
            let (duration, state) = processEnding(processing, slot, openState, now: now, at: unixNanoseconds)
            guard let state else { return duration }
            openState = state
        }
        let thread = thread()
        header.pointee.end = now
        if let unixNanoseconds {
            header.pointee.end = UInt64(bitPattern: unixNanoseconds)
            header.pointee.bits.insert(.endIsUnix)
        }
        let operation = OperationID(rawValue: slot.operation.pointee)
        let tracksHeap = header.pointee.bits.contains(.tracksHeap)
        if tracksHeap {
            header.pointee.heapBytes = Int64(bitPattern: spankit_heap_in_use()) &- header.pointee.heapBytes
        }
        var isWritten = false
        if header.pointee.bits.contains(.recording) {
            isWritten = write(slot, thread)
        } else {
            thread.pointee.counters.add(.unsampled)
        }
        // The counts and the exported spans have the same durations, so the record's anchor converts them if there is one.
        let nanoseconds = duration(of: header.pointee, isWritten ? thread.pointee.spans.chunk?.anchor : nil)
        if tracksHeap {
            engine.record(operation, nanoseconds: nanoseconds, memoryDelta: header.pointee.heapBytes)
        } else if !isWritten
            || !SpanHeader.isPlain(UnsafeMutableRawPointer(header).loadWord(at: SpanHeader.detailsOffset))
        {
            engine.record(operation, nanoseconds: nanoseconds)
        }
        if header.pointee.status == .error { engine.recordError(operation) }
        if slot.nextBlock.pointee != 0 { freeBlocks(of: slot, thread) }
        let reportsEnd = header.pointee.bits.contains(.reportsEnd)
        let ended = reportsEnd ? endedSpan(slot) : nil
        slot.free(openState)
        thread.pointee.giveSlot(slot.number(region.base), to: pool)
        if reportsEnd {
            if let ended { processing?.run(.end(ended), self) }
            configuration.onEnd?()
        }
        return nanoseconds
    }

    /// Passes a span that is ending to the processors, under a new generation, so that only they can change it.
    /// - Returns: The duration in nanoseconds and the new state of the slot, which is locked; nil if a processor has ended the span.
    private func processEnding(
        _ processing: SpanProcessing,
        _ slot: LiveSlot,
        _ openState: UInt64,
        now: UInt64,
        at unixNanoseconds: Int64?
    ) -> (duration: UInt64, state: UInt64?) {
        var header = slot.header.pointee
        header.end = unixNanoseconds.map { UInt64(bitPattern: $0) } ?? now
        if unixNanoseconds != nil { header.bits.insert(.endIsUnix) }
        let nanoseconds = duration(of: header)
        let state = openState &+ 1 << 8
        let span = SpanHandle(
            recorder: .passUnretained(self),
            slot: slot.address,
            openState: state,
            traceID: TraceID(high: header.traceIDHigh, low: header.traceIDLow),
            spanID: SpanID(rawValue: header.spanID),
            operation: slot.operation.pointee,
            stateAndInheritance: header.traceState,
            traceFlags: TraceFlags(rawValue: header.traceFlags)
        )
        slot.unlock(state)
        processing.run(.ending(span, .nanoseconds(Int64(clamping: nanoseconds))), self)
        return (nanoseconds, slot.lock(state) ? state : nil)
    }

    /// A copy of a span whose slot is locked and whose end is set; nil if no processor wants it.
    private func endedSpan(_ slot: LiveSlot) -> RecordedSpan? {
        guard let processing, processing.seesEndedSpans, slot.header.pointee.bits.contains(.recording) else {
            return nil
        }
        let payload = slot.payload(in: region)
        return payload.withUnsafeBytes {
            SpanRecord(header: slot.header.pointee, payload: $0, anchor: clock.anchor()).recordedSpan(
                texts: strings.bytes,
                scopes: scopes.scope
            )
        }
    }

    /// Ends a span without a slot. It was counted as dropped when it started, and its handle holds the start.
    private func endUnrecorded(_ span: SpanHandle, end: UInt64) -> UInt64? {
        guard slotlessEnds.isFirst(span.spanID.rawValue) else {
            ignoreCall(on: span)
            return nil
        }
        let nanoseconds = clock.nanoseconds(from: span.openState, to: end)
        engine.record(OperationID(rawValue: span.operation), nanoseconds: nanoseconds)
        return nanoseconds
    }

    /// The duration of an ended span in nanoseconds.
    /// - Parameter anchor: The anchor of the span's record; nil for a span without one.
    func duration(of header: SpanHeader, _ anchor: ClockAnchor? = nil) -> UInt64 {
        let unixBits = header.bits.intersection(Self.unixBits)
        if unixBits.isEmpty {
            return anchor?.nanoseconds(from: header.start, to: header.end)
                ?? clock.nanoseconds(from: header.start, to: header.end)
        }
        // The clock's lock is taken only if one time is in ticks and the other is not.
        let times = header.unixTimes(anchor ?? (unixBits == Self.unixBits ? .unused : clock.anchor()))
        return UInt64(max(0, times.end &- times.start))
    }

    /// A constant, because an array literal allocates in debug builds.
    private static let unixBits: SpanHeader.Bits = [.startIsUnix, .endIsUnix]

    /// Writes the record of a span.
    /// - Returns: Whether there was room for it; otherwise it is counted as dropped.
    private func write(_ slot: LiveSlot, _ thread: UnsafeMutablePointer<ThreadRecorder>) -> Bool {
        let payload = Int(slot.header.pointee.payloadBytes)
        let bytes = RecordHeader.bytes + SpanHeader.bytes + payload
        guard let record = thread.pointee.reserve(bytes, in: self) else {
            thread.pointee.counters.add(.droppedLogFull)
            return false
        }
        RecordHeader.write(bytes, operation: UInt64(slot.operation.pointee), at: record)
        let content = record + RecordHeader.bytes
        SpanHeader.copy(SpanHeader.bytes, from: UnsafeMutableRawPointer(slot.header), to: content)
        var destination = content + SpanHeader.bytes
        var cursor = PayloadCursor(start: slot, in: region)
        cursor.forEachPiece(of: payload) { piece in
            guard let source = piece.baseAddress else { return }
            destination.copyMemory(from: source, byteCount: piece.count)
            destination += piece.count
        }
        thread.pointee.commit(bytes)
        thread.pointee.counters.add(.written)
        return true
    }

    /// Frees the blocks of a slot. Freeing increments their generations, so that old handles of these slots stay invalid.
    @inline(never)
    private func freeBlocks(of slot: LiveSlot, _ thread: UnsafeMutablePointer<ThreadRecorder>) {
        var next = slot.nextBlock.pointee
        while next != 0 {
            let number = next
            let block = LiveSlot(number, region.base)
            next = block.nextBlock.pointee
            let state = block.state.pointee.load(ordering: .relaxed)
            block.free(state &- LiveState.block &+ LiveState.open)
            thread.pointee.giveSlot(number, to: pool)
        }
    }
}

/// The span ids of spans without a slot that ended recently, to detect a second end.
///
/// A handle does not change when its span ends, and a span without a slot has no state that could show that it has
/// ended. Each end stores the span's id in the cell that the id's low bits select. A second end finds its own id there.
/// A first end is never mistaken for a second one. A second end is mistaken for a first one if another span without a
/// slot used the same cell in between. For each such span, the probability is 1 in ``cellCount``.
///
/// Use it from any thread: a cell is changed by one exchange. The cells live as long as the process, as their recorder does.
struct SlotlessEnds: @unchecked Sendable {
    /// A power of two.
    private static let cellCount = 4_096

    /// Zero bytes are cells without an id.
    private let cells = TablePages(bytes: Self.cellCount * 8).base

    /// Stores the end of a span, and returns whether it is its first.
    /// - Parameter spanID: The id of the span, which is not 0.
    func isFirst(_ spanID: UInt64) -> Bool {
        let offset = Int(truncatingIfNeeded: spanID & UInt64(Self.cellCount - 1)) * 8
        return cells.atomicUInt64(at: offset).pointee.exchange(spanID, ordering: .relaxed) != spanID
    }
}
