import SpanKitPlatform

/// The log of ended spans, or that of log records. Each thread appends to its own chunk (``ThreadRecorder``); a reader takes the committed records.
///
/// There is one reader at a time, and writers do not wait for it. Lock order: `reader`, then the lock of ``LogChunks``.
final class SpanLog: Sendable {
    let chunks: LogChunks
    private let region: Region
    private let clock: AnchoredClock
    /// The lock of the reader. Its value is not `Void`, because ThreadSanitizer reports a race on the address of a
    /// value without size.
    private let reader = Locked(false)

    /// - Parameter type: The type of the log's chunks.
    init(_ type: ChunkType, region: Region, clock: AnchoredClock, bytes: Int, whenFull: SpanLogOverflow) {
        self.region = region
        self.clock = clock
        chunks = LogChunks(type, region: region, clock: clock, bytes: bytes, whenFull: whenFull)
    }

    /// Closes the log. Call it before its memory is released; nothing is read or written afterwards.
    func close() {
        reader.withLock { _ in chunks.close() }
    }

    // MARK: In the log's order

    /// Calls `body` with each committed record that was not taken, oldest chunk first, until it returns false.
    /// - Returns: The records that `body` accepted, for ``consume(_:)``.
    @inline(__always)
    func read<Record: RecordView>(_ body: (Record) -> Bool) -> [LogStretch] {
        let current = clock.current()
        var stretches: [LogStretch] = []
        withPinnedChunks { chunks in
            for chunk in chunks.prefix(ConsumptionJournal.capacity) {
                let opening = chunk.anchor
                let start = Int(chunk.consumed.pointee.load(ordering: .relaxed))
                let committed = Int(chunk.committed.pointee.load(ordering: .acquiring))
                var end = start
                var records = chunk.records(from: start, to: committed)
                while let record = records.next(), record.mark != 0 || body(Record(record, current, opening)) {
                    end = records.offset
                }
                if end > start { stretches.append(.chunk(chunk, upTo: end)) }
                if end < committed { break }
            }
        }
        return stretches
    }

    /// Removes records that were read from the log, which makes room.
    ///
    /// It counts the records here, because some may have been taken since they were read.
    func consume(_ stretches: [LogStretch]) {
        guard !stretches.isEmpty else { return }
        reader.withLock { _ in
            var taken: UInt64 = 0
            for (chunk, end) in chunks.pin(stretches) {
                let start = Int(chunk.consumed.pointee.load(ordering: .relaxed))
                guard start < end else { continue }
                var count: UInt64 = 0
                var records = chunk.records(from: start, to: end)
                while let record = records.next() { count += record.mark == 0 ? 1 : 0 }
                chunk.addTaken(count)
                chunk.consumed.pointee.store(UInt64(end), ordering: .releasing)
                taken += count
            }
            chunks.unpin(taken: taken)
        }
    }

    // MARK: In any order

    /// Calls `body` with each record that was committed since the last call and was not taken. The records stay in the log until
    /// they are marked.
    func readNew(_ places: inout LogPlaces, _ body: (SpanRecord, RecordPlace, _ operation: UInt32) -> Void) {
        let current = clock.current()
        withPinnedChunks { chunks in
            var next = LogPlaces()
            for chunk in chunks {
                let opening = chunk.anchor
                let consumed = Int(chunk.consumed.pointee.load(ordering: .relaxed))
                var place = places[chunk] ?? Self.place(in: chunk, at: consumed)
                let committed = Int(chunk.committed.pointee.load(ordering: .acquiring))
                var records = chunk.records(from: place.end, to: committed)
                while let record = records.next() {
                    if place.end >= consumed, record.mark == 0 {
                        let found = RecordPlace(chunk: chunk.index, offset: UInt32(place.end))
                        body(SpanRecord(record, current, opening), found, record.operation)
                    }
                    place.end = records.offset
                    place.records += 1
                }
                next.set(place, chunk: chunk.index)
            }
            places = next
        }
    }

    /// The place at which reading of a chunk starts for the first time: after the consumed records.
    private static func place(in chunk: UnsafeMutablePointer<ChunkHeader>, at consumed: Int) -> LogPlaces.Place {
        var place = LogPlaces.Place(sequence: chunk.sequence.pointee.load(ordering: .relaxed), end: consumed)
        var records = chunk.records(to: consumed)
        while records.next() != nil { place.records += 1 }
        return place
    }

    /// A record that ``readNew(_:_:)`` returned and that is not marked; nil if the recorder was closed meanwhile.
    func record(at place: RecordPlace, _ current: CurrentAnchor) -> SpanRecord? {
        let chunk = region.chunk(Int(place.chunk))
        return chunk.record(at: Int(place.offset)).map { SpanRecord($0, current, chunk.anchor) }
    }

    /// Marks records and counts them as taken, except those that are already marked or consumed.
    func mark(_ places: [RecordPlace], _ mark: UInt32) {
        reader.withLock { _ in
            // The memory of a closed log was released.
            guard !chunks.isClosed else { return }
            var taken: UInt64 = 0
            for place in places {
                let chunk = region.chunk(Int(place.chunk))
                guard place.offset >= chunk.consumed.pointee.load(ordering: .relaxed),
                    let record = chunk.record(at: Int(place.offset)), record.mark == 0
                else { continue }
                record.mark = mark
                // A batch whose number is truncated to 0 marks nothing.
                guard mark != 0 else { continue }
                chunk.addTaken(1)
                taken += 1
            }
            chunks.unpin(taken: taken)
        }
    }

    /// Consumes the marked records at the start of each chunk, up to the first that is not marked.
    func consumeMarked() {
        withPinnedChunks { chunks in
            for chunk in chunks {
                let start = Int(chunk.consumed.pointee.load(ordering: .relaxed))
                var end = start
                var records = chunk.records(from: start, to: Int(chunk.committed.pointee.load(ordering: .acquiring)))
                while let record = records.next(), record.mark != 0 { end = records.offset }
                if end > start { chunk.consumed.pointee.store(UInt64(end), ordering: .releasing) }
            }
        }
    }

    /// Calls `body` as the reader with all chunks that hold records, oldest first. No chunk is reused during the call.
    private func withPinnedChunks(_ body: ([UnsafeMutablePointer<ChunkHeader>]) -> Void) {
        reader.withLock { _ in
            body(chunks.pin())
            chunks.unpin()
        }
    }

    // MARK: Fork

    func acquireForFork() {
        reader.acquireForFork()
        chunks.acquireForFork()
    }
}
