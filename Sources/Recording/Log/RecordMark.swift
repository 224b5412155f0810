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
    }

    var places: [UInt32: Place] = [:]

    package init() {}
}

extension SpanLog {
    /// Hands out the committed records that came since the last call. They stay in the log, for whoever marks them later.
    ///
    /// One reader at a time; writers go on.
    func readNew(_ places: inout LogPlaces, _ body: (SpanRecord, RecordPlace, _ operation: UInt32) -> Void) {
        let current = clock.current()
        withPinnedChunks { chunks in
            var next: [UInt32: LogPlaces.Place] = [:]
            for index in chunks {
                let chunk = region.chunk(Int(index))
                let sequence = chunk.pointee.sequence
                let known = places.places[index]
                let start =
                    known?.sequence == sequence
                    ? known?.end ?? 0 : chunk.consumed.pointee.load(ordering: .relaxed)
                var place = RecordPlace(chunk: index, offset: UInt32(start))
                let end = Self.forEachRecord(
                    in: chunk,
                    from: start,
                    to: chunk.committed.pointee.load(ordering: .acquiring)
                ) { record, bytes in
                    let operation = record.load(as: RecordHeader.self).operation
                    body(SpanRecord(record, bytes: bytes, current, chunk.pointee.anchor), place, operation)
                    place.offset += UInt32(bytes)
                    return true
                }
                next[index] = LogPlaces.Place(sequence: sequence, end: end)
            }
            places.places = next
        }
    }

    /// A record that ``readNew(_:_:)`` has handed out and nobody has marked; nil when the recorder was closed meanwhile.
    func record(at place: RecordPlace, _ current: CurrentAnchor) -> SpanRecord? {
        let chunk = region.chunk(Int(place.chunk))
        let record = UnsafeRawPointer(chunk.content) + Int(place.offset)
        let bytes = Int(record.load(as: RecordHeader.self).recordBytes)
        guard bytes >= RecordHeader.bytes + SpanHeader.bytes else { return nil }
        return SpanRecord(record, bytes: bytes, current, chunk.pointee.anchor)
    }

    /// Marks records, but for those that are marked already.
    func mark(_ places: some Sequence<RecordPlace>, _ mark: UInt32) {
        for place in places {
            let record = region.chunk(Int(place.chunk)).content + Int(place.offset)
            guard RecordMark.mark(of: record) == 0 else { continue }
            record.storeBytes(of: mark, toByteOffset: RecordHeader.markOffset, as: UInt32.self)
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

    /// Calls `body` as the reader, with all chunks that hold records, oldest first, none of which is used again meanwhile.
    private func withPinnedChunks(_ body: ([UInt32]) -> Void) {
        reader.withLock { _ in
            let chunks = state.withLock { state in
                state.pinned = (state.queued + state.open)
                    .sorted { region.chunk(Int($0)).pointee.sequence < region.chunk(Int($1)).pointee.sequence }
                return state.pinned
            }
            body(chunks)
            state.withLock { $0.pinned = [] }
        }
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
