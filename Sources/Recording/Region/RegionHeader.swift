import CClock
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The first bytes of a region.
struct RegionHeader {
    static let chunkCountOffset = 28
    /// Of the time (Unix nanoseconds) at which the process was last known to be alive: written from time to time.
    static let lastSeenOffset = 2_048
    /// Of the ``RegionNote``.
    static let noteOffset = 2_112
    /// Of the ``ConsumptionJournal``.
    static let journalOffset = 4_096

    var magic = Region.magic
    var formatVersion = Region.formatVersion
    var byteOrderMark = Region.byteOrderMark
    var chunkBytes = UInt32(Region.chunkBytes)
    var slotBytes = UInt32(LiveSlot.bytes)
    var chunkCapacity: UInt32
    /// Chunks opened so far, this one included. Written atomically.
    var chunkCount: UInt32 = 1
    var processID: UInt64
    var createdUnixNanoseconds: Int64
    /// 1: ticks are the processor's counter; 0: nanoseconds of CLOCK_MONOTONIC.
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

/// What a chunk holds. Raw values are part of the region's format.
enum ChunkType: UInt32 {
    case log = 1
    case slots = 2
    case strings = 3
    /// Who recorded: the resource's attributes, as entries.
    case resource = 4
}

/// The first 128 bytes of every chunk but the region's first.
struct ChunkHeader {
    static let bytes = 128

    var type: UInt32
    var index: UInt32
    /// Bytes behind the header that are complete. The owner stores it with release, readers load it with acquire.
    var committed: UInt64 = 0
    /// Bytes behind the header that the consumer has taken. Guarded by the log's locks; atomic for the sake of readers after
    /// a crash, which must never find it behind where it was.
    var consumed: UInt64 = 0
    /// Counts up by one for each log chunk opened: the order of the log.
    var sequence: UInt64 = 0
    /// Records behind the header. Written by the owner; the log reads it once the chunk is queued.
    var recordCount: UInt64 = 0
    /// Turns the ticks of the records in this chunk into Unix time.
    var anchor = ClockAnchor(ticks: 0, unixNanoseconds: 0, rate: 1 << 32)

    init(type: ChunkType, index: UInt32) {
        self.type = type.rawValue
        self.index = index
    }
}
