/// Sebastiano Vigna's SplitMix64: the same seed gives the same sequence on every machine.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

extension SeededGenerator {
    /// A uniform number from 0 up to 1.
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// The number of events in a time in which `mean` events are expected.
    ///
    /// A normal approximation by the sum of 12 uniform numbers. It needs no logarithm, whose last digit differs between C libraries.
    package mutating func count(mean: Double) -> Int {
        var sum = -6.0
        for _ in 0..<12 { sum += uniform() }
        return max(0, Int((mean + mean.squareRoot() * sum).rounded()))
    }
}
