/// Ids for one thread: wyrand, seeded once from the kernel, because a system call per id would cost more than the span.
struct RandomIDs {
    private var state: UInt64

    /// Seeds from the kernel's generator. Two threads with the same seed are as likely as two equal 64-bit numbers.
    init() {
        state = SystemRandomNumberGenerator.seed()
    }

    @inline(__always)
    mutating func next() -> UInt64 {
        state &+= 0xA076_1D64_78BD_642F
        let product = state.multipliedFullWidth(by: state ^ 0xE703_7ED1_A0B4_28DB)
        return product.high ^ product.low
    }

    /// An id for a new trace.
    @inline(__always)
    mutating func nextTraceID() -> TraceID {
        TraceID(high: next(), low: nextNonZero())
    }

    /// Zero is not a valid id.
    @inline(__always)
    mutating func nextNonZero() -> UInt64 {
        while true {
            let value = next()
            if value != 0 { return value }
        }
    }
}

extension SystemRandomNumberGenerator {
    fileprivate static func seed() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
