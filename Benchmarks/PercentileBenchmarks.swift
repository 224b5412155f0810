import Percentiles

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The percentile engine against the least any histogram can do.
enum PercentileBenchmarks {
    /// All rows, about ten seconds.
    static func rows() -> [BenchmarkRow] {
        [record(), quantiles()] + [1, 16, 256].map(engine(operations:)) + [memory()]
    }

    private static let valueCount = 1_000_000

    /// Durations as servers have them: lognormal around a millisecond, from a seeded generator.
    private static let values: [UInt64] = {
        var state: UInt64 = 42
        func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (Double(state >> 11) + 0.5) * 0x1p-53
        }
        return (0..<valueCount).map { _ in
            UInt64(exp(14 + 1.5 * (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform())))
        }
    }()

    /// A full record (bucket, sum, minimum, maximum, memory) against the bare increment of a counter in a table.
    static func record() -> BenchmarkRow {
        let histogram = HistogramProbe()
        let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: 8_192)
        slots.initialize(repeating: 0, count: 8_192)
        defer { slots.deallocate() }
        for value in values { histogram.record(nanoseconds: value, memoryDelta: 1) }
        return values.withUnsafeBufferPointer { values in
            .compare(
                "record / increment in a table",
                bar: 3.5,
                units: values.count,
                measured: { for value in values { histogram.record(nanoseconds: value, memoryDelta: 64) } },
                reference: {
                    // The same spread over a table of the same size: the low bits would miss the cache more than buckets do.
                    for value in values { slots[Int(value &>> 12 & 8_191)] &+= 1 }
                }
            )
        }
    }

    /// Five quantiles of one snapshot against adding its buckets up.
    static func quantiles() -> BenchmarkRow {
        var histogram = ExponentialHistogram()
        for value in values { histogram.record(nanoseconds: value) }
        let shares = [0.5, 0.9, 0.95, 0.99, 0.999]
        let rounds = 2_000
        return .compare(
            "five quantiles / sum of the same buckets",
            bar: 4,
            units: rounds,
            measured: { for _ in 0..<rounds { keep(histogram.quantiles(shares).count) } },
            reference: { for _ in 0..<rounds { keep(histogram.bucketCounts.reduce(0, &+)) } }
        )
    }

    /// A record through the engine, its thread's shard and so many operations in turn, against the same into one histogram.
    static func engine(operations: Int) -> BenchmarkRow {
        let engine = PercentileEngine()
        let handles = (0..<operations).map { engine.operation(named: "operation \($0)") }
        let histogram = HistogramProbe()
        for value in values.prefix(300 * operations) {
            for handle in handles.prefix(operations == 256 ? 1 : operations) {
                engine.record(handle, nanoseconds: value)
            }
        }
        return handles.withUnsafeBufferPointer { handles in
            values.withUnsafeBufferPointer { values in
                .compare(
                    "engine, \(operations) operations / one histogram",
                    bar: nil,
                    units: values.count,
                    measured: {
                        var place = 0
                        for value in values {
                            engine.record(handles[place], nanoseconds: value, memoryDelta: 64)
                            place = (place &+ 1) & (handles.count &- 1)
                        }
                    },
                    reference: { for value in values { histogram.record(nanoseconds: value, memoryDelta: 64) } }
                )
            }
        }
    }

    /// Bytes of one operation on one thread after 10 million records, against those after the first million.
    ///
    /// The row carries bytes in place of seconds.
    static func memory() -> BenchmarkRow {
        let engine = PercentileEngine()
        let operation = engine.operation(named: "operation")
        for value in values { engine.record(operation, nanoseconds: value) }
        let before = engine.bytesAllocated
        for _ in 0..<9 { for value in values { engine.record(operation, nanoseconds: value) } }
        return BenchmarkRow(
            name: "bytes after 10 M records / after 1 M",
            measuredSeconds: Double(engine.bytesAllocated),
            referenceSeconds: Double(before),
            bar: 1
        )
    }

    /// Stops the compiler from leaving out work whose result nobody uses.
    @inline(never)
    private static func keep<Value>(_ value: Value) {}
}
