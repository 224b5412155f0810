import CSpanKit
import SpanKitPlatform
import Synchronization

/// The one piece of memory a recorder lives in: a header, then chunks of 64 KiB, each holding log records, live slots or
/// strings.
///
/// It explains itself (version, sizes, byte order, process, clock) and holds no pointer another process would need, so
/// that the same bytes can be stored in a file (``SpoolConfiguration``) and be read after a crash (``RegionReader``). Pages are
/// reserved at once and touched as chunks are opened.
///
/// Invariants: the mapping is never unmapped, so that a span handle may outlive its recorder and still be looked at;
/// chunk 0 is the header; a chunk's address is `base + index · 65,536` and is aligned to 65,536.
/// Threads: ``openChunk(_:)`` takes a lock; everything else is immutable or belongs to the chunk's owner.
/// All fields are plain values, so that a copy costs nothing.
struct Region: @unchecked Sendable {
    static let chunkBytes = 65_536
    static let magic: UInt64 = 0x5350_414E_4B49_5452
    static let formatVersion: UInt32 = 1
    static let byteOrderMark: UInt32 = 0x0102_0304

    let base: UnsafeMutableRawPointer
    let chunkCapacity: Int
    /// Whether the memory is, or was, that of a file.
    private let isInFile: Bool
    /// The lock of those who open chunks. Never freed, as the mapping is not.
    private let file: Unmanaged<Locked<RegionFile>>

    /// Reserves a region of about `bytes`; nil when the system refuses the address space or the file.
    /// - Parameter file: where the region shall stand, open for reading and writing; it belongs to the region from now on.
    init?(bytes: Int, clock: AnchoredClock, file: Int32 = -1) {
        let chunkCapacity = max(3, bytes / Self.chunkBytes + 1)
        let length = (chunkCapacity + 1) * Self.chunkBytes
        let flags = Int32(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)
        guard let mapped = mmap(nil, length, PROT_READ | PROT_WRITE, flags, -1, 0),
            mapped != UnsafeMutableRawPointer(bitPattern: -1)
        else { return nil }
        let alignment = UInt(Self.chunkBytes)
        let aligned = (UInt(bitPattern: mapped) + alignment - 1) & ~(alignment - 1)
        guard let base = UnsafeMutableRawPointer(bitPattern: aligned) else { return nil }
        var regionFile = RegionFile(descriptor: file)
        if file >= 0 {
            guard ftruncate(file, chunkCapacity * Self.chunkBytes) == 0,
                regionFile.makeRoom(at: 0, Self.chunkBytes, now: 0),
                mmap(
                    base,
                    chunkCapacity * Self.chunkBytes,
                    PROT_READ | PROT_WRITE,
                    Int32(MAP_SHARED | MAP_FIXED),
                    file,
                    0
                ) == base
            else { return nil }
        }
        self.base = base
        self.chunkCapacity = chunkCapacity
        isInFile = file >= 0
        self.file = .passRetained(Locked(regionFile))
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
        isInFile = false
        file = .passRetained(Locked(RegionFile(descriptor: -1)))
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

    /// Takes the next chunk that was never used; nil when the region is full, or the disk for now.
    func openChunk(_ type: ChunkType) -> UnsafeMutablePointer<ChunkHeader>? {
        let used = base.atomicUInt32(at: RegionHeader.chunkCountOffset)
        return file.takeUnretainedValue().withLock { file in
            let index = used.pointee.load(ordering: .relaxed)
            guard Int(index) < chunkCapacity,
                file.makeRoom(
                    at: Int(index) * Self.chunkBytes,
                    Self.chunkBytes,
                    now: spankit_monotonic_nanoseconds()
                )
            else { return nil }
            let chunk = chunk(Int(index))
            chunk.initialize(to: ChunkHeader(type: type, index: index))
            // Last: what is counted has its blocks on disk, and a header. What the disk refused is tried again.
            used.pointee.store(index + 1, ordering: .releasing)
            return chunk
        }
    }

    /// Touches the first pages, so that the first spans do not pay a page fault each (1.3 µs, `Benchmarks`).
    func touch(bytes: Int) {
        guard !isInFile else { return }
        #if os(Linux)
            // MADV_POPULATE_WRITE, Linux 5.14; older kernels refuse it, and pages fault in later.
            let populateWrite: Int32 = 23
            madvise(base, min(bytes, chunkCapacity * Self.chunkBytes), populateWrite)
        #endif
    }

    /// Gives the memory behind all chunks back to the system; the addresses stay valid and read as zero.
    func release() {
        if isInFile {
            becomeAnonymous()
            // Before the file is closed nothing must point into it; span handles still may, and read zeros from now on.
            closeFile()
        } else {
            madvise(base + Self.chunkBytes, (chunkCapacity - 1) * Self.chunkBytes, Int32(MADV_DONTNEED))
        }
    }

    /// From now on chunks need no room on disk: the number of the file may soon be another's.
    private func closeFile() {
        file.takeUnretainedValue().withLock { file in
            if file.descriptor >= 0 { close(file.descriptor) }
            file.descriptor = -1
        }
    }

    /// Keeps others from opening chunks during a fork, and has the child get a copy of its own: parent and child must not write to the
    /// same memory, and the file is the parent's to fill.
    func acquireForFork() {
        file.takeUnretainedValue().acquireForFork()
        spankit_fork_protect(
            spankit_fork_region(
                base: base.assumingMemoryBound(to: UInt8.self),
                bytes: UInt64(chunkCapacity * Self.chunkBytes),
                descriptor: file.takeUnretainedValue().acquiredValue.cell,
                chunk_bytes: UInt32(Self.chunkBytes),
                chunk_count_offset: UInt32(RegionHeader.chunkCountOffset),
                slot_chunk_type: ChunkType.slots.rawValue,
                slot_bytes: UInt32(LiveSlot.bytes)
            )
        )
    }

    private func becomeAnonymous() {
        let flags = Int32(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED)
        mmap(base + Self.chunkBytes, (chunkCapacity - 1) * Self.chunkBytes, PROT_READ | PROT_WRITE, flags, -1, 0)
        let header = base.load(as: RegionHeader.self)
        mmap(base, Self.chunkBytes, PROT_READ | PROT_WRITE, flags, -1, 0)
        base.storeBytes(of: header, as: RegionHeader.self)
    }
}
