import CSpanKit
import SpanKitPlatform
import Synchronization

/// The first bytes of a region.
struct RegionHeader {
    static let chunkCountOffset = 28
    /// The offset of the time, in Unix nanoseconds, at which the process was last alive (``Recorder/noteAlive()``).
    static let lastSeenOffset = 2_048
    /// The offset of the word with the signals that the process exports (``ExportedSignals``).
    static let exportedSignalsOffset = 2_056
    /// The offset of the ``RegionNote``.
    static let noteOffset = 2_112
    /// The offset of the ``ConsumptionJournal``.
    static let journalOffset = 4_096

    var magic = Region.magic
    var formatVersion = Region.formatVersion
    var byteOrderMark = Region.byteOrderMark
    var chunkBytes = UInt32(Region.chunkBytes)
    var slotBytes = UInt32(LiveSlot.bytes)
    var chunkCapacity: UInt32
    /// The number of chunks opened so far, including this one. Written atomically.
    var chunkCount: UInt32 = 1
    var processID: UInt64
    var createdUnixNanoseconds: Int64
    /// 1 if ticks are those of the processor's counter, 0 if they are nanoseconds of CLOCK_MONOTONIC.
    var usesCounter: UInt64
    var anchor: ClockAnchor

    init(chunkCapacity: UInt32, usesCounter: Bool, anchor: ClockAnchor) {
        self.chunkCapacity = chunkCapacity
        processID = UInt64(getpid())
        createdUnixNanoseconds = spankit_wall_nanoseconds()
        self.usesCounter = usesCounter ? 1 : 0
        self.anchor = anchor
    }
}

/// The signals that a process exports, so that a process that takes over its region leaves the others alone. 0 in regions of version 1.
struct ExportedSignals: OptionSet {
    let rawValue: UInt64

    static let noSpans = ExportedSignals(rawValue: 1)
    static let logRecords = ExportedSignals(rawValue: 2)
}

/// The content of a chunk. The raw values are part of the region's format.
enum ChunkType: UInt32 {
    case log = 1
    case slots = 2
    case strings = 3
    /// The attributes of the resource, as entries.
    case resource = 4
    /// Log records.
    case logRecords = 5
    /// The scopes of libraries, as a ``ScopeTable`` stores them.
    case scopes = 6
}

/// The layout of the first 128 bytes of every chunk but the region's first.
///
/// Access a header in use only through the members of `UnsafeMutablePointer<ChunkHeader>`, one field at a time. An access to the
/// whole struct, or `pointee.field += 1`, would race with other threads.
///
/// | Field | Written by | Read by |
/// |---|---|---|
/// | `type`, `index` | the thread that opens the chunk, before the region's `chunkCount` counts it (release); never again | any thread that loaded `chunkCount` with acquire |
/// | `committed` | the owner of the chunk, with release, after the bytes it covers | any thread or process, with acquire |
/// | `recordCount` | the owner, relaxed, before the `committed` that covers the record | any thread, relaxed: a count, which orders nothing |
/// | `consumed`, `takenCount` | the reader of the log, under the lock `reader` | any thread, relaxed; after a crash any process |
/// | `sequence`, `anchor` | the thread that opens the chunk for another use, under the lock `state` | threads that found the chunk in the log's lists under `state`; other processes as below |
///
/// The owner of a log chunk is the thread that appends to it. The lock `state` passes a chunk from one owner to the next.
///
/// Reusing a chunk writes in this order: `committed` 0, `consumed` 0, both counts 0, `sequence` (release), a release fence, `anchor`,
/// the records, `committed`. So after a crash, no record from an earlier use of the chunk counts as waiting. A process
/// that watches (`readEnded` in `SpanKitInputs`) loads `sequence` and `committed` with acquire, copies `anchor` and
/// records, and loads `sequence` again after an acquire fence. If the sequence is still the same, the copy is of one
/// use of the chunk.
package struct ChunkHeader {
    static let bytes = 128

    var type: UInt32
    var index: UInt32
    /// Bytes of complete records after the header.
    var committed: UInt64 = 0
    /// Bytes after the header that the reader has taken. Never decreases during one use of the chunk.
    var consumed: UInt64 = 0
    /// The number of log chunks opened before and including this one, which is the order of the log.
    var sequence: UInt64 = 0
    /// The number of records since the chunk was opened.
    var recordCount: UInt64 = 0
    /// Converts the ticks of the records in this chunk to Unix time.
    var anchor = ClockAnchor.unused
    /// The number of records that the reader has consumed or marked. On another cache line than the fields of the owner.
    var takenCount: UInt64 = 0

    init(type: ChunkType, index: UInt32) {
        self.type = type.rawValue
        self.index = index
    }
}
