/// How often each symbol of a block of DEFLATE data occurs.
///
/// Invariant: `memory` has a counter for each literal symbol, then for each range of distances, then a table of the ranges of match
/// lengths. Only one thread at a time may use it. Copies share the counters.
final class SymbolCounts {
    private let memory: UnsafeMutablePointer<UInt32>
    private let lengthRanges: UnsafeMutablePointer<UInt8>

    private static let count = DeflateCodes.literalCount + DeflateCodes.distanceCount

    init() {
        memory = .allocate(capacity: Self.count)
        memory.initialize(repeating: 0, count: Self.count)
        lengthRanges = .allocate(capacity: DeflateCodes.longestMatch + 1)
        for (length, range) in DeflateCodes.lengthRanges.enumerated() { lengthRanges[length] = range }
    }

    deinit {
        memory.deallocate()
        lengthRanges.deallocate()
    }

    /// The counters of literals, of the end of the block and of ranges of match lengths.
    var literals: UnsafeBufferPointer<UInt32> {
        UnsafeBufferPointer(start: memory, count: DeflateCodes.literalCount)
    }

    /// The counters of ranges of distances.
    var distances: UnsafeBufferPointer<UInt32> {
        UnsafeBufferPointer(start: memory + DeflateCodes.literalCount, count: DeflateCodes.distanceCount)
    }

    /// Counts nothing but the end of the block.
    func reset() {
        memory.update(repeating: 0, count: Self.count)
        memory[DeflateCodes.endOfBlock] = 1
    }

    @inline(__always)
    func add(literals: UnsafeRawPointer, _ count: Int) {
        let memory = memory
        for offset in 0..<count { memory[Int((literals + offset).load(as: UInt8.self))] &+= 1 }
    }

    @inline(__always)
    func add(length: Int, distance: Int) {
        memory[257 &+ Int(lengthRanges[length])] &+= 1
        memory[DeflateCodes.literalCount &+ DeflateCodes.distanceRange(distance &- 1)] &+= 1
    }
}

/// Memory that only grows, and keeps its content when it does. New memory is zero.
///
/// Invariant: `start` has `capacity` initialized elements. Only one thread at a time may use it.
struct GrowingMemory<Element: BitwiseCopyable>: ~Copyable {
    private(set) var start: UnsafeMutablePointer<Element>
    private var capacity = 1_024

    init() {
        start = Self.zeroed(capacity)
    }

    deinit { start.deallocate() }

    /// Makes room for `count` elements.
    mutating func reserve(_ count: Int) {
        guard count > capacity else { return }
        let larger = Self.zeroed(2 * count)
        larger.update(from: start, count: capacity)
        start.deallocate()
        (start, capacity) = (larger, 2 * count)
    }

    private static func zeroed(_ capacity: Int) -> UnsafeMutablePointer<Element> {
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: capacity * MemoryLayout<Element>.stride,
            alignment: MemoryLayout<Element>.alignment
        )
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        return bytes.assumingMemoryBound(to: Element.self).baseAddress.unsafelyUnwrapped
    }
}
