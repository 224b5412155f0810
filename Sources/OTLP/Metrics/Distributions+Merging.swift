import SpanKitPercentiles

extension ExponentialDistribution {
    /// The largest number of buckets of one side. A merge that needs more lowers the scale.
    private static let bucketLimit = 1 << 14

    /// Adds the values of another distribution.
    ///
    /// The scale becomes the lower of both, or lower if there were too many buckets. All counts stay exact, because a bucket of a
    /// lower scale consists of whole buckets. Complexity: O(buckets).
    package mutating func merge(_ other: ExponentialDistribution) {
        guard other.count > 0 else { return }
        guard count > 0 else { return self = other }
        var scale = min(scale, other.scale)
        let sides = [(positive, other.positive), (negative, other.negative)].map { ($0.0.trimmed, $0.1.trimmed) }
        for (own, added) in sides {
            while own.lowered(by: self.scale - scale).span(with: added.lowered(by: other.scale - scale))
                > Self.bucketLimit
            { scale -= 1 }
        }
        let merged = sides.map { own, added in
            own.lowered(by: self.scale - scale).adding(added.lowered(by: other.scale - scale))
        }
        self.scale = scale
        (positive, negative) = (merged[0], merged[1])
        zeroCount = zeroCount.addingSaturating(other.zeroCount)
        zeroThreshold = max(zeroThreshold, other.zeroThreshold)
        count = count.addingSaturating(other.count)
        sum = both(sum, other.sum, +)
        minimum = both(minimum, other.minimum, Swift.min)
        maximum = both(maximum, other.maximum, Swift.max)
    }
}

extension ExponentialDistribution.Buckets {
    /// The buckets without empty ones at both ends.
    fileprivate var trimmed: Self {
        guard let first = counts.firstIndex(where: { $0 > 0 }), let last = counts.lastIndex(where: { $0 > 0 }) else {
            return Self()
        }
        guard first > 0 || last < counts.count - 1 else { return self }
        return Self(offset: offset + first, counts: Array(counts[first...last]))
    }

    /// The buckets of a scale that is lower by `shift`.
    fileprivate func lowered(by shift: Int) -> Self {
        guard shift > 0, !counts.isEmpty else { return self }
        let first = offset >> shift
        var lowered = Self(offset: first, counts: Array(repeating: 0, count: (end - 1) >> shift - first + 1))
        for (place, count) in counts.enumerated() {
            let index = (offset + place) >> shift - first
            lowered.counts[index] = lowered.counts[index].addingSaturating(count)
        }
        return lowered
    }

    /// The index behind the last bucket.
    private var end: Int { offset + counts.count }

    /// The number of buckets from the first to the last of both.
    fileprivate func span(with other: Self) -> Int {
        if counts.isEmpty || other.counts.isEmpty { return max(counts.count, other.counts.count) }
        return max(end, other.end) - min(offset, other.offset)
    }

    fileprivate func adding(_ other: Self) -> Self {
        if other.counts.isEmpty { return self }
        if counts.isEmpty { return other }
        var sum = Self(offset: min(offset, other.offset), counts: Array(repeating: 0, count: span(with: other)))
        for buckets in [self, other] {
            for (place, count) in buckets.counts.enumerated() {
                let index = buckets.offset + place - sum.offset
                sum.counts[index] = sum.counts[index].addingSaturating(count)
            }
        }
        return sum
    }
}

extension ClassicHistogram {
    /// Adds the values of another histogram.
    ///
    /// The counts are those at the edges that both have, which are exact.
    /// - Returns: whether both have the same edges.
    @discardableResult
    package mutating func merge(_ other: ClassicHistogram) -> Bool {
        guard other.count > 0 else { return true }
        guard count > 0 else {
            self = other
            return true
        }
        let isSame = edges == other.edges
        if isSame {
            cumulativeCounts = zip(cumulativeCounts, other.cumulativeCounts).map { $0.addingSaturating($1) }
        } else {
            let others = Dictionary(zip(other.edges, other.cumulativeCounts), uniquingKeysWith: { first, _ in first })
            let common = zip(edges, cumulativeCounts).compactMap { edge, count in
                others[edge].map { (edge, count.addingSaturating($0)) }
            }
            (edges, cumulativeCounts) = (common.map(\.0), common.map(\.1))
        }
        count = count.addingSaturating(other.count)
        sum = both(sum, other.sum, +)
        minimum = both(minimum, other.minimum, Swift.min)
        maximum = both(maximum, other.maximum, Swift.max)
        return isSame
    }
}

/// The combination of two values; nil if one is not known.
private func both(_ left: Double?, _ right: Double?, _ combine: (Double, Double) -> Double) -> Double? {
    left.flatMap { left in right.map { combine(left, $0) } }
}

extension Metric.Value {
    /// Adds the counts of another value of the same series or of one that becomes the same. A sum of integers that does not fit
    /// becomes a floating-point number.
    /// - Returns: nil if the values are of different kinds, false if a histogram lost edges that only one of them had.
    package mutating func add(_ other: Metric.Value) -> Bool? {
        switch (self, other) {
        case (.int(let left), .int(let right)):
            let (sum, overflow) = left.addingReportingOverflow(right)
            self = overflow ? .double(Double(left) + Double(right)) : .int(sum)
            return true
        case (.int(let left), .double(let right)): self = .double(Double(left) + right)
        case (.double(let left), .int(let right)): self = .double(left + Double(right))
        case (.double(let left), .double(let right)): self = .double(left + right)
        case (.histogram(var left), .histogram(let right)):
            let isSame = left.merge(right)
            self = .histogram(left)
            return isSame
        case (.distribution(var left), .distribution(let right)):
            left.merge(right)
            self = .distribution(left)
        default: return nil
        }
        return true
    }
}
