/// The generator of one thread's ids: wyrand, seeded once from the system, because a system call for each id would cost more than
/// a span.
struct RandomIDs {
    private var state = UInt64.random(in: .min ... .max)

    @inline(__always)
    mutating func next() -> UInt64 {
        state &+= 0xA076_1D64_78BD_642F
        let product = state.multipliedFullWidth(by: state ^ 0xE703_7ED1_A0B4_28DB)
        return product.high ^ product.low
    }

    /// The id of a new trace.
    @inline(__always)
    mutating func nextTraceID() -> TraceID {
        TraceID(high: next(), low: nextNonZero())
    }

    /// The id of a new span; 0 is not valid.
    @inline(__always)
    mutating func nextNonZero() -> UInt64 {
        while true {
            let value = next()
            if value != 0 { return value }
        }
    }
}
