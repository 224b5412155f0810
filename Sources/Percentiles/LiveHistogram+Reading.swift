import Synchronization

/// The shortest and the longest of some durations, not counting those of 0 ns.
struct DurationExtent: Sendable, Equatable {
    var minimum: UInt64 = .max
    var maximum: UInt64 = 0

    mutating func formUnion(_ other: DurationExtent) { self = union(other) }

    func union(_ other: DurationExtent) -> DurationExtent {
        DurationExtent(
            minimum: Swift.min(minimum, other.minimum),
            maximum: Swift.max(maximum, other.maximum)
        )
    }
}

extension LiveHistogram {
    var beyond: DurationExtent {
        DurationExtent(
            minimum: beyondMinimum.load(ordering: .relaxed),
            maximum: beyondMaximum.load(ordering: .relaxed)
        )
    }

    /// The shortest and longest duration since the last tick. The caller holds the lock.
    private var extent: DurationExtent {
        var extent = beyond
        let known = width.load(ordering: .relaxed)
        if known > 0 {
            extent.formUnion(
                DurationExtent(
                    minimum: minimum.load(ordering: .relaxed),
                    maximum: minimum.load(ordering: .relaxed) &+ known &- 1
                )
            )
        }
        return extent
    }

    /// The shortest and longest duration since the last tick.
    ///
    /// A tick makes the range empty but keeps its buckets, so that the writer's next duration is outside and starts a new range.
    /// A duration that is just being written may be missing before and after the tick. Its bucket still counts it.
    /// - Parameter restarts: whether this is a new tick, so that the extremes start afresh.
    func extent(restarts: Bool) -> DurationExtent {
        lock.withLock {
            let result = extent
            if restarts {
                width.store(0, ordering: .relaxed)
                beyondMinimum.store(.max, ordering: .relaxed)
                beyondMaximum.store(0, ordering: .relaxed)
            }
            return result
        }
    }

    /// Adds the counts to a tally, without stopping the writer.
    func read(into tally: inout HistogramTally) {
        lock.withLock {
            tally.memorySum = tally.memorySum.addingSaturating(memorySum.load(ordering: .relaxed))
            tally.memoryCount &+= memoryCount.load(ordering: .relaxed)
            tally.zeroCount &+= zeroCount.load(ordering: .relaxed)
            guard let counts else { return }
            let size = octaves << table.scale
            var copy: [UInt64] = []
            var before = sum.load(ordering: .relaxed)
            // The sum changes with every duration. If it is the same before and after, the copy is of one moment.
            for _ in 0...3 {
                copy = Array(unsafeUninitializedCapacity: size) { buffer, initialized in
                    for place in 0..<size { buffer[place] = counts[place].load(ordering: .relaxed) }
                    initialized = size
                }
                let after = sum.load(ordering: .relaxed)
                if before == after { break }
                before = after
            }
            tally.sum &+= UInt128(before)
            // The copy is consumed, so that there is no second reference. Otherwise, adding to it would copy it again.
            tally.add(consume copy, firstRaw: firstOctave << table.scale)
        }
    }

    /// The number of durations recorded. No thread may be writing.
    var total: UInt64 {
        guard let counts else { return zeroCount.load(ordering: .relaxed) }
        return (0..<(octaves << table.scale)).reduce(zeroCount.load(ordering: .relaxed)) {
            $0 &+ counts[$1].load(ordering: .relaxed)
        }
    }

    /// Adds the counts of a finished thread's histogram.
    ///
    /// The caller holds the lock, and no thread writes to `other`.
    /// - Returns: by how many bytes the buckets grew; nil if there is no memory for them, and then nothing was added.
    func absorb(_ other: borrowing LiveHistogram) -> Int? {
        // Allocate first. If that fails, the caller counts all of the durations as lost.
        var growth = 0
        if other.counts != nil {
            guard
                let grown = reach(
                    from: other.firstOctave,
                    through: other.firstOctave + other.octaves - 1,
                    allowance: .max
                )
            else { return nil }
            growth = grown
        }
        zeroCount.addAlone(other.zeroCount.load(ordering: .relaxed))
        sum.addAlone(other.sum.load(ordering: .relaxed))
        memorySum.store(
            memorySum.load(ordering: .relaxed) &+ other.memorySum.load(ordering: .relaxed),
            ordering: .relaxed
        )
        memoryCount.addAlone(other.memoryCount.load(ordering: .relaxed))
        guard let counts = other.counts else { return growth }
        for place in 0..<(other.octaves << table.scale) {
            let count = counts[place].load(ordering: .relaxed)
            if count > 0 { add(count, at: other.firstOctave << table.scale + place) }
        }
        noteBeyond(other.beyond)
        let known = other.width.load(ordering: .relaxed)
        let shortest = other.minimum.load(ordering: .relaxed)
        if known > 0 { extendRange(from: shortest, through: shortest &+ known &- 1) }
        return growth
    }
}

/// The sum of several live histograms, with buckets by raw index.
struct HistogramTally {
    let table: IndexTable
    var zeroCount: UInt64 = 0
    var sum: UInt128 = 0
    var memorySum: Int64 = 0
    var memoryCount: UInt64 = 0
    private var firstRaw = 0
    private var counts: [UInt64] = []

    init(table: IndexTable) {
        self.table = table
    }

    mutating func add(_ more: consuming [UInt64], firstRaw first: Int) {
        var first = first
        // The shorter one is added to the longer one, which then seldom has to grow.
        if more.count > counts.count {
            swap(&more, &counts)
            swap(&first, &firstRaw)
        }
        guard !more.isEmpty else { return }
        let end = Swift.max(firstRaw + counts.count, first + more.count)
        if first < firstRaw {
            counts.insert(contentsOf: repeatElement(0, count: firstRaw - first), at: 0)
            firstRaw = first
        }
        if end > firstRaw + counts.count {
            counts.append(contentsOf: repeatElement(0, count: end - firstRaw - counts.count))
        }
        let offset = first - firstRaw
        more.withUnsafeBufferPointer { more in
            counts.withUnsafeMutableBufferPointer { counts in
                for place in more.indices { counts[offset + place] &+= more[place] }
            }
        }
    }

    /// The sum as a histogram. The counts are moved into it. Where the given extremes contradict the buckets, the
    /// bounds of the buckets are used.
    mutating func takeHistogram(extent: DurationExtent) -> ExponentialHistogram {
        var histogram = ExponentialHistogram(validScale: table.scale, unit: table.unit)
        histogram.firstBucketIndex = firstRaw + table.bias
        // The counts are moved, so that trimming need not copy them.
        swap(&histogram.bucketCounts, &counts)
        histogram.trim()
        histogram.zeroCount = zeroCount
        histogram.count = histogram.bucketCounts.reduce(zeroCount, &+)
        histogram.sumNanoseconds = sum
        histogram.memorySumBytes = memorySum
        // A duration is counted before its memory delta, but a reader on another core may see the delta first.
        histogram.memoryCount = Swift.min(memoryCount, histogram.count)
        histogram.setExtremes(extent)
        return histogram
    }
}

extension ExponentialHistogram {
    /// Sets the minimum and maximum: to the given ones if they agree with the buckets, otherwise to the buckets' bounds.
    ///
    /// A duration that was recorded during a tick may be in the buckets but not in the extremes, or the reverse.
    mutating func setExtremes(_ extent: DurationExtent) {
        minimumNanoseconds = 0
        maximumNanoseconds = 0
        guard !bucketCounts.isEmpty else { return }
        let first = wholeBounds(of: firstBucketIndex)
        let last = wholeBounds(of: firstBucketIndex + bucketCounts.count - 1)
        if zeroCount == 0 {
            let agrees =
                first.lower...first.upper ~= Double(extent.minimum)
                || extent.minimum != .max && extent.minimum > IndexTable.largestDuration && bucketCounts.count == 1
            minimumNanoseconds = agrees ? extent.minimum : UInt64(clamping: first.lower)
        }
        let capped =
            extent.maximum > IndexTable.largestDuration
            && last.upper >= Double(IndexTable.largestDuration)
        let agrees = last.lower...last.upper ~= Double(extent.maximum) || capped
        maximumNanoseconds = agrees ? extent.maximum : UInt64(clamping: last.upper)
    }
}
