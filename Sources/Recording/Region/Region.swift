import CClock
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The one piece of memory a recorder lives in: a header, then chunks of 64 KiB, each holding log records, live slots or
/// strings.
///
/// It explains itself (version, sizes, byte order, process, clock) and holds no pointer another process would need, so
/// that the same bytes can stand in a file and be read after a crash. Pages are reserved at once and touched as chunks
/// are opened.
///
/// Invariants: the mapping is never unmapped, so that a span handle may outlive its recorder and still be looked at;
/// chunk 0 is the header; a chunk's address is `base + index · 65,536` and is aligned to 65,536.
/// Threads: ``openChunk(_:)`` takes a lock; everything else is immutable or belongs to the chunk's owner.
struct Region: @unchecked Sendable {
    static let chunkBytes = 65_536
    static let magic: UInt64 = 0x5350_414E_4B49_5452
    static let formatVersion: UInt32 = 1
    static let byteOrderMark: UInt32 = 0x0102_0304

    let base: UnsafeMutableRawPointer
    let chunkCapacity: Int

    /// Reserves a region of about `bytes`; nil when the system refuses the address space.
    init?(bytes: Int, clock: AnchoredClock) {
        let chunkCapacity = max(3, bytes / Self.chunkBytes + 1)
        let length = (chunkCapacity + 1) * Self.chunkBytes
        let flags = Int32(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)
        guard let mapped = mmap(nil, length, PROT_READ | PROT_WRITE, flags, -1, 0),
            mapped != UnsafeMutableRawPointer(bitPattern: -1)
        else { return nil }
        let alignment = UInt(Self.chunkBytes)
        let aligned = (UInt(bitPattern: mapped) + alignment - 1) & ~(alignment - 1)
        guard let base = UnsafeMutableRawPointer(bitPattern: aligned) else { return nil }
        self.base = base
        self.chunkCapacity = chunkCapacity
        let header = base.bindMemory(to: RegionHeader.self, capacity: 1)
        header.initialize(
            to: RegionHeader(
                chunkCapacity: UInt32(chunkCapacity),
                usesCounter: clock.usesCounter,
                anchor: clock.anchor()
            )
        )
    }

    /// A region that has no room for anything.
    static let empty = Region()

    private init() {
        base = UnsafeMutableRawPointer.allocate(byteCount: 4_096, alignment: Self.chunkBytes)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: 4_096)
        chunkCapacity = 1
        base.atomicUInt32(at: RegionHeader.chunkCountOffset).pointee.store(1, ordering: .relaxed)
    }

    /// The address of a chunk.
    func chunk(_ index: Int) -> UnsafeMutablePointer<ChunkHeader> {
        assert(index > 0 && index < chunkCapacity, "chunk 0 is the header, and the region ends")
        return (base + index * Self.chunkBytes).assumingMemoryBound(to: ChunkHeader.self)
    }

    /// Whether an address lies in this region.
    func contains(_ address: UnsafeRawPointer) -> Bool {
        UInt(bitPattern: address) &- UInt(bitPattern: base) < UInt(chunkCapacity * Self.chunkBytes)
    }

    /// Takes the next chunk that was never used; nil when the region is full.
    func openChunk(_ type: ChunkType) -> UnsafeMutablePointer<ChunkHeader>? {
        let used = base.atomicUInt32(at: RegionHeader.chunkCountOffset)
        var index = used.pointee.load(ordering: .relaxed)
        while true {
            guard Int(index) < chunkCapacity else { return nil }
            let (exchanged, original) = used.pointee.compareExchange(
                expected: index,
                desired: index + 1,
                ordering: .acquiringAndReleasing
            )
            if exchanged { break }
            index = original
        }
        let chunk = chunk(Int(index))
        chunk.initialize(to: ChunkHeader(type: type, index: index))
        return chunk
    }

    /// Touches the first pages, so that the first spans do not pay a page fault each (1.3 µs, `Benchmarks`).
    func touch(bytes: Int) {
        #if os(Linux)
            // MADV_POPULATE_WRITE, Linux 5.14; older kernels refuse it, and pages fault in later.
            let populateWrite: Int32 = 23
            madvise(base, min(bytes, chunkCapacity * Self.chunkBytes), populateWrite)
        #endif
    }

    /// Gives the memory behind all chunks back to the system; the addresses stay valid and read as zero.
    func release() {
        madvise(base + Self.chunkBytes, (chunkCapacity - 1) * Self.chunkBytes, Int32(MADV_DONTNEED))
    }
}

/// The first bytes of a region.
struct RegionHeader {
    static let chunkCountOffset = 28

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
}

/// The first 128 bytes of every chunk but the region's first.
struct ChunkHeader {
    static let bytes = 128

    var type: UInt32
    var index: UInt32
    /// Bytes behind the header that are complete. The owner stores it with release, readers load it with acquire.
    var committed: UInt64 = 0
    /// Bytes behind the header that the consumer has taken. Guarded by the log's reader lock.
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

extension UnsafeMutableRawPointer {
    /// Eight bytes at an offset, accessed atomically: `Atomic<UInt64>` has the layout of a `UInt64`.
    @inline(__always)
    func atomicUInt64(at offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        (self + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// Four bytes at an offset, accessed atomically.
    @inline(__always)
    func atomicUInt32(at offset: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
        (self + offset).assumingMemoryBound(to: Atomic<UInt32>.self)
    }
}

extension UnsafeMutableRawPointer {
    /// Loads eight bytes at an offset.
    @inline(__always)
    func loadWord(at offset: Int) -> UInt64 {
        load(fromByteOffset: offset, as: UInt64.self)
    }

    /// Stores eight bytes at an offset.
    @inline(__always)
    func storeWord(_ word: UInt64, at offset: Int) {
        storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
    }
}

extension UnsafeMutablePointer<ChunkHeader> {
    /// The first byte behind the header.
    @inline(__always)
    var content: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) + ChunkHeader.bytes }

    /// `committed`, accessed atomically.
    @inline(__always)
    var committed: UnsafeMutablePointer<Atomic<UInt64>> { UnsafeMutableRawPointer(self).atomicUInt64(at: 8) }
}
