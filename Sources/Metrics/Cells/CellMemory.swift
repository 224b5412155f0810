import CSpanKit
import SpanKitPlatform
import Synchronization

/// Hands out the memory in which instruments count.
///
/// Each counter and gauge gets a cell, and each histogram gets blocks. A cell has eight bytes in each of several stripes. A thread uses the
/// part of a cell that is in its own stripe, and different stripes are never in the same cache line. So threads that count at the same time
/// do not slow each other down, unless there are more threads than stripes. A stripe has 4,096 bytes: the part of a cell in stripe `n` is
/// `n` · 4096 bytes after the part in stripe 0.
///
/// With a ``MetricFile``, cells and blocks are in the file as long as it has room, so that they survive the process.
///
/// New memory is zero. After a fork, all cells are zero in the child. Cells are never moved. They are freed with this object, so each user of
/// a cell keeps a reference to it.
final class CellMemory: @unchecked Sendable {
    /// The number of stripes: a power of two, 1…64.
    let stripes: Int
    /// Selects the bits of `spankit_thread_stripe()` that are the offset of the calling thread's stripe in bytes.
    let stripeMask: UInt

    /// The file of the memory; nil for memory that ends with the process.
    let file: MetricFile?

    private struct State {
        /// Pages that are not in the file.
        var pages: [UnsafeMutableRawPointer] = []
        var unused: [UnsafeMutableRawPointer] = []
    }

    private let state = Locked(State())

    static let stripeBytes = 1 << Int(SPANKIT_STRIPE_SHIFT)

    /// The number of processors, rounded up to a power of two, and at most 64.
    static let defaultStripes: Int = {
        let processors = max(1, min(64, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        return processors == 1 ? 1 : 1 << (Int.bitWidth - (processors - 1).leadingZeroBitCount)
    }()

    init(stripes: Int = CellMemory.defaultStripes, file: MetricFile? = nil) {
        self.stripes = stripes
        self.file = file
        stripeMask = UInt((stripes - 1) * Self.stripeBytes)
    }

    deinit {
        state.withLock { state in
            for page in state.pages { munmap(page, stripes * Self.stripeBytes) }
        }
    }

    /// Returns a cell that is zero in every stripe; nil if the system has no memory.
    func take() -> UnsafeMutableRawPointer? {
        state.withLock { state in
            if let cell = state.unused.popLast() { return cell }
            guard let page = takePage(&state) else { return nil }
            state.unused = stride(from: Self.stripeBytes - 8, to: 0, by: -8).map { page + $0 }
            return page
        }
    }

    private func takePage(_ state: inout State) -> UnsafeMutableRawPointer? {
        if let block = file?.take(bytes: stripes * Self.stripeBytes) {
            block.commit(.cells)
            return block.data
        }
        let page = Self.map(stripes * Self.stripeBytes)
        if let page { state.pages.append(page) }
        return page
    }

    /// Takes a cell back. No thread may use it any more.
    func give(_ cell: UnsafeMutableRawPointer) {
        for stripe in 0..<stripes { (cell + stripe * Self.stripeBytes).atomic.pointee.store(0, ordering: .relaxed) }
        state.withLock { $0.unused.append(cell) }
    }

    func acquireForFork() { state.acquireForFork() }

    /// Zeroed memory that a forked child sees as zero.
    private static func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else { return nil }
        #if os(Linux)
            madvise(memory, bytes, MADV_WIPEONFORK)
        #endif
        return memory
    }

    // MARK: Blocks

    /// Zeroed memory for `words` atomic numbers, aligned to cache lines; nil if the system has none. Free it with
    /// ``giveBlock(_:_:)``.
    /// - Parameters:
    ///   - file: the file that the block is taken from if it has room. The caller commits such a block.
    ///   - owner: the place of the block's owner in the file.
    ///   - detail: see ``FileBlockType``.
    static func takeBlock(
        words: Int,
        _ file: MetricFile? = nil,
        owner: Int = 0,
        detail: UInt64 = 0
    ) -> UnsafeMutableRawPointer? {
        if let block = file?.take(bytes: words * 8, owner: owner, detail: detail) { return block.data }
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, 128, words * 8) == 0, let memory else { return nil }
        memset(memory, 0, words * 8)
        return memory
    }

    /// Frees a block. No thread may use it any more.
    /// - Parameter file: the file that it may have been taken from.
    static func giveBlock(_ block: UnsafeMutableRawPointer, _ file: MetricFile?) {
        if let file, file.contains(block) { file.give(FileBlock(data: block)) } else { free(block) }
    }
}

extension UnsafeMutableRawPointer {
    /// The memory as an atomic number.
    @inlinable @inline(__always)
    var atomic: UnsafeMutablePointer<Atomic<UInt64>> { assumingMemoryBound(to: Atomic<UInt64>.self) }
}

extension Double {
    /// The number itself, or the largest finite number of its sign if it is infinite.
    var limitedToFinite: Double {
        Swift.min(Swift.max(self, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
    }
}
