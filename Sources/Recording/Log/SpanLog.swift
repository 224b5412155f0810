import SpanKitPlatform

/// The ended spans, in chunks: each thread appends to a chunk of its own (``ThreadRecorder``), readers take what is committed.
///
/// One reader at a time; writers go on. What a reader is handed is valid during the call only.
/// Order of locks: reader, then the one of ``LogChunks``.
final class SpanLog: Sendable {
    let chunks: LogChunks
    private let region: Region
    private let clock: AnchoredClock
    /// Held by whoever reads. Not `Void`: a value of no size shares the address of its object, which ThreadSanitizer takes for a race.
    private let reader = Locked(false)

    init(region: Region, clock: AnchoredClock, bytes: Int, whenFull: SpanLogOverflow) {
        self.region = region
        self.clock = clock
        chunks = LogChunks(region: region, clock: clock, bytes: bytes, whenFull: whenFull)
    }

    /// Ends the log, to be called before its memory is given back: nothing can be read or written from now on.
    func close() {
        reader.withLock { _ in chunks.close() }
    }

    // MARK: In the log's order

    /// Hands every committed record that no reader has taken to `body`, oldest chunk first, until it says false.
    /// - Returns: what was handed out and accepted, for ``consume(_:)``.
    func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
        let current = clock.current()
        var stretches: [LogStretch] = []
        withPinnedChunks { chunks in
            for chunk in chunks.prefix(ConsumptionJournal.capacity) {
                let opening = chunk.anchor
                let start = Int(chunk.consumed.pointee.load(ordering: .relaxed))
                let committed = Int(chunk.committed.pointee.load(ordering: .acquiring))
                var end = start
                var records = chunk.records(from: start, to: committed)
                while let record = records.next(), record.mark != 0 || body(SpanRecord(record, current, opening)) {
                    end = records.offset
                }
                if end > start { stretches.append(.chunk(chunk, upTo: end)) }
                if end < committed { break }
            }
        }
        return stretches
    }

    /// Takes what was read out of the log, which makes room.
    ///
    /// The records are counted here, by walking over them: those of a stretch may have been taken meanwhile, all or some.
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

    /// Hands out the committed records that came since the last call and that no reader has taken. They stay in the log, for whoever
    /// marks them later.
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

    /// Where to begin in a chunk that was not looked at.
    private static func place(in chunk: UnsafeMutablePointer<ChunkHeader>, at consumed: Int) -> LogPlaces.Place {
        var place = LogPlaces.Place(sequence: chunk.sequence.pointee.load(ordering: .relaxed), end: consumed)
        var records = chunk.records(to: consumed)
        while records.next() != nil { place.records += 1 }
        return place
    }

    /// A record that ``readNew(_:_:)`` has handed out and that is not marked; nil when the recorder was closed meanwhile.
    func record(at place: RecordPlace, _ current: CurrentAnchor) -> SpanRecord? {
        let chunk = region.chunk(Int(place.chunk))
        return chunk.record(at: Int(place.offset)).map { SpanRecord($0, current, chunk.anchor) }
    }

    /// Marks records, but for those that are marked or consumed already: each counts as taken once.
    func mark(_ places: some Sequence<RecordPlace>, _ mark: UInt32) {
        reader.withLock { _ in
            // The memory of a closed log is given back.
            guard !chunks.isClosed else { return }
            var taken: UInt64 = 0
            for place in places {
                let chunk = region.chunk(Int(place.chunk))
                guard place.offset >= chunk.consumed.pointee.load(ordering: .relaxed),
                    let record = chunk.record(at: Int(place.offset)), record.mark == 0
                else { continue }
                record.mark = mark
                // A batch whose number is cut to 0 marks nothing.
                guard mark != 0 else { continue }
                chunk.addTaken(1)
                taken += 1
            }
            chunks.unpin(taken: taken)
        }
    }

    /// Consumes what is marked from the start of each chunk on, which makes room where nothing unmarked is left before it.
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

    /// Calls `body` as the reader, with all chunks that hold records, oldest first, none of which is used again meanwhile.
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
