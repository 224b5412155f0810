/// The counts of a histogram in about a byte for each bucket: what a reader remembers of an earlier moment.
///
/// Stays within the engine whose scale and unit it shares, so it needs neither a header nor a checksum, and is added and
/// subtracted without being unpacked.
struct PackedHistogram {
    private let firstBucketIndex: Int
    private let bucketCount: Int
    /// Counts as LEB128; a zero is followed by how many more of them follow.
    private let bytes: [UInt8]
    let count: UInt64
    private let zeroCount: UInt64
    private let sumNanoseconds: UInt128
    private let memorySumBytes: Int64
    private let memoryCount: UInt64
    private let extent: DurationExtent

    init(_ histogram: ExponentialHistogram) {
        firstBucketIndex = histogram.firstBucketIndex
        bucketCount = histogram.bucketCounts.count
        count = histogram.count
        zeroCount = histogram.zeroCount
        sumNanoseconds = histogram.sumNanoseconds
        memorySumBytes = histogram.memorySumBytes
        memoryCount = histogram.memoryCount
        extent = DurationExtent(minimum: histogram.minimumNanoseconds, maximum: histogram.maximumNanoseconds)
        bytes = Self.pack(histogram.bucketCounts)
    }

    private static func pack(_ counts: [UInt64]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(counts.count + counts.count / 4)
        var place = 0
        while place < counts.count {
            bytes.appendVarint(counts[place])
            place += 1
            guard counts[place - 1] == 0 else { continue }
            let start = place
            while place < counts.count, counts[place] == 0 { place += 1 }
            bytes.appendVarint(UInt64(place - start))
        }
        return Array(bytes)
    }

    /// Calls `body` with each bucket that is not empty, by its index.
    @inline(__always)
    private func forEachBucket(_ body: (Int, UInt64) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            var offset = 0
            func next() -> UInt64 {
                var value: UInt64 = 0
                var shift: UInt64 = 0
                while offset < bytes.count {
                    let byte = bytes[offset]
                    offset += 1
                    value |= UInt64(byte & 0x7F) << shift
                    if byte < 0x80 { break }
                    shift += 7
                }
                return value
            }
            var index = firstBucketIndex
            while offset < bytes.count {
                let counted = next()
                if counted == 0 {
                    index += Int(next())
                } else {
                    body(index, counted)
                }
                index += 1
            }
        }
    }

    /// Takes these counts out of a later state of the same histogram; extremes are left as they are.
    /// - Returns: false where this is no earlier state of it; then the histogram is of no use any more.
    func subtract(from histogram: inout ExponentialHistogram) -> Bool {
        guard histogram.count >= count, histogram.zeroCount >= zeroCount, histogram.sumNanoseconds >= sumNanoseconds,
            histogram.memoryCount >= memoryCount
        else { return false }
        let first = histogram.firstBucketIndex
        var isEarlier = true
        histogram.bucketCounts.withUnsafeMutableBufferPointer { counts in
            forEachBucket { index, counted in
                let place = index - first
                guard counts.indices.contains(place), counts[place] >= counted else { return isEarlier = false }
                counts[place] -= counted
            }
        }
        guard isEarlier else { return false }
        histogram.trim()
        histogram.count -= count
        histogram.zeroCount -= zeroCount
        histogram.sumNanoseconds -= sumNanoseconds
        histogram.memorySumBytes = histogram.memorySumBytes.subtractingSaturating(memorySumBytes)
        histogram.memoryCount -= memoryCount
        return true
    }

    /// Adds these counts to another part of the same histogram's time.
    func add(to histogram: inout ExponentialHistogram) {
        guard count > 0 else { return }
        if bucketCount > 0 {
            _ = histogram.makeRoom(from: firstBucketIndex, through: firstBucketIndex + bucketCount - 1)
        }
        let first = histogram.firstBucketIndex
        histogram.bucketCounts.withUnsafeMutableBufferPointer { counts in
            forEachBucket { index, counted in counts[index - first] &+= counted }
        }
        histogram.minimumNanoseconds =
            histogram.count == 0 ? extent.minimum : Swift.min(histogram.minimumNanoseconds, extent.minimum)
        histogram.maximumNanoseconds = Swift.max(histogram.maximumNanoseconds, extent.maximum)
        histogram.count &+= count
        histogram.zeroCount &+= zeroCount
        histogram.sumNanoseconds &+= sumNanoseconds
        histogram.memorySumBytes = histogram.memorySumBytes.addingSaturating(memorySumBytes)
        histogram.memoryCount &+= memoryCount
    }
}
