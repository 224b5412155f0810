import SpanKitPlatform
import Synchronization

/// Reads the region of another process: of one that is gone, whose ended spans nobody took and whose open spans nobody ended, or of
/// one that runs, which is only looked at (`isReadOnly`).
///
/// Trusts nothing in the file: every number that leads somewhere is checked against the file's size first, so that a damaged
/// file costs spans, never the process. Belongs to one thread at a time, and to the one process that holds the spool's lock.
package final class RegionReader: SpanSource, @unchecked Sendable {
    /// Set on spans that were open when their process ended; their end is when the process was last seen.
    package static let unfinishedKey = "spankit.unfinished"

    package let base: UnsafeMutableRawPointer
    private let length: Int
    private let chunkCount: Int
    private var texts: [UInt32: UnsafeRawBufferPointer] = [:]
    /// Chunks of the log, oldest first.
    package private(set) var logChunks: [UnsafeMutablePointer<ChunkHeader>] = []
    /// The indices of the chunks that hold live slots.
    package private(set) var slotChunks: [UInt32] = []
    /// The resource as the process described it, one attribute list.
    package private(set) var resource: [Attribute] = []
    package let journal: ConsumptionJournal

    /// Why a file cannot be read.
    package enum Problem: Error, Equatable {
        /// The system's error number.
        case system(Int32)
        /// Made, but nothing was written into it: its process ended at that moment.
        case unused
        /// Not a region, or damaged in its first bytes.
        case notARegion
        /// Written by another version, or on another kind of machine.
        case otherFormat(UInt32)
    }

    /// Maps a file, which stays mapped as long as the object lives.
    /// - Parameter isReadOnly: to look at the region of a process that may still run; nothing is to be consumed then, and what is
    ///   recorded after this moment may be missing.
    package init(path: String, isReadOnly: Bool = false) throws(Problem) {
        let descriptor = open(path, (isReadOnly ? O_RDONLY : O_RDWR) | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(errno) }
        let length = Int(status.st_size)
        guard length > 0 else { throw .unused }
        guard length >= 2 * Region.chunkBytes else { throw .notARegion }
        guard
            let base = mmap(
                nil,
                length,
                isReadOnly ? PROT_READ : PROT_READ | PROT_WRITE,
                Int32(MAP_SHARED),
                descriptor,
                0
            ),
            base != UnsafeMutableRawPointer(bitPattern: -1)
        else { throw .system(errno) }
        let header = base.load(as: RegionHeader.self)
        guard header.magic == Region.magic, header.formatVersion == Region.formatVersion,
            header.byteOrderMark == Region.byteOrderMark, header.chunkBytes == UInt32(Region.chunkBytes),
            header.slotBytes == UInt32(LiveSlot.bytes)
        else {
            munmap(base, length)
            if header.magic == 0, header.formatVersion == 0 { throw .unused }
            throw header.magic == Region.magic ? .otherFormat(header.formatVersion) : .notARegion
        }
        self.base = base
        self.length = length
        // With acquire: the process may run, and what is counted has its type and number.
        let opened = base.atomicUInt32(at: RegionHeader.chunkCountOffset).pointee.load(ordering: .acquiring)
        chunkCount = min(Int(opened), length / Region.chunkBytes)
        journal = ConsumptionJournal(base: base)
        collectChunks()
    }

    deinit { munmap(base, length) }

    /// The process that wrote it.
    package var processID: Int32 { Int32(truncatingIfNeeded: base.load(as: RegionHeader.self).processID) }

    /// When the process began to record, Unix nanoseconds.
    package var createdUnixNanoseconds: Int64 { base.load(as: RegionHeader.self).createdUnixNanoseconds }

    /// The anchor of the process's clock when it began to record.
    package var firstAnchor: ClockAnchor { base.load(as: RegionHeader.self).anchor }

    /// Finishes what the process was in the middle of: consumes what an unfinished batch took.
    package func rollForward() {
        if journal.unfinishedBatch != nil { finishBatch() }
        forgetMarks(after: journal.lastBatch)
    }

    private func finishBatch() {
        journal.confirm()
        consume(journal.stretches)
        journal.end()
    }

    /// A batch that was never begun has taken nothing; the next one gets its number.
    private func forgetMarks(after lastBatch: UInt64) {
        for chunk in logChunks {
            let (start, committed) = bounds(of: chunk)
            var records = chunk.records(from: start, to: committed)
            while let record = records.next() {
                if record.mark != LogRecord.taken, record.mark > lastBatch { record.mark = 0 }
            }
        }
    }

    // MARK: Ended spans

    package func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
        var stretches: [LogStretch] = []
        for chunk in logChunks.prefix(ConsumptionJournal.capacity) {
            let (start, committed) = bounds(of: chunk)
            // With what is behind a damaged record, because it cannot be found.
            var end = committed
            var records = chunk.records(from: start, to: committed)
            while let record = records.next() {
                // One with a mark was taken out of its turn.
                guard record.mark == 0, let span = SpanRecord(checking: record.bytes, chunk.anchor), !body(span)
                else { continue }
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
                logChunks.first { $0.index == index }?.consumed.pointee.store(end, ordering: .releasing)
            case .slots(let end): journal.rescuedSlots = max(journal.rescuedSlots, end)
            case .chosen: break
            }
        }
    }

    package func text(of number: UInt32) -> UnsafeRawBufferPointer { texts[number] ?? .empty }

    // MARK: Open spans

    /// The spans that were open when the process ended, as they would have ended then: status error, and
    /// ``unfinishedKey`` set. To be read when ``read(_:)`` has nothing left, and consumed like its spans.
    package var openSpans: any SpanSource { OpenSpans(region: self) }

    private final class OpenSpans: SpanSource, @unchecked Sendable {
        private let region: RegionReader

        init(region: RegionReader) {
            self.region = region
        }

        func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] { region.readOpen(body) }
        func consume(_ stretches: [LogStretch]) { region.consume(stretches) }
        func text(of number: UInt32) -> UnsafeRawBufferPointer { region.text(of: number) }
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

    /// A process may die between writing a span to the log and freeing its slot: such a span has ended.
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

    /// Gathers the payload, as far as its blocks can be followed.
    private func payload(of slot: LiveSlot, count: Int) -> [UInt8] {
        var gathered: [UInt8] = []
        var left = min(count, SpanLimits.payloadBytes)
        var piece = UnsafeRawBufferPointer(
            start: slot.address + LiveSlot.payloadOffset,
            count: min(left, LiveSlot.bytes - LiveSlot.payloadOffset)
        )
        var next = Int(slot.nextBlock.pointee)
        while true {
            gathered.append(contentsOf: piece)
            left -= piece.count
            guard left > 0, next > 0, (next + 1) * LiveSlot.bytes <= chunkCount * Region.chunkBytes else { break }
            let block = LiveSlot(UInt32(next), base)
            piece = UnsafeRawBufferPointer(
                start: block.address + LiveSlot.blockPayloadOffset,
                count: min(left, LiveSlot.bytes - LiveSlot.blockPayloadOffset)
            )
            next = Int(block.nextBlock.pointee)
        }
        return gathered
    }

    // MARK: Chunks

    /// What a chunk says of its consumed and its committed bytes, within the bounds of a chunk.
    package func bounds(of chunk: UnsafeMutablePointer<ChunkHeader>) -> (start: Int, committed: Int) {
        let limit = UInt64(Region.chunkBytes - ChunkHeader.bytes)
        let committed = min(chunk.committed.pointee.load(ordering: .acquiring), limit)
        return (Int(min(chunk.consumed.pointee.load(ordering: .relaxed), committed)), Int(committed))
    }

    private func collectChunks() {
        for index in 1..<max(1, chunkCount) {
            let chunk = (base + index * Region.chunkBytes).assumingMemoryBound(to: ChunkHeader.self)
            guard chunk.index == UInt32(index) else { continue }
            switch ChunkType(rawValue: chunk.type) {
            case .log: logChunks.append(chunk)
            case .slots: slotChunks.append(UInt32(index))
            case .strings: collectTexts(chunk)
            case .resource: collectResource(chunk)
            case nil: break
            }
        }
        // Taken once for each: the process may run, and a comparison that changes its mind is no order.
        logChunks = logChunks.map { (chunk: $0, sequence: $0.sequence.pointee.load(ordering: .relaxed)) }
            .sorted { $0.sequence < $1.sequence }
            .map(\.chunk)
    }

    private func collectTexts(_ chunk: UnsafeMutablePointer<ChunkHeader>) {
        let committed = bounds(of: chunk).committed
        var offset = 0
        while offset + StringTable.textOffset <= committed {
            let place = chunk.content + offset
            let length = Int(place.load(fromByteOffset: StringTable.lengthOffset, as: UInt32.self))
            let bytes = StringTable.textOffset + length
            guard offset + bytes <= committed else { return }
            texts[place.load(as: UInt32.self)] =
                UnsafeRawBufferPointer(start: place + StringTable.textOffset, count: length)
            offset += (bytes + 7) & ~7
        }
    }

    private func collectResource(_ chunk: UnsafeMutablePointer<ChunkHeader>) {
        let bytes = UnsafeRawBufferPointer(start: chunk.content, count: bounds(of: chunk).committed)
        resource += Entries(bytes).attributes { _ in .empty }
    }
}
