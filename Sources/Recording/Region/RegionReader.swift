import SpanKitPlatform
import Synchronization

/// Reads the region of another process: the spans that a process left when it ended, or those of a running process (`isReadOnly`).
///
/// It checks every number in the file against the file's size, so a damaged file may lose spans, but cannot crash the
/// reader. Use it from one thread at a time, in the process that holds the spool's lock.
package final class RegionReader: SpanSource, @unchecked Sendable {
    /// The attribute of spans that were open when their process ended. Their end is the time when the process was last alive.
    package static let unfinishedKey = "spankit.unfinished"

    package let base: UnsafeMutableRawPointer
    private let length: Int
    private let chunkCount: Int
    private var texts: [UInt32: UnsafeRawBufferPointer] = [:]
    private var scopes: [UInt32: InstrumentationScope] = [:]
    /// The chunks of the log of spans, oldest first.
    package private(set) var logChunks: [UnsafeMutablePointer<ChunkHeader>] = []
    /// The chunks of the log of log records, oldest first.
    package private(set) var logRecordChunks: [UnsafeMutablePointer<ChunkHeader>] = []
    /// The indices of the chunks that hold live slots.
    package private(set) var slotChunks: [UInt32] = []
    /// The attributes of the process's resource.
    package private(set) var resource: [Attribute] = []
    package let journal: ConsumptionJournal
    /// The ends of the records in each chunk that are in a body already, although their process did not consume them
    /// (``ConsumptionJournal``). Only known if the region is read without changing it; ``rollForward()`` consumes them.
    private var stored: [UInt32: UInt64] = [:]

    /// Why a file cannot be read.
    package enum Problem: Error, Equatable {
        /// A system call failed with this error number.
        case system(Int32)
        /// The file is empty because its process ended before it wrote to it.
        case unused
        /// The file is not a region, or its first bytes are damaged.
        case notARegion
        /// The file was written by another version, or on a machine of another kind.
        case otherFormat(UInt32)
    }

    /// Maps a file for the lifetime of the reader.
    /// - Parameter isReadOnly: True for the region of a process that may still run. Do not consume spans then. Chunks that the
    ///   process opens later are not read.
    package init(path: String, isReadOnly: Bool = false) throws(Problem) {
        let descriptor = open(path, (isReadOnly ? O_RDONLY : O_RDWR) | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(errno) }
        let length = Int(status.st_size)
        guard length > 0 else { throw .unused }
        guard length >= 2 * Region.chunkBytes else { throw .notARegion }
        let protection = isReadOnly ? PROT_READ : PROT_READ | PROT_WRITE
        guard let base = mmap(nil, length, protection, Int32(MAP_SHARED), descriptor, 0),
            base != UnsafeMutableRawPointer(bitPattern: -1)
        else { throw .system(errno) }
        let header = base.load(as: RegionHeader.self)
        guard header.magic == Region.magic, Region.readableVersions.contains(header.formatVersion),
            header.byteOrderMark == Region.byteOrderMark, header.chunkBytes == UInt32(Region.chunkBytes),
            header.slotBytes == UInt32(LiveSlot.bytes)
        else {
            munmap(base, length)
            if header.magic == 0, header.formatVersion == 0 { throw .unused }
            throw header.magic == Region.magic ? .otherFormat(header.formatVersion) : .notARegion
        }
        self.base = base
        self.length = length
        // The load has acquire ordering, because the process may be running. So each counted chunk has its type and
        // index.
        let opened = base.atomicUInt32(at: RegionHeader.chunkCountOffset).pointee.load(ordering: .acquiring)
        chunkCount = min(Int(opened), length / Region.chunkBytes)
        journal = ConsumptionJournal(base: base)
        if isReadOnly, journal.unfinishedBatch != nil {
            for case .chunk(let index, _, let end) in journal.stretches { stored[index] = end }
        }
        collectChunks()
    }

    deinit { munmap(base, length) }

    /// The process that wrote the region.
    package var processID: Int32 { Int32(truncatingIfNeeded: base.load(as: RegionHeader.self).processID) }

    /// The time when the process began to record, in Unix nanoseconds.
    package var createdUnixNanoseconds: Int64 { base.load(as: RegionHeader.self).createdUnixNanoseconds }

    /// Whether the process exported spans.
    package var exportsSpans: Bool { !exportedSignals.contains(.noSpans) }

    /// Whether the process exported log records.
    package var exportsLogRecords: Bool { exportedSignals.contains(.logRecords) }

    private var exportedSignals: ExportedSignals {
        ExportedSignals(rawValue: base.loadWord(at: RegionHeader.exportedSignalsOffset))
    }

    /// The anchor of the process's clock when it began to record.
    package var firstAnchor: ClockAnchor { base.load(as: RegionHeader.self).anchor }

    /// Consumes the spans of an unfinished batch, and removes the marks of a batch that was not begun.
    package func rollForward() {
        if journal.unfinishedBatch != nil {
            journal.confirm()
            consume(journal.stretches)
            journal.end()
        }
        // The next batch will have the number of the one that was not begun.
        let lastBatch = journal.lastBatch
        for chunk in logChunks {
            let (start, committed) = bounds(of: chunk)
            var records = chunk.records(from: start, to: committed)
            while let record = records.next() {
                if record.mark != ChunkRecord.taken, record.mark > lastBatch { record.mark = 0 }
            }
        }
    }

    // MARK: Ended spans

    package func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
        read(logChunks) { bytes, anchor in SpanRecord(checking: bytes, anchor).map(body) ?? true }
    }

    /// - Parameter body: Returns whether a record is accepted; true for one that is damaged.
    private func read(
        _ chunks: [UnsafeMutablePointer<ChunkHeader>],
        _ body: (UnsafeRawBufferPointer, ClockAnchor) -> Bool
    ) -> [LogStretch] {
        var stretches: [LogStretch] = []
        for chunk in chunks.prefix(ConsumptionJournal.capacity) {
            let (start, committed) = bounds(of: chunk)
            // The stretch includes everything after a damaged record, because the next record cannot be found.
            var end = committed
            var records = chunk.records(from: start, to: committed)
            while let record = records.next() {
                // A marked record was taken out of order.
                guard record.mark == 0, !body(record.bytes, chunk.anchor) else { continue }
                end = records.offset - record.count
                break
            }
            if end > start { stretches.append(.chunk(chunk, upTo: end)) }
            if end < committed { break }
        }
        return stretches
    }

    package func consume(_ stretches: [LogStretch]) {
        for stretch in stretches {
            switch stretch {
            case .chunk(let index, _, let end):
                (logChunks + logRecordChunks).first { $0.index == index }?.consumed.pointee.store(
                    end,
                    ordering: .releasing
                )
            case .slots(let end): journal.rescuedSlots = max(journal.rescuedSlots, end)
            case .chosen: break
            }
        }
    }

    package func text(of number: UInt32) -> UnsafeRawBufferPointer { texts[number] ?? .empty }
    package func scope(of number: UInt32) -> InstrumentationScope? { scopes[number] }

    // MARK: Log records

    /// The log records that the process left.
    package var logRecords: any LogRecordSource { LogRecords(region: self) }

    private final class LogRecords: LogRecordSource, @unchecked Sendable {
        private let region: RegionReader

        init(region: RegionReader) {
            self.region = region
        }

        func read(_ body: (LogRecordView) -> Bool) -> [LogStretch] {
            region.read(region.logRecordChunks) { bytes, anchor in
                LogRecordView(checking: bytes, anchor).map(body) ?? true
            }
        }
        func consume(_ stretches: [LogStretch]) { region.consume(stretches) }
        func text(of number: UInt32) -> UnsafeRawBufferPointer { region.text(of: number) }
    }

    // MARK: Open spans

    /// The spans that were open when the process ended, with the status error and the attribute ``unfinishedKey``. Read and consume
    /// them after all ended spans.
    package var openSpans: any SpanSource { OpenSpans(region: self) }

    private final class OpenSpans: SpanSource, @unchecked Sendable {
        private let region: RegionReader

        init(region: RegionReader) {
            self.region = region
        }

        func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] { region.readOpen(body) }
        func consume(_ stretches: [LogStretch]) { region.consume(stretches) }
        func text(of number: UInt32) -> UnsafeRawBufferPointer { region.text(of: number) }
        func scope(of number: UInt32) -> InstrumentationScope? { region.scope(of: number) }
    }

    private func readOpen(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
        let (ended, latest) = endedSpans()
        let anchor = logChunks.last?.anchor ?? firstAnchor
        let seen = base.atomicUInt64(at: RegionHeader.lastSeenOffset).pointee.load(ordering: .relaxed)
        let lastKnown = max(latest, Int64(bitPattern: seen))
        let first = journal.rescuedSlots
        var accepted = first
        for chunk in slotChunks {
            for index in LiveSlotPool.slots(ofChunk: chunk) where index > first {
                let slot = LiveSlot(index, base)
                let state = slot.state.pointee.load(ordering: .relaxed)
                if LiveState.isOpen(state), !ended.contains(slot.header.pointee.spanID),
                    !hand(slot, lastKnown, anchor, to: body)
                {
                    return accepted > first ? [.slots(upTo: accepted)] : []
                }
                accepted = UInt64(index)
            }
        }
        return accepted > first ? [.slots(upTo: accepted)] : []
    }

    /// The spans in the log. A process may have died after writing a span to the log and before freeing its slot.
    private func endedSpans() -> (ids: Set<UInt64>, latestEnd: Int64) {
        var ids: Set<UInt64> = []
        var latest: Int64 = 0
        for chunk in logChunks {
            var records = chunk.records(to: bounds(of: chunk).committed)
            while let record = records.next() {
                guard let span = SpanRecord(checking: record.bytes, chunk.anchor) else { continue }
                ids.insert(span.header.spanID)
                latest = max(latest, span.header.unixTimes(span.anchor).end)
            }
        }
        return (ids, latest)
    }

    private func hand(_ slot: LiveSlot, _ lastKnown: Int64, _ anchor: ClockAnchor, to body: (SpanRecord) -> Bool)
        -> Bool
    {
        var header = slot.header.pointee
        guard header.bits.contains(.recording), header.hasIdentity else { return true }
        let start = header.unixTimes(anchor).start
        header.end = UInt64(bitPattern: max(start, lastKnown))
        header.bits.insert(.endIsUnix)
        header.bits.remove(.tracksHeap)
        header.status = .error
        header.attributeCount = max(1, header.attributeCount)
        var bytes = EntryBytes()
        bytes.storage = payload(of: slot, count: Int(header.payloadBytes))
        bytes.write([Attribute(Self.unfinishedKey, true)])
        return bytes.storage.withUnsafeBytes { body(SpanRecord(header: header, payload: $0, anchor: anchor)) }
    }

    /// The payload of a slot, as far as its blocks can be followed.
    private func payload(of slot: LiveSlot, count: Int) -> [UInt8] {
        var payload: [UInt8] = []
        var left = min(count, SpanLimits.payloadBytes)
        var block = slot
        var offset = LiveSlot.payloadOffset
        while true {
            let piece = min(left, LiveSlot.bytes - offset)
            payload.append(contentsOf: UnsafeRawBufferPointer(start: block.address + offset, count: piece))
            left -= piece
            let next = block.nextBlock.pointee
            guard left > 0, next > 0, (Int(next) + 1) * LiveSlot.bytes <= chunkCount * Region.chunkBytes else { break }
            block = LiveSlot(next, base)
            offset = LiveSlot.blockPayloadOffset
        }
        return payload
    }

    // MARK: Chunks

    /// The ends of a chunk's consumed and committed bytes, limited to the size of a chunk.
    package func bounds(of chunk: UnsafeMutablePointer<ChunkHeader>) -> (start: Int, committed: Int) {
        let limit = UInt64(Region.chunkBytes - ChunkHeader.bytes)
        let committed = min(chunk.committed.pointee.load(ordering: .acquiring), limit)
        let consumed = max(chunk.consumed.pointee.load(ordering: .relaxed), stored[chunk.index] ?? 0)
        return (Int(min(consumed, committed)), Int(committed))
    }

    private func collectChunks() {
        for index in 1..<max(1, chunkCount) {
            let chunk = (base + index * Region.chunkBytes).assumingMemoryBound(to: ChunkHeader.self)
            guard chunk.index == UInt32(index) else { continue }
            switch ChunkType(rawValue: chunk.type) {
            case .log: logChunks.append(chunk)
            case .logRecords: logRecordChunks.append(chunk)
            case .slots: slotChunks.append(UInt32(index))
            case .strings:
                collect(chunk) { number, bytes in texts[number] = bytes }
            case .scopes:
                collect(chunk) { number, bytes in scopes[number] = InstrumentationScope(Entries(bytes)) }
            case .resource: collectResource(chunk)
            case nil: break
            }
        }
        logChunks = Self.inOrder(logChunks)
        logRecordChunks = Self.inOrder(logRecordChunks)
    }

    private static func inOrder(_ chunks: [UnsafeMutablePointer<ChunkHeader>]) -> [UnsafeMutablePointer<ChunkHeader>] {
        // Loaded once for each chunk: the process may be running, and sorting needs constant values.
        chunks.map { (chunk: $0, sequence: $0.sequence.pointee.load(ordering: .relaxed)) }
            .sorted { $0.sequence < $1.sequence }
            .map(\.chunk)
    }

    /// Calls `body` with the numbers and the bytes in a chunk of strings or of scopes, which have the same layout.
    private func collect(_ chunk: UnsafeMutablePointer<ChunkHeader>, _ body: (UInt32, UnsafeRawBufferPointer) -> Void) {
        let committed = bounds(of: chunk).committed
        var offset = 0
        while offset + NumberedBytes.contentOffset <= committed {
            let place = chunk.content + offset
            let length = Int(place.load(fromByteOffset: NumberedBytes.lengthOffset, as: UInt32.self))
            let bytes = NumberedBytes.contentOffset + length
            guard offset + bytes <= committed else { return }
            body(
                place.load(as: UInt32.self),
                UnsafeRawBufferPointer(start: place + NumberedBytes.contentOffset, count: length)
            )
            offset += (bytes + 7) & ~7
        }
    }

    private func collectResource(_ chunk: UnsafeMutablePointer<ChunkHeader>) {
        let bytes = UnsafeRawBufferPointer(start: chunk.content, count: bounds(of: chunk).committed)
        resource += Entries(bytes).attributes { _ in .empty }
    }
}
