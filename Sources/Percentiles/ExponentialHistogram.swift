/// An OpenTelemetry exponential histogram of durations, with exact count, sum, minimum and maximum.
///
/// Durations are whole nanoseconds. Two histograms with the same scale, unit and counts are equal, regardless of how
/// they were created.
public struct ExponentialHistogram: Sendable, Equatable {
    /// The scales that a histogram can have: −10…20, as in OpenTelemetry.
    public static let scales = BucketIndex.scales

    /// The maximum number of consecutive buckets of a histogram. If a duration needs more, the scale is lowered.
    ///
    /// All values of `UInt64` fit at scale 10.
    package static let bucketLimit = 1 << 16

    /// The resolution: each doubling of the duration is divided into 2^scale buckets.
    public internal(set) var scale: Int
    /// The unit of the bucket boundaries.
    public internal(set) var unit: BucketUnit
    /// The index of the first entry of ``bucketCounts`` (`offset` in OpenTelemetry); 0 if there are no buckets.
    public internal(set) var firstBucketIndex = 0
    /// The counts of consecutive buckets. The first and the last are never 0.
    public internal(set) var bucketCounts: [UInt64] = []
    /// The number of durations of 0 ns.
    public internal(set) var zeroCount: UInt64 = 0
    /// The number of durations, including those of 0 ns.
    public internal(set) var count: UInt64 = 0
    /// The exact sum of all durations in nanoseconds.
    public internal(set) var sumNanoseconds: UInt128 = 0
    /// The shortest duration in nanoseconds; 0 if nothing was counted.
    public internal(set) var minimumNanoseconds: UInt64 = 0
    /// The longest duration in nanoseconds; 0 if nothing was counted.
    public internal(set) var maximumNanoseconds: UInt64 = 0
    /// The sum of all changes in memory use, in bytes, clamped to the range of `Int64`.
    public internal(set) var memorySumBytes: Int64 = 0
    /// The number of durations that were recorded with a change in memory use.
    public internal(set) var memoryCount: UInt64 = 0

    /// Creates an empty histogram of scale 8 with bucket boundaries in seconds, the defaults of ``PercentileEngine``.
    public init() {
        self.init(validScale: 8, unit: .seconds)
    }

    /// Creates an empty histogram.
    /// - Parameters:
    ///   - scale: the resolution, −10…20.
    ///   - unit: the unit of the bucket boundaries.
    /// - Throws: ``HistogramError/unknownScale(_:)`` if the scale is outside this range.
    public init(scale: Int, unit: BucketUnit) throws(HistogramError) {
        guard Self.scales.contains(scale) else { throw .unknownScale(scale) }
        self.init(validScale: scale, unit: unit)
    }

    init(validScale scale: Int, unit: BucketUnit) {
        self.scale = scale
        self.unit = unit
    }

    /// Whether the histogram contains no durations.
    public var isEmpty: Bool { count == 0 }

    /// The mean duration in nanoseconds; 0 if nothing was counted.
    public var averageNanoseconds: Double {
        count == 0 ? 0 : Double(sumNanoseconds) / Double(count)
    }

    /// The mean change in memory use, in bytes; nil if none was recorded.
    public var averageMemoryDeltaBytes: Double? {
        memoryCount == 0 ? nil : Double(memorySumBytes) / Double(memoryCount)
    }

    /// Counts one duration.
    ///
    /// This takes up to 0.1 µs; use ``PercentileEngine`` on hot paths. If the duration would need more than 65,536
    /// buckets, the scale is lowered.
    /// - Parameters:
    ///   - nanoseconds: the duration.
    ///   - memoryDelta: the change in memory use during that time, in bytes; nil if it was not measured.
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

    /// Extends ``bucketCounts`` to the given buckets. Lowers the scale if they would become too many.
    /// - Returns: by how much it lowered the scale.
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

    /// Removes empty buckets at both ends. Equality relies on this form.
    mutating func trim() {
        guard let first = bucketCounts.firstIndex(where: { $0 != 0 }),
            let last = bucketCounts.lastIndex(where: { $0 != 0 })
        else {
            bucketCounts = []
            firstBucketIndex = 0
            return
        }
        guard first > 0 || last < bucketCounts.count - 1 else { return }
        firstBucketIndex += first
        if 2 * (last - first) > bucketCounts.count {
            bucketCounts.removeLast(bucketCounts.count - 1 - last)
            bucketCounts.removeFirst(first)
        } else {
            // Frees the memory of the rest.
            bucketCounts = Array(bucketCounts[first...last])
        }
    }
}

extension FixedWidthInteger {
    /// The sum, clamped to the range of the type.
    package func addingSaturating(_ other: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        guard overflow else { return sum }
        return other < 0 ? .min : .max
    }
}

/// The unit of a histogram's bucket boundaries. Boundary `i` is 2^(i / 2^scale) of these units.
///
/// Durations are whole nanoseconds with either unit. Use ``seconds`` for a histogram that is sent over OTLP with the
/// unit `s`; otherwise the receiver computes wrong boundaries.
public enum BucketUnit: UInt8, Sendable, CaseIterable {
    /// Boundaries at 2^(i / 2^scale) nanoseconds.
    case nanoseconds = 0
    /// Boundaries at 2^(i / 2^scale) seconds, OpenTelemetry's unit for durations.
    case seconds = 1
}
