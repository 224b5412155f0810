import SpanKitOTLP
import SpanKitPlatform

/// The edges at which the distribution of an instrument is counted in the text format.
///
/// They are powers of two, which are boundaries of the exponential buckets, so that every count is exact. They depend only on the
/// unit, because Prometheus needs the same edges all the time.
enum PowerOfTwoEdges {
    /// The exponents for a unit (UCUM).
    static func exponents(forUnit unit: String) -> ClosedRange<Int> {
        switch unit {
        // From 1 µs to 128 s, and the same times in other units.
        case "s": -20...7
        case "ms": -10...17
        case "us": 0...27
        case "ns": 10...37
        case "min", "h", "d": -10...10
        // From 64 bytes to 64 GiB.
        case "By": 6...36
        case "1", "%": -10...10
        default: 0...24
        }
    }

    /// The edges for a distribution, all of which are boundaries of its buckets.
    ///
    /// Below scale 0, where a bucket covers several powers of two, only those are used at which a bucket ends. Edges inside the zero
    /// bucket are left out. If there are negative values, 0 is an edge.
    static func edges(of distribution: ExponentialDistribution, unit: String) -> [Double] {
        let range = exponents(forUnit: unit)
        let step = distribution.scale < 0 ? 1 << min(-distribution.scale, 11) : 1
        let hasNegative = distribution.negative.counts.contains { $0 > 0 }
        var edges = hasNegative && distribution.zeroThreshold == 0 ? [0.0] : []
        // The first multiple of the step that is not below the range.
        var exponent = -(-range.lowerBound).dividedDown(by: step) * step
        while exponent - step < range.upperBound, exponent < 1_024 {
            let edge = Double(sign: .plus, exponent: exponent, significand: 1)
            if edge >= distribution.zeroThreshold { edges.append(edge) }
            exponent += step
        }
        return edges
    }
}

extension Int {
    /// The quotient, rounded down.
    fileprivate func dividedDown(by divisor: Int) -> Int {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
