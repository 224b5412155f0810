extension DistributionReading {
    /// The counts and the sum as words, without the extremes.
    var words: [UInt64] {
        var words = [zeroCount, sum.bitPattern]
        for buckets in [positive, negative] {
            words += [UInt64(buckets.first), UInt64(buckets.counts.count)] + buckets.counts
        }
        words += [UInt64(explicit.count)] + explicit
        for octaves in [coarse.positive, coarse.negative] {
            words.append(UInt64(octaves.count))
            for (octave, count) in octaves { words += [UInt64(bitPattern: Int64(octave)), count] }
        }
        return words
    }

    /// Reads ``words``; nil if they are too few.
    init?(words: [UInt64]) {
        self.init()
        var rest = words[...]
        func next(_ count: UInt64) -> [UInt64]? {
            guard count <= UInt64(rest.count) else { return nil }
            defer { rest = rest.dropFirst(Int(count)) }
            return Array(rest.prefix(Int(count)))
        }
        guard let totals = next(2) else { return nil }
        (zeroCount, sum) = (totals[0], Double(bitPattern: totals[1]))
        for side in [\DistributionReading.positive, \.negative] {
            guard let place = next(2), place[0] < 1 << 32, let counts = next(place[1]) else { return nil }
            self[keyPath: side] = Buckets(first: Int(place[0]), counts: counts)
        }
        guard let count = next(1), let explicit = next(count[0]) else { return nil }
        self.explicit = explicit
        for isNegative in [false, true] {
            guard let count = next(1), count[0] <= 1 << 16, let pairs = next(count[0] * 2) else { return nil }
            for place in stride(from: 0, to: pairs.count, by: 2) {
                coarse.add([Int(Int64(bitPattern: pairs[place])): pairs[place + 1]], isNegative: isNegative)
            }
        }
    }
}
