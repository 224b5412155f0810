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

/// Memory for work on one body after the other. It is zero at first; after it has grown or shrunk, its content is undefined.
///
/// Invariant: `start` has room for `capacity` elements. Only one thread at a time may use it.
struct WorkMemory<Element: BitwiseCopyable>: ~Copyable {
    private(set) var start: UnsafeMutablePointer<Element>
    private var capacity: Int
    private let usualCapacity: Int

    init(capacity: Int = 1_024) {
        self.capacity = capacity
        usualCapacity = capacity
        start = .allocate(capacity: capacity)
        clear()
    }

    deinit { start.deallocate() }

    /// Makes room for `count` elements.
    mutating func reserve(_ count: Int) {
        if count > capacity { replace(count + count / 4) }
    }

    /// Gives back the memory beyond the usual capacity.
    mutating func shrink() {
        if capacity > usualCapacity { replace(usualCapacity) }
    }

    private mutating func replace(_ capacity: Int) {
        start.deallocate()
        (start, self.capacity) = (.allocate(capacity: capacity), capacity)
    }

    /// Makes all elements zero.
    func clear() {
        UnsafeMutableRawBufferPointer(start: start, count: capacity * MemoryLayout<Element>.stride)
            .initializeMemory(as: UInt8.self, repeating: 0)
    }
}
