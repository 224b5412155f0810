import SpanKitTestSupport

/// The distributions of the test vectors: whole numbers only, so that every language draws the same.
struct VectorGenerator {
    let name: String
    private var random: SplitMix64

    init(name: String, seed: UInt64) {
        self.name = name
        random = SplitMix64(seed: seed)
    }

    /// The next duration in nanoseconds, nil for an unknown name.
    mutating func next() -> UInt64? {
        switch name {
        case "uniform":
            return 100_000 + random.next() % 1_900_001
        case "loguniform":
            let draw = random.next()
            let exponent = 10 + (draw & 0xFF) % 26
            return 1 << exponent + (draw >> 8 & (1 << exponent - 1))
        case "bimodal":
            let draw = random.next()
            return draw & 0xFF < 179 ? 150_000 + (draw >> 8) % 100_001 : 30_000_000 + (draw >> 8) % 20_000_001
        case "pareto_alpha1":
            return 50_000 << 32 / (random.next() >> 32 + 1)
        case "lognormalish":
            let draw = random.next()
            let sum = (draw & 0xFFFF) + (draw >> 16 & 0xFFFF) + (draw >> 32 & 0xFFFF) + draw >> 48
            let scaled = sum * 26
            let exponent = 10 + scaled >> 18
            return 1 << exponent + ((scaled & 0x3FFFF) << exponent) >> 18
        case "quantised_1ms":
            let first = random.next() % 40
            return 1_000_000 * (1 + min(first, random.next() % 40))
        default:
            return nil
        }
    }

    /// The next durations, nil for an unknown name.
    mutating func values(_ count: Int) -> [UInt64]? {
        var values: [UInt64] = []
        for _ in 0..<count {
            guard let value = next() else { return nil }
            values.append(value)
        }
        return values
    }

    /// FNV-1a over the values as eight little-endian bytes each.
    static func checksum(_ values: [UInt64]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for value in values {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                hash = (hash ^ (value >> shift & 0xFF)) &* 0x100_0000_01B3
            }
        }
        return hash
    }
}

/// How far an estimate may be off: the design's bounds, with room for the last bits of a Double.
struct ErrorBound {
    /// Any value in the bucket: B − 1.
    let bucket: Double
    /// The harmonic midpoint: (B − 1) / (B + 1).
    let harmonic: Double

    init(scale: Int) {
        var base = 2.0
        for _ in 0..<scale { base = base.squareRoot() }
        bucket = (base - 1) * (1 + 1e-12)
        harmonic = (base - 1) / (base + 1) * (1 + 1e-12)
    }
}
