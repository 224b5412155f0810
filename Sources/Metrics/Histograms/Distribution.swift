import SpanKitPercentiles

/// Counts of numbers in exponential buckets of scale 8, or in buckets with given bounds.
///
/// A plain value that one thread changes at a time.
struct Distribution {
    /// The counts of the buckets of positive and of negative numbers by index.
    var positive: [Int: UInt64] = [:]
    var negative: [Int: UInt64] = [:]
    var zeroCount: UInt64 = 0
    var count: UInt64 = 0
    var sum: Double = 0
    var minimum = Double.infinity
    var maximum = -Double.infinity
    /// With explicit bounds, one counter more than there are bounds.
    var explicitCounts: [UInt64]
    let bounds: [Double]?

    init(bounds: [Double]?) {
        self.bounds = bounds
        explicitCounts = bounds.map { Array(repeating: 0, count: $0.count + 1) } ?? []
    }

    /// Counts a finite number.
    mutating func record(_ value: Double) {
        count &+= 1
        sum = (sum + value).limitedToFinite
        minimum = Swift.min(minimum, value)
        maximum = Swift.max(maximum, value)
        if let bounds {
            explicitCounts[bounds.firstIndex { value <= $0 } ?? bounds.count] &+= 1
        } else if value == 0 {
            zeroCount &+= 1
        } else if value > 0 {
            positive[Self.index(of: value), default: 0] &+= 1
        } else {
            negative[Self.index(of: -value), default: 0] &+= 1
        }
    }

    /// The bucket of a positive number. Subnormal numbers are counted in the bucket of the smallest normal one.
    static func index(of value: Double) -> Int {
        let value = Swift.max(value, .leastNormalMagnitude)
        let significand = UInt128(value.significandBitPattern | 1 << 52) << 75
        return BucketIndex.index(significand: significand, exponent: Int(value.exponent), scale: 8)
    }
}
