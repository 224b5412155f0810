/// The distribution of durations as OpenTelemetry's exponential histogram, with exact count, sum, minimum and maximum.
///
/// A value: what a snapshot, a merge and the wire hold. It counts whole nanoseconds. Two histograms are equal when
/// they hold the same state, whatever way they came by it.
public struct ExponentialHistogram: Sendable, Equatable {
    /// The scales a histogram may have (OpenTelemetry: −10…20).
    public static let scales = BucketIndex.scales

    /// The most buckets a histogram spans; beyond, its scale is lowered.
    ///
    /// All of UInt64 fits at scale 10.
    package static let bucketLimit = 1 << 16

    /// The resolution: 2^scale buckets for each doubling.
    public internal(set) var scale: Int
    /// What the bucket boundaries are powers of.
    public internal(set) var unit: BucketUnit
    /// The index of the first entry of ``bucketCounts``, as OpenTelemetry's `offset`; 0 when there is none.
    public internal(set) var firstBucketIndex: Int
    /// The counts of consecutive buckets; neither the first nor the last is 0.
    public internal(set) var bucketCounts: [UInt64]
    /// How many durations were 0 ns.
    public internal(set) var zeroCount: UInt64
    /// How many durations were counted, zeros included.
    public internal(set) var count: UInt64
    /// The exact sum of all durations, in nanoseconds.
    public internal(set) var sumNanoseconds: UInt128
    /// The shortest duration, 0 when nothing was counted.
    public internal(set) var minimumNanoseconds: UInt64
    /// The longest duration, 0 when nothing was counted.
    public internal(set) var maximumNanoseconds: UInt64
    /// The sum of all memory deltas, in bytes; stays at its limits instead of wrapping.
    public internal(set) var memorySumBytes: Int64
    /// How many of the durations came with a memory delta.
    public internal(set) var memoryCount: UInt64

    /// Nothing counted, scale 8, boundaries in seconds: what ``PercentileEngine`` uses by default.
    public init() {
        self.init(validScale: 8, unit: .seconds)
    }

    /// Nothing counted, with a resolution of its own.
    /// - Throws: ``HistogramError/unknownScale(_:)`` outside −10…20.
    public init(scale: Int, unit: BucketUnit) throws(HistogramError) {
        guard Self.scales.contains(scale) else { throw .unknownScale(scale) }
        self.init(validScale: scale, unit: unit)
    }

    init(validScale scale: Int, unit: BucketUnit) {
        self.scale = scale
        self.unit = unit
        firstBucketIndex = 0
        bucketCounts = []
        zeroCount = 0
        count = 0
        sumNanoseconds = 0
        minimumNanoseconds = 0
        maximumNanoseconds = 0
        memorySumBytes = 0
        memoryCount = 0
    }

    /// Whether nothing has been counted.
    public var isEmpty: Bool { count == 0 }

    /// The mean duration in nanoseconds, 0 when nothing was counted.
    public var averageNanoseconds: Double {
        count == 0 ? 0 : Double(sumNanoseconds) / Double(count)
    }

    /// The mean memory delta in bytes, nil when none was ever sampled.
    public var averageMemoryDeltaBytes: Double? {
        memoryCount == 0 ? nil : Double(memorySumBytes) / Double(memoryCount)
    }

    /// Counts one duration.
    ///
    /// For building histograms by hand, a few nanoseconds to 0.1 µs; ``PercentileEngine`` is the one for hot paths.
    /// A value that needs more than 65,536 buckets lowers the scale.
    /// - Parameters:
    ///   - nanoseconds: the duration.
    ///   - memoryDelta: the change of memory in use meanwhile, in bytes; nil when it was not sampled.
    public mutating func record(nanoseconds: UInt64, memoryDelta: Int64? = nil) {
        minimumNanoseconds = count == 0 ? nanoseconds : Swift.min(minimumNanoseconds, nanoseconds)
        maximumNanoseconds = Swift.max(maximumNanoseconds, nanoseconds)
        count &+= 1
        sumNanoseconds &+= UInt128(nanoseconds)
        if let memoryDelta {
            memorySumBytes = memorySumBytes.addingSaturating(memoryDelta)
            memoryCount &+= 1
        }
        guard nanoseconds > 0 else {
            zeroCount &+= 1
            return
        }
        var index: Int
        if let table = IndexTable.table(scale: scale, unit: unit), nanoseconds <= IndexTable.largestDuration {
            index = table.rawIndex(of: nanoseconds) + table.bias
        } else {
            index = BucketIndex.index(ofNanoseconds: nanoseconds, scale: scale, unit: unit)
        }
        let shift = makeRoom(from: index, through: index)
        index >>= shift
        bucketCounts[index - firstBucketIndex] &+= 1
    }

    /// Makes the dense counts reach over the given buckets, lowering the scale where they would become too many.
    /// - Returns: by how much the scale was lowered.
    mutating func makeRoom(from first: Int, through last: Int) -> Int {
        guard !bucketCounts.isEmpty else {
            var shift = 0
            while (last >> shift) - (first >> shift) >= Self.bucketLimit { shift += 1 }
            scale -= shift
            firstBucketIndex = first >> shift
            bucketCounts = Array(repeating: 0, count: (last >> shift) - (first >> shift) + 1)
            return shift
        }
        var low = Swift.min(first, firstBucketIndex)
        var high = Swift.max(last, firstBucketIndex + bucketCounts.count - 1)
        var shift = 0
        while high - low >= Self.bucketLimit {
            low >>= 1
            high >>= 1
            shift += 1
        }
        if shift > 0 { downscale(by: shift) }
        let end = firstBucketIndex + bucketCounts.count - 1
        if low < firstBucketIndex {
            bucketCounts.insert(contentsOf: repeatElement(0, count: firstBucketIndex - low), at: 0)
            firstBucketIndex = low
        }
        if high > end { bucketCounts.append(contentsOf: repeatElement(0, count: high - end)) }
        return shift
    }

    /// Drops empty buckets at both ends: the canonical form that equality relies on.
    mutating func trim() {
        guard let first = bucketCounts.firstIndex(where: { $0 != 0 }),
            let last = bucketCounts.lastIndex(where: { $0 != 0 })
        else {
            bucketCounts = []
            firstBucketIndex = 0
            return
        }
        guard first > 0 || last < bucketCounts.count - 1 else { return }
        bucketCounts = Array(bucketCounts[first...last])
        firstBucketIndex += first
    }
}

extension FixedWidthInteger {
    /// The sum, or the limit it would have passed.
    package func addingSaturating(_ other: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        guard overflow else { return sum }
        return other < 0 ? .min : .max
    }
}
