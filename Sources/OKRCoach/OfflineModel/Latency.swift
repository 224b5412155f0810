import Foundation

/// How long the offline model pretends to think.
enum Latency {
    /// Of the lognormal distribution; the median is the exponential of its mean.
    static let medianSeconds = 2.4
    /// ln(3.6 / 2.4) / 1.96, so that 95 % lie between 1.6 s and 3.6 s.
    static let sigma = 0.2069

    static func draw(seed: UInt64, prompt: Prompt) -> Duration {
        var state = seed ^ 0xCBF2_9CE4_8422_2325
        for turn in prompt.messages {
            for byte in turn.text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
            state = (state ^ 0xFF) &* 0x100_0000_01B3
        }
        // Box–Muller, from two numbers in (0, 1].
        let radius = (-2 * log(uniform(&state))).squareRoot()
        let normal = radius * cos(2 * .pi * uniform(&state))
        return .seconds(medianSeconds * exp(sigma * normal))
    }

    /// SplitMix64's output function over a counter, as a number in (0, 1].
    private static func uniform(_ state: inout UInt64) -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return (Double(mixed >> 11) + 1) * 0x1p-53
    }
}
