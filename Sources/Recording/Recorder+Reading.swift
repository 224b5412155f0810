import SpanKitPercentiles
import Synchronization

// Readers take ended spans either in the log's order or, by marking them, in any order (``ChunkRecord/mark``).
extension Recorder: SpanSource {
    /// Calls `body` with each ended span in the log, oldest chunk first, until it returns false.
    package func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
        log.read(body)
    }

    package func consume(_ stretches: [LogStretch]) {
        log.consume(stretches)
    }

    package func text(of number: UInt32) -> UnsafeRawBufferPointer {
        strings.bytes(of: number)
    }

    package func scope(of number: UInt32) -> InstrumentationScope? { scopes.scope(of: number) }

    /// The size in bytes of the ended spans in the log that are not consumed.
    package var waitingBytes: Int { log.chunks.waitingBytes }

    /// Sets a function that is called whenever a thread opens a chunk of the log (every few hundred spans), on that thread.
    package func onChunkOpened(_ body: (@Sendable () -> Void)?) {
        log.chunks.onChunkOpened(body)
    }

    /// Copies of the ended spans in the log, oldest chunk first.
    /// - Parameter consuming: Whether to remove them from the log, which frees their space.
    package func recordedSpans(consuming: Bool) -> [RecordedSpan] {
        var spans: [RecordedSpan] = []
        let stretches = log.read { (record: SpanRecord) in
            spans.append(record.recordedSpan(texts: strings.bytes, scopes: scopes.scope))
            return true
        }
        if consuming { log.consume(stretches) }
        return spans
    }

    /// Removes all ended spans from the log, unless the log has a reader.
    package func discardRecordedSpans() {
        guard configuration.whenLogIsFull == .overwriteOldest else { return }
        log.consume(log.read { (_: SpanRecord) in true })
    }

    // MARK: In any order

    /// Calls `body` with each span that ended since the last call. The spans stay in the log until they are marked.
    package func readNew(
        _ places: inout LogPlaces,
        _ body: (SpanRecord, RecordPlace, _ operation: OperationID) -> Void
    ) {
        log.readNew(&places) { body($0, $1, OperationID(rawValue: $2)) }
    }

    /// The number of records that ``readNew(_:_:)`` would return now; exact while no other thread records or reads.
    /// - Complexity: O(*n*), where *n* is the number of chunks of the log.
    package func unseenRecords(after places: LogPlaces) -> UInt64 {
        log.chunks.unseenCount(after: places)
    }

    /// A record that ``readNew(_:_:)`` returned and that is not marked yet.
    /// - Parameter current: The current anchor of the recorder's clock.
    package func record(at place: RecordPlace, _ current: CurrentAnchor) -> SpanRecord? {
        log.record(at: place, current)
    }

    /// Marks records as part of a batch (``ConsumptionJournal``).
    package func mark(_ places: some Sequence<RecordPlace>, batch: UInt64) {
        log.mark(Array(places), UInt32(truncatingIfNeeded: batch))
    }

    /// Removes these records from the log. Earlier records stay.
    package func take(_ places: some Sequence<RecordPlace>) {
        log.mark(Array(places), ChunkRecord.taken)
        log.consumeMarked()
    }
}

// Information in the region for other processes. It matters only if the region is in a file.
extension Recorder {
    /// The journal of the batches that are being taken from the log.
    package var journal: ConsumptionJournal { ConsumptionJournal(base: region.base) }

    /// Leaves a note for other processes in the region.
    package func leaveNote(_ bytes: [UInt8]) {
        RegionNote(base: region.base).write(bytes)
    }

    /// Writes the resource into the region, for the process that reads it after a crash. Call it once, before the first span.
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

    /// Stores which signals the process exports. The others are not recovered after a crash.
    package func noteExported(spans: Bool, logRecords: Bool) {
        var signals: ExportedSignals = spans ? [] : .noSpans
        if logRecords { signals.insert(.logRecords) }
        region.base.atomicUInt64(at: RegionHeader.exportedSignalsOffset).pointee
            .store(signals.rawValue, ordering: .relaxed)
    }

    /// Stores the current time as the time when the process was last alive. It becomes the end of spans that are open when the
    /// process dies. Call it about once a second.
    package func noteAlive() {
        let now = clock.anchor().unixNanoseconds(at: clock.now())
        region.base.atomicUInt64(at: RegionHeader.lastSeenOffset).pointee
            .store(UInt64(bitPattern: now), ordering: .relaxed)
    }
}
