import SpanKitPercentiles

/// The counts of a series of a histogram at one moment.
struct DistributionReading: Sendable {
    /// Counts of consecutive exponential buckets of scale 8, by raw index.
    struct Buckets: Sendable, Equatable {
        var first = 0
        var counts: [UInt64] = []

        mutating func add(_ first: Int, _ more: [UInt64]) {
            guard !more.isEmpty else { return }
            guard !counts.isEmpty else {
                self.first = first
                counts = more
                return
            }
            if first < self.first {
                counts.insert(contentsOf: repeatElement(0, count: self.first - first), at: 0)
                self.first = first
            }
            let end = first + more.count - self.first
            if end > counts.count { counts.append(contentsOf: repeatElement(0, count: end - counts.count)) }
            let offset = first - self.first
            var sums = counts.mutableSpan
            for place in more.indices { sums[offset + place] &+= more[place] }
        }

        /// Subtracts an earlier reading.
        /// - Returns: by octave, the earlier counts that these buckets lack. They lack counts if a thread has ended and its histogram was
        ///   counted by octave.
        mutating func subtract(_ earlier: Buckets) -> [Int: UInt64] {
            var left: [Int: UInt64] = [:]
            for (place, count) in earlier.counts.enumerated() where count > 0 {
                let own = earlier.first + place - first
                let known = counts.indices.contains(own) ? counts[own] : 0
                if known > 0 { counts[own] -= Swift.min(known, count) }
                if known < count {
                    left[ExponentBuckets.octave(ofRaw: earlier.first + place), default: 0] &+= count - known
                }
            }
            return left
        }

        /// The counts of whole octaves.
        var byOctave: [Int: UInt64] {
            var octaves: [Int: UInt64] = [:]
            for (place, count) in counts.enumerated() where count > 0 {
                octaves[ExponentBuckets.octave(ofRaw: first + place), default: 0] &+= count
            }
            return octaves
        }
    }

    var positive = Buckets()
    var negative = Buckets()
    var zeroCount: UInt64 = 0
    var sum: Double = 0
    /// Greater than ``maximum`` if nothing is known.
    var minimum = Double.infinity
    var maximum = -Double.infinity
    /// The counts of explicit buckets, one more than bounds.
    var explicit: [UInt64] = []
    /// Numbers that were counted by octave, because they are too far from the others.
    var coarse = ExponentBuckets()

    mutating func note(_ low: Double, _ high: Double) {
        minimum = Swift.min(minimum, low)
        maximum = Swift.max(maximum, high)
    }

    /// Notes the smallest and the largest magnitude of one sign, as bits.
    mutating func note(_ low: UInt64, _ high: UInt64, isNegative: Bool) {
        if isNegative {
            note(-Double(bitPattern: high), -Double(bitPattern: low))
        } else {
            note(Double(bitPattern: low), Double(bitPattern: high))
        }
    }

    mutating func addExplicit(_ counts: [UInt64]) {
        if explicit.isEmpty { explicit = Array(repeating: 0, count: counts.count) }
        for place in explicit.indices { explicit[place] &+= counts[place] }
    }

    /// Subtracts what an earlier reading has counted. The extremes stay unchanged.
    mutating func subtract(_ earlier: DistributionReading) {
        let moved = ExponentBuckets(
            positive: positive.subtract(earlier.positive),
            negative: negative.subtract(earlier.negative)
        )
        zeroCount -= Swift.min(zeroCount, earlier.zeroCount)
        sum = (sum - earlier.sum).limitedToFinite
        for (place, count) in earlier.explicit.enumerated() where explicit.indices.contains(place) {
            explicit[place] -= Swift.min(explicit[place], count)
        }
        coarse.subtract(earlier.coarse)
        coarse.subtract(moved)
    }

    /// Adds numbers that were counted by octave.
    mutating func add(_ octaves: ExponentBuckets, _ totals: CoarseTotals) {
        coarse.add(octaves)
        sum = (sum + totals.sum).limitedToFinite
        if !octaves.isEmpty { note(totals.minimum, totals.maximum) }
    }

    /// The number of all counted numbers.
    var count: UInt64 {
        let buckets = [positive.counts, negative.counts, explicit].reduce(zeroCount) { $1.reduce($0, &+) }
        return coarse.positive.values.reduce(coarse.negative.values.reduce(buckets, &+), &+)
    }

    /// Whether a negative number was counted, so that the sum may decrease.
    var hasNegative: Bool {
        negative.counts.contains { $0 > 0 } || !coarse.negative.isEmpty || !explicit.isEmpty && minimum < 0
    }
}

/// Counts of exponential buckets of scale 0, by OpenTelemetry's index: bucket `i` holds the magnitudes in (2^i, 2^(i + 1)].
///
/// There are at most 2,046 of each sign, so that any numbers take little memory.
struct ExponentBuckets: Sendable, Equatable {
    var positive: [Int: UInt64] = [:]
    var negative: [Int: UInt64] = [:]

    var isEmpty: Bool { positive.isEmpty && negative.isEmpty }

    /// The bucket of scale 0 that contains a bucket of scale 8.
    static func octave(ofRaw raw: Int) -> Int { (raw + IndexTable.numbers.bias) >> 8 }

    /// Counts a number.
    /// - Returns: the octave and its count.
    mutating func record(_ magnitude: Double, isNegative: Bool) -> (octave: Int, count: UInt64) {
        let placed = Swift.max(magnitude, .leastNormalMagnitude)
        let octave = Self.octave(ofRaw: IndexTable.numbers.rawIndex(ofBits: placed.bitPattern))
        if isNegative { negative[octave, default: 0] &+= 1 } else { positive[octave, default: 0] &+= 1 }
        return (octave, (isNegative ? negative[octave] : positive[octave]) ?? 0)
    }

    mutating func add(_ octaves: [Int: UInt64], isNegative: Bool) {
        if isNegative {
            negative.merge(octaves, uniquingKeysWith: &+)
        } else {
            positive.merge(octaves, uniquingKeysWith: &+)
        }
    }

    mutating func add(_ other: ExponentBuckets) {
        add(other.positive, isNegative: false)
        add(other.negative, isNegative: true)
    }

    mutating func subtract(_ earlier: ExponentBuckets) {
        func difference(_ now: [Int: UInt64], _ before: [Int: UInt64]) -> [Int: UInt64] {
            var left: [Int: UInt64] = [:]
            for (octave, count) in now where count > before[octave] ?? 0 {
                left[octave] = count - (before[octave] ?? 0)
            }
            return left
        }
        positive = difference(positive, earlier.positive)
        negative = difference(negative, earlier.negative)
    }
}
