import CClock
import Percentiles

extension Recorder {
    /// Whether the span was started here.
    @inline(__always)
    func owns(_ span: Span) -> Bool {
        span.recorder?.toOpaque() == Unmanaged.passUnretained(self).toOpaque()
    }

    /// Ends a span: counts its duration, writes it to the log when it is sampled, frees its slot.
    /// - Parameter unixNanoseconds: nil for now.
    /// - Returns: the duration in nanoseconds; nil when the span had ended already or belongs to another recorder.
    @usableFromInline
    @discardableResult
    package func end(_ span: Span, at unixNanoseconds: Int64? = nil) -> UInt64? {
        let end = clock.now()
        guard owns(span) else {
            ignoreCall()
            return nil
        }
        let thread = thread()
        guard let address = span.slot else { return endUnrecorded(span, end: end, thread) }
        let slot = LiveSlot(address)
        guard slot.lock(generation: span.generation) else {
            ignoreCall()
            return nil
        }
        let header = slot.header
        header.pointee.end = end
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
        if header.pointee.status == 2 { engine.recordError(operation) }
        if header.pointee.bits.contains(.recording) {
            write(slot, thread)
        } else {
            thread.pointee.counters.add(.unsampled)
        }
        free(slot, generation: span.generation, thread)
        return nanoseconds
    }

    /// A span that found no slot: its handle carries the start.
    private func endUnrecorded(_ span: Span, end: UInt64, _ thread: UnsafeMutablePointer<ThreadRecorder>) -> UInt64 {
        let nanoseconds = clock.nanoseconds(from: span.generation, to: end)
        engine.record(OperationID(rawValue: span.operation), nanoseconds: nanoseconds)
        thread.pointee.counters.add(.droppedTooManyLive)
        return nanoseconds
    }

    @inline(__always)
    private func duration(of header: SpanHeader) -> UInt64 {
        // Not `isDisjoint(with:)`: its literal of two elements allocates in debug builds.
        guard header.bits.contains(.startIsUnix) || header.bits.contains(.endIsUnix) else {
            return clock.nanoseconds(from: header.start, to: header.end)
        }
        let anchor = clock.anchor()
        let times = header.unixTimes(anchor)
        return UInt64(max(0, times.end &- times.start))
    }

    @inline(__always)
    private func write(_ slot: LiveSlot, _ thread: UnsafeMutablePointer<ThreadRecorder>) {
        let payload = Int(slot.header.pointee.payloadBytes)
        let bytes = RecordHeader.bytes + SpanHeader.bytes + payload
        guard let record = thread.pointee.reserve(bytes, in: log) else {
            thread.pointee.counters.add(.droppedLogFull)
            return
        }
        record.storeBytes(
            of: RecordHeader(recordBytes: UInt32(bytes), operation: slot.operation.pointee),
            as: RecordHeader.self
        )
        let content = record + RecordHeader.bytes
        let source = UnsafeMutableRawPointer(slot.header)
        SpanHeader.copy(SpanHeader.bytes, from: source, to: content)
        if slot.lastBlock.pointee == 0 {
            SpanHeader.copy(payload, from: slot.address + LiveSlot.payloadOffset, to: content + SpanHeader.bytes)
        } else {
            copyChained(slot, payload, to: content + SpanHeader.bytes)
        }
        thread.pointee.commit(bytes)
        thread.pointee.counters.add(.written)
    }

    @inline(never)
    private func copyChained(_ slot: LiveSlot, _ payload: Int, to destination: UnsafeMutableRawPointer) {
        var cursor = PayloadCursor(start: slot, in: region)
        var copied = 0
        cursor.forEachPiece(of: payload) { piece in
            guard let source = piece.baseAddress else { return }
            (destination + copied).copyMemory(from: source, byteCount: piece.count)
            copied += piece.count
        }
    }

    @inline(__always)
    private func free(_ slot: LiveSlot, generation: UInt64, _ thread: UnsafeMutablePointer<ThreadRecorder>) {
        if slot.nextBlock.pointee != 0 { freeBlocks(of: slot, thread) }
        slot.state.pointee.store((generation &+ 1) << 8 | LiveState.free, ordering: .releasing)
        thread.pointee.giveSlot(UInt32((slot.address - region.base) / LiveSlot.bytes), to: pool)
    }

    /// A block keeps the generation of the slot it is, so that an old handle of that slot stays old.
    @inline(never)
    private func freeBlocks(of slot: LiveSlot, _ thread: UnsafeMutablePointer<ThreadRecorder>) {
        var next = slot.nextBlock.pointee
        while next != 0 {
            let block = LiveSlot(region.base + Int(next) * LiveSlot.bytes)
            let index = next
            next = block.nextBlock.pointee
            let generation = block.state.pointee.load(ordering: .relaxed) >> 8
            block.state.pointee.store((generation &+ 1) << 8 | LiveState.free, ordering: .releasing)
            thread.pointee.giveSlot(index, to: pool)
        }
    }
}
