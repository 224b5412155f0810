/// How often each symbol of a block of DEFLATE data occurs.
///
/// Invariant: `memory` has two counters for each literal, then one for each match length, then one for each range of distances. Only
/// one thread at a time may use it. Copies share the counters.
final class SymbolCounts {
    private let memory: UnsafeMutablePointer<UInt32>

    private static let lengths = 512
    private static let distances = lengths + DeflateCodes.longestMatch + 1
    private static let count = distances + DeflateCodes.distanceCount

    init() {
        memory = .allocate(capacity: Self.count)
        memory.initialize(repeating: 0, count: Self.count)
    }

    deinit { memory.deallocate() }

    /// How often each literal, the end of the block and each range of match lengths occur.
    var literals: [UInt32] {
        var counts = (0..<256).map { memory[$0] + memory[256 + $0] }
        counts.append(1)
        counts += [UInt32](repeating: 0, count: DeflateCodes.literalCount - 257)
        for length in 3...DeflateCodes.longestMatch {
            counts[257 + Int(DeflateCodes.lengthRanges[length])] += memory[Self.lengths + length]
        }
        return counts
    }

    /// How often each range of distances occurs.
    var distances: [UInt32] {
        (0..<DeflateCodes.distanceCount).map { memory[Self.distances + $0] }
    }

    /// Counts nothing but the end of the block.
    func reset() {
        memory.update(repeating: 0, count: Self.count)
    }

    /// Adds literals. Neighbours have different counters, because they are often equal, and each addition would wait for the one
    /// before.
    func add(literals: UnsafeBufferPointer<UInt8>) {
        let memory = memory
        var index = 0
        while index &+ 2 <= literals.count {
            memory[Int(literals[index])] &+= 1
            memory[256 &+ Int(literals[index &+ 1])] &+= 1
            index &+= 2
        }
        if index < literals.count { memory[Int(literals[index])] &+= 1 }
    }

    @inline(__always)
    func add(length: Int, distance: Int) {
        memory[Self.lengths &+ length] &+= 1
        memory[Self.distances &+ DeflateCodes.distanceRange(distance &- 1)] &+= 1
    }
}

/// Memory that only grows, and keeps its content when it does. New memory is zero.
///
/// Invariant: `start` has `capacity` initialized elements. Only one thread at a time may use it.
struct GrowingMemory<Element: BitwiseCopyable>: ~Copyable {
    private(set) var start: UnsafeMutablePointer<Element>
    private var capacity: Int

    init(capacity: Int = 1_024) {
        self.capacity = capacity
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

    /// Makes all elements zero.
    mutating func clear() {
        Self.zero(UnsafeMutableRawBufferPointer(start: start, count: capacity * MemoryLayout<Element>.stride))
    }

    private static func zeroed(_ capacity: Int) -> UnsafeMutablePointer<Element> {
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: capacity * MemoryLayout<Element>.stride,
            alignment: MemoryLayout<Element>.alignment
        )
        zero(bytes)
        return bytes.assumingMemoryBound(to: Element.self).baseAddress.unsafelyUnwrapped
    }

    private static func zero(_ bytes: UnsafeMutableRawBufferPointer) {
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }
}
