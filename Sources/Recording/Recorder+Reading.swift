import SpanKitPercentiles
import Synchronization

// How ended spans leave: read and consumed in the log's order, or marked in any order (``LogRecord/mark``).
extension Recorder: SpanSource {
    /// Hands out the ended spans that are in the log, oldest chunk first, until `body` says false.
    package func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
        log.read(body)
    }

    package func consume(_ stretches: [LogStretch]) {
        log.consume(stretches)
    }

    package func text(of number: UInt32) -> UnsafeRawBufferPointer {
        strings.bytes(of: number)
    }

    /// Bytes of ended spans that wait in the log.
    package var waitingBytes: Int { log.chunks.waitingBytes }

    /// Sets what is called, on the thread that records, whenever one begins a new chunk of the log: every few hundred spans.
    package func onChunkOpened(_ body: (@Sendable () -> Void)?) {
        log.chunks.onChunkOpened(body)
    }

    /// The ended spans in the log, oldest chunk first.
    /// - Parameter consuming: whether they are taken out, which makes room.
    package func recordedSpans(consuming: Bool) -> [RecordedSpan] {
        var spans: [RecordedSpan] = []
        let stretches = log.read { record in
            spans.append(record.recordedSpan(texts: strings.bytes))
            return true
        }
        if consuming { log.consume(stretches) }
        return spans
    }

    /// Takes all ended spans out of the log without looking at them, unless somebody is there to read them.
    package func discardRecordedSpans() {
        guard configuration.whenLogIsFull == .overwriteOldest else { return }
        log.consume(log.read { _ in true })
    }

    // MARK: In any order

    /// Hands out the ended spans that came since the last call, with their places; they stay in the log until they are marked.
    package func readNew(
        _ places: inout LogPlaces,
        _ body: (SpanRecord, RecordPlace, _ operation: OperationID) -> Void
    ) {
        log.readNew(&places) { body($0, $1, OperationID(rawValue: $2)) }
    }

    /// Committed records that ``readNew(_:_:)`` would hand out now. From any thread; exact while no other thread records or reads.
    ///
    /// Costs one look at the header of each chunk, whatever is in it.
    package func unseenRecords(after places: LogPlaces) -> UInt64 {
        log.chunks.unseenCount(after: places)
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

    /// Takes these records out of the log; earlier records stay.
    package func take(_ places: some Sequence<RecordPlace>) {
        log.mark(places, LogRecord.taken)
        log.consumeMarked()
    }
}

// What the region says to others, where it is in a file.
extension Recorder {
    /// The note of what is being taken out of this recorder's log. Used only where the region is stored in a file.
    package var journal: ConsumptionJournal { ConsumptionJournal(base: region.base) }

    /// Writes the recorder's identity into the region, for the process that reads it after a crash. Once, before the first span.
    package func describe(resource: [Attribute]) {
        var entries = EntryBytes()
        entries.write(resource)
        guard entries.storage.count <= Region.chunkBytes - ChunkHeader.bytes,
            let chunk = region.openChunk(.resource)
        else { return }
        entries.storage.withUnsafeBytes { bytes in
            UnsafeMutableRawBufferPointer(start: chunk.content, count: bytes.count).copyMemory(from: bytes)
        }
        chunk.committed.pointee.store(UInt64(entries.storage.count), ordering: .releasing)
    }

    /// Notes that the process is alive, so that its open spans have an end should it die. To be called every second or so.
    package func noteAlive() {
        let now = clock.anchor().unixNanoseconds(at: clock.now())
        region.base.atomicUInt64(at: RegionHeader.lastSeenOffset).pointee
            .store(UInt64(bitPattern: now), ordering: .relaxed)
    }
}
