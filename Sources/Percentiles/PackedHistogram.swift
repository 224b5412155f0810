import SpanKitPlatform

/// The counts of a histogram in about one byte for each bucket, which readers keep of an earlier moment.
///
/// It needs neither a header nor a checksum, because it is only used with histograms of the same scale and unit. It is added
/// and subtracted without being unpacked.
struct PackedHistogram {
    /// The histogram without its buckets.
    private var totals: ExponentialHistogram
    private let bucketCount: Int
    /// The counts as varints. A zero is followed by the number of further zeros.
    private let bytes: [UInt8]

    init(_ histogram: ExponentialHistogram) {
        bucketCount = histogram.bucketCounts.count
        bytes = Self.pack(histogram.bucketCounts)
        totals = histogram
        totals.bucketCounts = []
    }

    var count: UInt64 { totals.count }

    private static func pack(_ counts: [UInt64]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(counts.count + counts.count / 4)
        var place = 0
        while place < counts.count {
            Varint.append(counts[place], to: &bytes)
            place += 1
            guard counts[place - 1] == 0 else { continue }
            let start = place
            while place < counts.count, counts[place] == 0 { place += 1 }
            Varint.append(UInt64(place - start), to: &bytes)
        }
        return Array(bytes)
    }

    /// Calls `body` with the index and the count of each bucket that is not empty.
    @inline(__always)
    private func forEachBucket(_ body: (Int, UInt64) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            var offset = 0
            // The bytes were packed in this process, so they are always valid. Most counts take one byte.
            func next() -> UInt64 {
                let byte = bytes[offset]
                guard byte >= 0x80 else {
                    offset += 1
                    return UInt64(byte)
                }
                return (try? Varint.read(bytes, at: &offset)) ?? 0
            }
            var index = totals.firstBucketIndex
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

    /// Subtracts these counts from a later state of the same histogram. The extremes stay unchanged.
    /// - Returns: false if this is not an earlier state of the histogram, which must not be used any more then.
    func subtract(from histogram: inout ExponentialHistogram) -> Bool {
        guard histogram.count >= totals.count, histogram.zeroCount >= totals.zeroCount,
            histogram.sumNanoseconds >= totals.sumNanoseconds, histogram.memoryCount >= totals.memoryCount
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
        histogram.count -= totals.count
        histogram.zeroCount -= totals.zeroCount
        histogram.sumNanoseconds -= totals.sumNanoseconds
        histogram.memorySumBytes = histogram.memorySumBytes.subtractingSaturating(totals.memorySumBytes)
        histogram.memoryCount -= totals.memoryCount
        return true
    }

    /// Adds these counts to a histogram that has counted other durations of the same operation.
    func add(to histogram: inout ExponentialHistogram) {
        guard count > 0 else { return }
        if bucketCount > 0 {
            let first = totals.firstBucketIndex
            _ = histogram.makeRoom(from: first, through: first + bucketCount - 1)
        }
        let first = histogram.firstBucketIndex
        histogram.bucketCounts.withUnsafeMutableBufferPointer { counts in
            forEachBucket { index, counted in counts[index - first] &+= counted }
        }
        histogram.addTotals(of: totals)
    }
}
