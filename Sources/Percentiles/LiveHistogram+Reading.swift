import Synchronization

/// The shortest and the longest of some durations, zeros apart.
struct DurationExtent: Sendable, Equatable {
    var minimum: UInt64 = .max
    var maximum: UInt64 = 0

    mutating func formUnion(_ other: DurationExtent) {
        minimum = Swift.min(minimum, other.minimum)
        maximum = Swift.max(maximum, other.maximum)
    }
}

extension LiveHistogram {
    private var beyond: DurationExtent {
        DurationExtent(
            minimum: beyondMinimum.load(ordering: .relaxed),
            maximum: beyondMaximum.load(ordering: .relaxed)
        )
    }

    /// The extremes since the last tick.
    ///
    /// Under the lock.
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

    /// The extremes since the last tick, and, if wanted, a new tick: from here on they count afresh.
    ///
    /// A tick makes the range empty but keeps its buckets, so the writer's next duration finds itself outside and begins a
    /// new range. A duration that has passed the check just before belongs to neither; its bucket tells.
    func extent(beginningAnew: Bool) -> DurationExtent {
        lock.withLock {
            let result = extent
            if beginningAnew {
                width.store(0, ordering: .relaxed)
                beyondMinimum.store(.max, ordering: .relaxed)
                beyondMaximum.store(0, ordering: .relaxed)
            }
            return result
        }
    }

    /// Adds what it has counted to a tally, without stopping the writer.
    func read(into tally: inout HistogramTally) {
        lock.withLock {
            tally.memorySum = tally.memorySum.addingSaturating(memorySum.load(ordering: .relaxed))
            tally.memoryCount &+= memoryCount.load(ordering: .relaxed)
            tally.zeroCount &+= zeroCount.load(ordering: .relaxed)
            guard let counts else { return }
            let size = octaves << table.scale
            var copy: [UInt64] = []
            var before = sum.load(ordering: .relaxed)
            // The sum moves with every duration: the same sum before and after means the same moment.
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
            tally.add(copy, firstRaw: firstOctave << table.scale)
        }
    }

    /// How many durations have been recorded. Nobody may be writing.
    var total: UInt64 {
        guard let counts else { return zeroCount.load(ordering: .relaxed) }
        return (0..<(octaves << table.scale)).reduce(zeroCount.load(ordering: .relaxed)) {
            $0 &+ counts[$1].load(ordering: .relaxed)
        }
    }

    /// Takes over everything a finished thread's histogram holds.
    ///
    /// Under the lock; nobody writes to `other` any more.
    /// - Returns: by how many bytes the buckets grew, nil when there is no memory for them.
    func absorb(_ other: borrowing LiveHistogram) -> Int? {
        // Room first: without it nothing is taken over, and the caller counts all of it as lost.
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
        zeroCount.store(
            zeroCount.load(ordering: .relaxed) &+ other.zeroCount.load(ordering: .relaxed),
            ordering: .relaxed
        )
        sum.store(sum.load(ordering: .relaxed) &+ other.sum.load(ordering: .relaxed), ordering: .relaxed)
        memorySum.store(
            memorySum.load(ordering: .relaxed) &+ other.memorySum.load(ordering: .relaxed),
            ordering: .relaxed
        )
        memoryCount.store(
            memoryCount.load(ordering: .relaxed) &+ other.memoryCount.load(ordering: .relaxed),
            ordering: .relaxed
        )
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

/// The sum of several live histograms, by raw index.
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

    mutating func add(_ more: [UInt64], firstRaw first: Int) {
        guard !counts.isEmpty else {
            counts = more
            firstRaw = first
            return
        }
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

    /// The same as a value; the extremes are its buckets' where the given ones contradict them.
    func histogram(extent: DurationExtent) -> ExponentialHistogram {
        var histogram = ExponentialHistogram(validScale: table.scale, unit: table.unit)
        histogram.firstBucketIndex = firstRaw + table.bias
        histogram.bucketCounts = counts
        histogram.trim()
        histogram.zeroCount = zeroCount
        histogram.count = histogram.bucketCounts.reduce(zeroCount, &+)
        histogram.sumNanoseconds = sum
        histogram.memorySumBytes = memorySum
        // Durations are counted before their memory, but a reader on another core may see it the other way round.
        histogram.memoryCount = Swift.min(memoryCount, histogram.count)
        histogram.setExtremes(extent)
        return histogram
    }
}

extension ExponentialHistogram {
    /// Sets minimum and maximum to the tracked ones where they agree with the buckets, to the buckets' bounds elsewhere.
    ///
    /// A duration recorded while a tick passed may be in the buckets and not in the extremes, or the reverse.
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
