import Percentiles

/// Takes records out of the log in another order than they stand there, as tail sampling does: a mark in the record itself says
/// that it is taken, and what is marked from the start of a chunk on is consumed.
///
/// A mark is the number of the batch that takes the record. It counts from the moment the journal has begun that batch, so that
/// a crash leaves a span either in the log or in a body, whatever the order (``ConsumptionJournal``). Batches beyond four billion
/// would have to share numbers: at a thousand a second that is after fifty days, and matters only to a crash in that moment.
enum RecordMark {
    /// Dropped, or taken by a batch that is in no file.
    static let taken = UInt32.max

    static func mark(of record: UnsafeRawPointer) -> UInt32 {
        record.load(fromByteOffset: RecordHeader.markOffset, as: UInt32.self)
    }
}

/// Where in the log a record stands. Good until the record is marked.
package struct RecordPlace: Sendable, Hashable {
    var chunk: UInt32
    /// Behind the chunk's header.
    var offset: UInt32
}

/// How far each chunk of a log has been looked at.
package struct LogPlaces: Sendable {
    struct Place {
        var sequence: UInt64
        var end: UInt64
        /// Records before the end.
        var records: UInt64
    }

    var places: [UInt32: Place] = [:]

    package init() {}
}

extension SpanLog {
    /// Hands out the committed records that came since the last call and that no reader has taken. They stay in the log, for whoever
    /// marks them later.
    ///
    /// One reader at a time; writers go on.
    func readNew(_ places: inout LogPlaces, _ body: (SpanRecord, RecordPlace, _ operation: UInt32) -> Void) {
        let current = clock.current()
        withPinnedChunks { chunks in
            var next: [UInt32: LogPlaces.Place] = [:]
            for index in chunks {
                let chunk = region.chunk(Int(index))
                let opening = chunk.anchor
                let consumed = Int(chunk.consumed.pointee.load(ordering: .relaxed))
                var place = known(places, chunk) ?? consumedPlace(chunk)
                place.end = Self.forEachRecord(
                    in: chunk,
                    from: place.end,
                    to: chunk.committed.pointee.load(ordering: .acquiring)
                ) { record, bytes in
                    let offset = record - UnsafeRawPointer(chunk.content)
                    if offset >= consumed, RecordMark.mark(of: record) == 0 {
                        let operation = record.load(as: RecordHeader.self).operation
                        body(
                            SpanRecord(record, bytes: bytes, current, opening),
                            RecordPlace(chunk: index, offset: UInt32(offset)),
                            operation
                        )
                    }
                    place.records += 1
                    return true
                }
                next[index] = place
            }
            places.places = next
        }
    }

    /// How many records ``readNew(_:_:)`` would hand out now, unless another reader consumes them before. Costs one look at the header of
    /// each chunk, whatever is in it.
    func unseenCount(after places: LogPlaces) -> UInt64 {
        state.withLock { state in
            var count: UInt64 = 0
            forEachChunk(state) { chunk in
                if let place = known(places, chunk) {
                    let committed = chunk.recordCount.pointee.load(ordering: .relaxed)
                    count += committed - min(committed, place.records)
                } else {
                    count += waitingCount(chunk)
                }
            }
            return count
        }
    }

    /// How far a chunk was looked at in its present use.
    private func known(_ places: LogPlaces, _ chunk: UnsafeMutablePointer<ChunkHeader>) -> LogPlaces.Place? {
        guard let place = places.places[chunk.index],
            place.sequence == chunk.sequence.pointee.load(ordering: .relaxed)
        else { return nil }
        return place
    }

    /// Where to begin in a chunk that was not looked at.
    private func consumedPlace(_ chunk: UnsafeMutablePointer<ChunkHeader>) -> LogPlaces.Place {
        let consumed = chunk.consumed.pointee.load(ordering: .relaxed)
        var records: UInt64 = 0
        _ = Self.forEachRecord(in: chunk, from: 0, to: consumed) { _, _ in
            records += 1
            return true
        }
        return LogPlaces.Place(
            sequence: chunk.sequence.pointee.load(ordering: .relaxed),
            end: consumed,
            records: records
        )
    }

    /// A record that ``readNew(_:_:)`` has handed out and nobody has marked; nil when the recorder was closed meanwhile.
    func record(at place: RecordPlace, _ current: CurrentAnchor) -> SpanRecord? {
        let chunk = region.chunk(Int(place.chunk))
        let record = UnsafeRawPointer(chunk.content) + Int(place.offset)
        let bytes = Int(record.load(as: RecordHeader.self).recordBytes)
        guard bytes >= RecordHeader.bytes + SpanHeader.bytes else { return nil }
        return SpanRecord(record, bytes: bytes, current, chunk.anchor)
    }

    /// Marks records, but for those that are marked or consumed already: each counts as taken once.
    func mark(_ places: some Sequence<RecordPlace>, _ mark: UInt32) {
        reader.withLock { _ in
            // The memory of a closed log is given back.
            guard state.withLock({ $0.waitingWhenClosed == nil }) else { return }
            var taken: UInt64 = 0
            for place in places {
                let chunk = region.chunk(Int(place.chunk))
                let record = chunk.content + Int(place.offset)
                guard RecordMark.mark(of: record) == 0,
                    place.offset >= chunk.consumed.pointee.load(ordering: .relaxed)
                else { continue }
                record.storeBytes(of: mark, toByteOffset: RecordHeader.markOffset, as: UInt32.self)
                // A batch whose number is cut to 0 marks nothing.
                guard mark != 0 else { continue }
                addTaken(1, in: chunk)
                taken += 1
            }
            state.withLock { $0.taken += taken }
        }
    }

    /// Consumes what is marked from the start of each chunk on, which makes room where nothing unmarked is left before it.
    func consumeMarked() {
        withPinnedChunks { chunks in
            for index in chunks {
                let chunk = region.chunk(Int(index))
                let start = chunk.consumed.pointee.load(ordering: .relaxed)
                let end = Self.forEachRecord(
                    in: chunk,
                    from: start,
                    to: chunk.committed.pointee.load(ordering: .acquiring)
                ) { record, _ in RecordMark.mark(of: record) != 0 }
                if end > start { chunk.consumed.pointee.store(end, ordering: .releasing) }
            }
        }
        state.withLock { recycle(&$0) }
    }

}

extension Recorder {
    /// Hands out the ended spans that came since the last call, with their places; they stay in the log until they are marked.
    package func readNew(
        _ places: inout LogPlaces,
        _ body: (SpanRecord, RecordPlace, _ operation: OperationID) -> Void
    ) {
        log.readNew(&places) { body($0, $1, OperationID(rawValue: $2)) }
    }

    /// Committed records that ``readNew(_:_:)`` would hand out now. From any thread; exact while no other thread records or reads.
    package func unseenRecords(after places: LogPlaces) -> UInt64 {
        log.unseenCount(after: places)
    }

    /// A record that was handed out and is not marked yet.
    /// - Parameter current: of this recorder's clock, for this and other records.
    package func record(at place: RecordPlace, _ current: CurrentAnchor) -> SpanRecord? {
        log.record(at: place, current)
    }

    /// Says that a batch takes these records (``ConsumptionJournal``).
    package func mark(_ places: some Sequence<RecordPlace>, batch: UInt64) {
        log.mark(places, UInt32(truncatingIfNeeded: batch))
    }

    /// Takes these records out of the log, whatever stands before them there.
    package func take(_ places: some Sequence<RecordPlace>) {
        log.mark(places, RecordMark.taken)
        log.consumeMarked()
    }
}
