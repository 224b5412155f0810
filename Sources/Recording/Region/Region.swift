import CSpanKit
import SpanKitPlatform
import Synchronization

/// The memory of a recorder: a header, then chunks of 64 KiB, each of which holds ended spans, log records, live slots, strings or scopes.
///
/// The header describes the region (version, sizes, byte order, process, clock), and the region contains no pointers. So it can be
/// a file (`SpoolConfiguration`) that another process reads after a crash (``RegionReader``). Address space is reserved at once;
/// pages are used as chunks are opened.
///
/// Invariants: the mapping is never unmapped, so that the slot of a span handle remains readable after its recorder was closed.
/// Chunk 0 is the header. A chunk's address is `base + index · 65,536` and is aligned to 65,536.
///
/// ``openChunk(_:)`` takes a lock; everything else is immutable or belongs to the owner of a chunk.
/// All fields are plain values, so copies need no reference counting.
struct Region: @unchecked Sendable {
    static let chunkBytes = 65_536
    static let magic: UInt64 = 0x5350_414E_4B49_5452
    /// Version 2 was introduced with log records and scopes in regions, because readers of version 1 would lose them.
    static let formatVersion: UInt32 = 2
    /// The versions that ``RegionReader`` reads.
    static let readableVersions: ClosedRange<UInt32> = 1...2
    static let byteOrderMark: UInt32 = 0x0102_0304

    let base: UnsafeMutableRawPointer
    let chunkCapacity: Int
    /// Whether the region is, or was, in a file.
    private let isInFile: Bool
    /// The file, in a lock that is taken to open a chunk. It is never freed, like the mapping.
    private let file: Unmanaged<Locked<RegionFile>>

    /// Reserves a region of about `bytes`; returns nil if the system refuses the address space or the disk space.
    /// - Parameter file: The descriptor of a file for the region, open for reading and writing, or -1. The region closes it.
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
            let bytes = chunkCapacity * Self.chunkBytes
            let shared = Int32(MAP_SHARED | MAP_FIXED)
            guard ftruncate(file, bytes) == 0, regionFile.makeRoom(at: 0, Self.chunkBytes, now: 0),
                mmap(base, bytes, PROT_READ | PROT_WRITE, shared, file, 0) == base
            else { return nil }
        }
        self.base = base
        self.chunkCapacity = chunkCapacity
        isInFile = file >= 0
        self.file = .passRetained(Locked(regionFile))
        let header = RegionHeader(
            chunkCapacity: UInt32(chunkCapacity),
            usesCounter: clock.usesCounter,
            anchor: clock.anchor()
        )
        base.bindMemory(to: RegionHeader.self, capacity: 1).initialize(to: header)
    }

    /// A region without chunks.
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

    /// Whether an address is in this region.
    func contains(_ address: UnsafeRawPointer) -> Bool {
        UInt(bitPattern: address) &- UInt(bitPattern: base) < UInt(chunkCapacity * Self.chunkBytes)
    }

    /// Opens the next unused chunk; returns nil if the region or the disk is full.
    func openChunk(_ type: ChunkType) -> UnsafeMutablePointer<ChunkHeader>? {
        let used = base.atomicUInt32(at: RegionHeader.chunkCountOffset)
        return file.takeUnretainedValue().withLock { file in
            let index = used.pointee.load(ordering: .relaxed)
            guard Int(index) < chunkCapacity,
                file.makeRoom(at: Int(index) * Self.chunkBytes, Self.chunkBytes, now: spankit_monotonic_nanoseconds())
            else { return nil }
            let chunk = chunk(Int(index))
            chunk.initialize(to: ChunkHeader(type: type, index: index))
            // The count is stored last, so that each counted chunk has its disk space and its header.
            used.pointee.store(index + 1, ordering: .releasing)
            return chunk
        }
    }

    /// Touches the first pages, so that the first spans cause no page faults (1.3 µs each, `Benchmarks`).
    func touch(bytes: Int) {
        guard !isInFile else { return }
        #if os(Linux)
            // MADV_POPULATE_WRITE of Linux 5.14. On older kernels it fails, and the page faults happen later.
            let populateWrite: Int32 = 23
            madvise(base, min(bytes, chunkCapacity * Self.chunkBytes), populateWrite)
        #endif
    }

    /// Releases the memory of all chunks. Their addresses remain valid and read as zero.
    func release() {
        if isInFile {
            becomeAnonymous()
            // From now on chunks need no disk space. The descriptor may soon belong to another file.
            file.takeUnretainedValue().withLock { file in
                if file.descriptor >= 0 { close(file.descriptor) }
                file.descriptor = -1
            }
        } else {
            madvise(base + Self.chunkBytes, (chunkCapacity - 1) * Self.chunkBytes, Int32(MADV_DONTNEED))
        }
    }

    /// Prevents other threads from opening chunks during a fork, and gives the child its own copy of the region: parent and child
    /// must not write to the same memory, and the file belongs to the parent.
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

/// The file of a region. Its disk space is allocated before a chunk is written, because writing to a sparse file on a full disk
/// would end the process (SIGBUS).
///
/// After a failure, it tries again one second later at the earliest.
struct RegionFile {
    static let retryNanoseconds: UInt64 = 1_000_000_000

    /// -1 if the region is not in a file, or the file was closed.
    var descriptor: Int32 {
        get { cell.pointee }
        nonmutating set { cell.pointee = newValue }
    }
    /// Holds the descriptor, so that the child of a fork can close it without Swift. Never freed, like the region.
    let cell: UnsafeMutablePointer<Int32>
    private var nextTry: UInt64 = 0

    init(descriptor: Int32) {
        cell = .allocate(capacity: 1)
        cell.initialize(to: descriptor)
    }

    /// Allocates disk space for `count` bytes at `offset`; returns false if the disk is full.
    /// - Parameter now: Monotonic nanoseconds.
    mutating func makeRoom(at offset: Int, _ count: Int, now: @autoclosure () -> UInt64) -> Bool {
        guard descriptor >= 0 else { return true }
        let now = now()
        guard now >= nextTry else { return false }
        var problem: Int32
        repeat { problem = posix_fallocate(descriptor, off_t(offset), off_t(count)) } while problem == EINTR
        nextTry = problem == 0 ? 0 : now &+ Self.retryNanoseconds
        return problem == 0
    }
}
