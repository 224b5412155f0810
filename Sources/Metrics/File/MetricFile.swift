import CSpanKit
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// Memory for instruments in a file, from which another process reads the counts after this process was killed (``MetricFileReader``).
///
/// The file consists of a header and of blocks (``FileBlock``), which follow each other without gaps. It contains no pointers that a
/// reader has to follow. Address space is reserved at once; the file is created by the first block and grows as blocks are taken. Its
/// disk space is allocated before it is used, because writing to a sparse file on a full disk would end the process (SIGBUS).
///
/// Invariants: a block has one user, who gives it back before the file is freed. A block is never moved, so that instruments count with
/// the same instructions as in other memory. In the child of a fork, the memory reads as zero, the file is closed, and no blocks are
/// handed out.
package final class MetricFile: @unchecked Sendable {
    static let magic: UInt64 = 0x5350_414E_4B49_544D
    static let formatVersion: UInt32 = 1
    static let headerBytes = 4_096
    /// The largest number of readers whose state is in the header.
    static let readerLimit = 64
    private static let step = 1 << 16

    /// The places of words in the header.
    enum Place {
        static let version = 8
        static let process = 16
        static let created = 24
        static let stripes = 32
        static let used = 48
        static let lastSeen = 56
        static let outside = 64
        /// Two words for each reader: its ``ReaderState``, and the time of its last collection.
        static let readers = 1_024
    }

    /// What a reader has sent of this process.
    package enum ReaderState: UInt64, Sendable {
        /// It has not collected anything.
        case none = 0
        /// It sends the values, and deltas can be continued from its state in the spool.
        case active = 1
        /// It sends the values, but could not store its last deltas, so that the next process cannot know which ones were sent.
        case unknownDeltas = 2
        /// It has sent everything.
        case finished = 3
    }

    private struct State {
        var isOpened = false
        var mapped = 0
        var used = 0
        /// The places of unused blocks by their size.
        var unused: [Int: [Int]] = [:]
        var nextTry: UInt64 = 0
    }

    let base: UnsafeMutableRawPointer
    private let capacity: Int
    private let state = Locked(State())
    /// Holds the descriptor, so that the child of a fork can close it without Swift. -1 while the file is not open.
    private let descriptor: UnsafeMutablePointer<Int32>
    private let born = spankit_forks()
    private let process: [Attribute]
    private let stripes: Int
    private let open: @Sendable () -> Int32?
    private let isReady = Atomic<Bool>(false)
    private let ends = Atomic<UInt64>(0)

    /// Reserves address space; nil if the system has none.
    /// - Parameters:
    ///   - bytes: the largest size of the file.
    ///   - process: facts about the process.
    ///   - open: creates the file and returns its descriptor, which this object closes. Called once, for the first block.
    package init?(
        bytes: Int = 128 << 20,
        process: [Attribute],
        open: @escaping @Sendable () -> Int32?
    ) {
        capacity = max(bytes, Self.step) & ~(Self.step - 1)
        let flags = Int32(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)
        guard let base = mmap(nil, capacity, PROT_READ | PROT_WRITE, flags, -1, 0), base != MAP_FAILED else {
            return nil
        }
        self.base = base
        self.process = process
        self.open = open
        stripes = CellMemory.defaultStripes
        descriptor = .allocate(capacity: 1)
        descriptor.initialize(to: -1)
    }

    deinit {
        munmap(base, capacity)
        if descriptor.pointee >= 0 { close(descriptor.pointee) }
        descriptor.deallocate()
    }

    /// Whether an address is in the file.
    func contains(_ address: UnsafeRawPointer) -> Bool {
        UInt(bitPattern: address) &- UInt(bitPattern: base) < UInt(capacity)
    }

    /// The place of a block in the file.
    func place(of block: FileBlock) -> Int { UnsafeRawPointer(block.header) - UnsafeRawPointer(base) }

    private func header(_ place: Int) -> UnsafeMutablePointer<Atomic<UInt64>> { (base + place).atomic }

    // MARK: Blocks

    /// Zeroed memory, which is in the file's format once the caller commits the block; nil if the file cannot grow.
    func take(bytes: Int, owner: Int = 0, detail: UInt64 = 0, checksum: UInt32 = 0) -> FileBlock? {
        let size = (FileBlock.headerBytes + bytes + 127) & ~127
        let block = state.withLock { state -> FileBlock? in
            guard born == spankit_forks(), isOpen(&state) else { return nil }
            if let place = state.unused[size]?.popLast() {
                let block = FileBlock(header: base + place)
                memset(block.header + 16, 0, size - 16)
                return block
            }
            guard grow(&state, to: state.used + size) else { return nil }
            let block = FileBlock(header: base + state.used)
            block.store(UInt64(size), 0)
            state.used += size
            // After the size, so that every counted block has one.
            header(Place.used).pointee.store(UInt64(state.used), ordering: .releasing)
            return block
        }
        block?.store(UInt64(owner), 2)
        block?.store(detail, 3)
        block?.store(UInt64(checksum), 4)
        return block
    }

    /// Takes a block back, which must no longer be in use.
    func give(_ block: FileBlock) {
        state.withLock { state in
            guard born == spankit_forks() else { return }
            block.store(0, 1)
            state.unused[block.bytes, default: []].append(place(of: block))
        }
    }

    private func isOpen(_ state: inout State) -> Bool {
        if state.isOpened { return descriptor.pointee >= 0 }
        state.isOpened = true
        guard let opened = open() else { return false }
        descriptor.pointee = opened
        guard grow(&state, to: Self.headerBytes) else {
            close(opened)
            descriptor.pointee = -1
            return false
        }
        func set(_ place: Int, _ value: UInt64) { header(place).pointee.store(value, ordering: .releasing) }
        set(Place.version, UInt64(Self.formatVersion) | 0x0102_0304 << 32)
        set(Place.process, UInt64(getpid()))
        set(Place.created, UInt64(bitPattern: UnixTime.nanoseconds()))
        set(Place.stripes, UInt64(stripes))
        set(Place.lastSeen, UInt64(bitPattern: UnixTime.nanoseconds()))
        let facts = Self.bytes(of: process)
        let size = (FileBlock.headerBytes + facts.count + 127) & ~127
        state.used = Self.headerBytes
        guard grow(&state, to: state.used + size) else { return false }
        let block = FileBlock(header: base + state.used)
        block.store(UInt64(size), 0)
        block.store(UInt64(CRC32C.checksum(facts)), 4)
        facts.withUnsafeBytes { block.data.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: $0.count) }
        block.commit(.process)
        state.used += size
        set(Place.used, UInt64(state.used))
        set(0, Self.magic)
        isReady.store(true, ordering: .releasing)
        return true
    }

    /// Extends the file to a number of bytes.
    private func grow(_ state: inout State, to bytes: Int) -> Bool {
        guard bytes > state.mapped else { return true }
        let now = spankit_monotonic_nanoseconds()
        guard bytes <= capacity, now >= state.nextTry else { return false }
        let wanted = max(bytes, min(capacity, state.mapped + min(4 << 20, state.mapped / 2)))
        let end = (wanted + Self.step - 1) & ~(Self.step - 1)
        let piece = end - state.mapped
        var problem: Int32
        repeat {
            problem = posix_fallocate(descriptor.pointee, off_t(state.mapped), off_t(piece))
        } while problem == EINTR
        let place = base + state.mapped
        guard problem == 0,
            mmap(
                place,
                piece,
                PROT_READ | PROT_WRITE,
                Int32(MAP_SHARED | MAP_FIXED),
                descriptor.pointee,
                off_t(state.mapped)
            ) == place
        else {
            state.nextTry = now &+ 1_000_000_000
            return false
        }
        state.mapped = end
        return true
    }

    /// A length and attributes as entries.
    static func bytes(of attributes: [Attribute]) -> [UInt8] {
        var entries = EntryBytes()
        entries.write(attributes)
        return withUnsafeBytes(of: UInt64(entries.storage.count)) { Array($0) } + entries.storage
    }

    /// A block with attributes, which never change; nil if the file has no room for it, or if a key is too long for its format.
    func take(_ attributes: [Attribute], owner: Int = 0, detail: UInt64 = 0) -> FileBlock? {
        guard attributes.allSatisfy({ $0.hasShortKeys }) else { return nil }
        let bytes = Self.bytes(of: attributes)
        guard let block = take(bytes: bytes.count, owner: owner, detail: detail, checksum: CRC32C.checksum(bytes))
        else {
            return nil
        }
        bytes.withUnsafeBytes { block.data.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: $0.count) }
        return block
    }

    /// A new number for an ``EndRecord``.
    func nextEnd() -> UInt64 { ends.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Counts a series for ``outsideCount``.
    func countOutside() {
        guard isReady.load(ordering: .acquiring) else { return }
        header(Place.outside).pointee.wrappingAdd(1, ordering: .relaxed)
    }

    /// The number of series with counts outside the file, because it could not grow.
    package var outsideCount: UInt64 {
        exists ? header(Place.outside).pointee.load(ordering: .relaxed) : 0
    }

    // MARK: Notes for other processes

    /// Whether this process created the object. It is false in the child of a fork.
    package var isOfThisProcess: Bool { born == spankit_forks() }

    /// Whether this process has created the file.
    package var exists: Bool { isReady.load(ordering: .acquiring) && isOfThisProcess }

    /// Notes that the process is alive.
    package func noteAlive(_ now: Int64) {
        guard exists else { return }
        header(Place.lastSeen).pointee.store(UInt64(bitPattern: now), ordering: .relaxed)
    }

    /// Notes what a reader has sent.
    package func note(_ reader: ReaderState, of number: Int) {
        guard exists, number < Self.readerLimit else { return }
        header(Place.readers + number * 16).pointee.store(reader.rawValue, ordering: .releasing)
    }

    /// Notes the time of a reader's collection.
    package func noteCollection(_ time: Int64, of number: Int) {
        guard exists, number < Self.readerLimit else { return }
        header(Place.readers + number * 16 + 8).pointee.store(UInt64(bitPattern: time), ordering: .releasing)
    }

    // MARK: Fork

    /// Takes the lock until the fork is over, and replaces the memory by zeros in the child.
    func acquireForFork() {
        state.acquireForFork()
        let mapped = state.acquiredValue.mapped
        spankit_fork_forget(
            spankit_fork_memory(
                base: base.assumingMemoryBound(to: UInt8.self),
                bytes: UInt64(mapped),
                descriptor: descriptor
            )
        )
    }
}

extension Attribute {
    /// Whether no key is longer than an entry can hold.
    fileprivate var hasShortKeys: Bool { key.utf8.count <= Int(UInt16.max) && value.hasShortKeys }
}

extension AttributeValue {
    fileprivate var hasShortKeys: Bool {
        switch self {
        case .array(let elements): elements.allSatisfy(\.hasShortKeys)
        case .map(let members): members.allSatisfy(\.hasShortKeys)
        default: true
        }
    }
}
