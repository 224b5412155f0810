import Testing

@testable import SpanKitRecording

@Suite("Region layout")
struct RegionLayoutTests {
    @Test("every field of a span header is at its documented offset")
    func spanHeader() {
        #expect(MemoryLayout<SpanHeader>.size == SpanHeader.bytes)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.start) == 0)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.end) == 8)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.traceIDHigh) == 16)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.traceIDLow) == 24)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.spanID) == 32)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.parentSpanID) == 40)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.name) == 48)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.traceState) == 52)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.traceFlags) == 56)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.scope) == 60)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.kind) == 57)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.status) == 58)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.bits) == 59)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.attributeCount) == SpanHeader.countsOffset)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.eventCount) == 66)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.linkCount) == 68)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.droppedAttributes) == 72)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.droppedEvents) == 76)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.droppedLinks) == SpanHeader.sizesOffset)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.payloadBytes) == 84)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.heapBytes) == 88)
    }

    @Test("fields accessed as words are at the offsets in their constants")
    func words() {
        #expect(MemoryLayout<SpanHeader>.offset(of: \.start) == SpanHeader.startOffset)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.end) == SpanHeader.endOffset)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.traceIDHigh) == SpanHeader.traceIDOffset)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.spanID) == SpanHeader.spanIDOffset)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.parentSpanID) == SpanHeader.parentSpanIDOffset)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.name) == SpanHeader.namesOffset)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.traceFlags) == SpanHeader.detailsOffset)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.droppedAttributes) == SpanHeader.droppedOffset)
        #expect(MemoryLayout<SpanHeader>.offset(of: \.heapBytes) == SpanHeader.heapOffset)
        #expect(MemoryLayout<RecordHeader>.offset(of: \.operation) == RecordHeader.operationOffset)
        #expect(MemoryLayout<RecordHeader>.offset(of: \.mark) == RecordHeader.markOffset)
        #expect([SpanHeader.Status.unset, .ok, .error].map(\.rawValue) == [0, 1, 2])
        #expect(LiveSlot.bytes == 512)
        #expect([LiveSlot.operationOffset, LiveSlot.nextBlockOffset, LiveSlot.headerOffset] == [8, 12, 16])
        #expect(LiveSlot.headerOffset + SpanHeader.bytes == LiveSlot.lastBlockOffset)
        #expect(
            [LiveSlot.usedInLastBlockOffset, LiveSlot.overwritesOffset, LiveSlot.payloadOffset] == [116, 120, 128]
        )
        #expect(LiveSlot.blockPayloadOffset == 16)
        #expect([NumberedBytes.lengthOffset, NumberedBytes.contentOffset] == [4, 8])
    }

    @Test("entries, records, events, links and chunks have their documented sizes")
    func otherHeaders() {
        #expect(MemoryLayout<EntryHeader>.size == EntryHeader.bytes)
        #expect(MemoryLayout<EntryHeader>.offset(of: \.type) == 4)
        #expect(MemoryLayout<EntryHeader>.offset(of: \.keyBytes) == 6)
        #expect(MemoryLayout<EntryHeader>.offset(of: \.value) == 8)
        #expect(MemoryLayout<RecordHeader>.size == RecordHeader.bytes)
        #expect(MemoryLayout<EventHeader>.size == 16)
        #expect(MemoryLayout<LinkHeader>.size == 48)
        #expect(MemoryLayout<ChunkHeader>.size <= ChunkHeader.bytes)
        #expect(MemoryLayout<ChunkHeader>.offset(of: \.type) == 0)
        #expect(MemoryLayout<ChunkHeader>.offset(of: \.index) == 4)
        #expect(MemoryLayout<ChunkHeader>.offset(of: \.committed) == 8)
        #expect(MemoryLayout<ChunkHeader>.offset(of: \.consumed) == 16)
        #expect(MemoryLayout<ChunkHeader>.offset(of: \.sequence) == 24)
        #expect(MemoryLayout<ChunkHeader>.offset(of: \.recordCount) == 32)
        #expect(MemoryLayout<ChunkHeader>.offset(of: \.anchor) == 40)
        #expect(MemoryLayout<ChunkHeader>.offset(of: \.takenCount) == 64)
        #expect(MemoryLayout<RegionHeader>.offset(of: \.chunkCount) == RegionHeader.chunkCountOffset)
        #expect(MemoryLayout<SpanHandle>.size == 64)
        #expect(RegionHeader.lastSeenOffset == 2_048)
        #expect(RegionHeader.noteOffset == 2_112)
        #expect(RegionNote.capacity == 1_976, "a note ends where the journal starts")
        #expect(RegionHeader.journalOffset == 4_096)
    }

    @Test("every field of a log record's header is at its offset, and its texts have the documented numbers")
    func logRecordHeader() {
        #expect(MemoryLayout<LogRecordHeader>.size == LogRecordHeader.bytes)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.observed) == 0)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.time) == 8)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.traceIDHigh) == 16)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.traceIDLow) == 24)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.spanID) == 32)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.scope) == 40)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.eventName) == 44)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.severityText) == 48)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.file) == 52)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.function) == 56)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.line) == 60)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.severity) == 64)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.traceFlags) == 65)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.bits) == 66)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.attributeCount) == 68)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.droppedAttributes) == 72)
        #expect(MemoryLayout<LogRecordHeader>.offset(of: \.payloadBytes) == 76)
        #expect(LogRecordField.allCases.map(\.entryType) == [32, 33, 34, 35, 36])
        #expect(RecordHeader.logRecord == 2 && ChunkType.logRecords.rawValue == 5)
        #expect(ChunkType.scopes.rawValue == 6)
    }

    @Test("the region header contains version, byte order, sizes, process and clock")
    func regionHeader() throws {
        let region = try #require(Region(bytes: 1 << 20, clock: .shared))
        let header = region.base.load(as: RegionHeader.self)
        #expect(header.magic == Region.magic)
        #expect(header.formatVersion == 2)
        #expect(header.byteOrderMark == 0x0102_0304)
        #expect(header.chunkBytes == 65_536)
        #expect(header.slotBytes == 512)
        #expect(header.processID > 0)
        #expect(header.anchor.unixNanoseconds > 1_700_000_000_000_000_000)
        #expect(UInt(bitPattern: region.base) % 65_536 == 0)
    }

    @Test("a region opens no chunk beyond its capacity")
    func capacity() throws {
        let region = try #require(Region(bytes: 4 * Region.chunkBytes, clock: .shared))
        var opened = 0
        while region.openChunk(.log) != nil { opened += 1 }
        #expect(opened == region.chunkCapacity - 1)
        #expect(region.openChunk(.slots) == nil)
    }
}
