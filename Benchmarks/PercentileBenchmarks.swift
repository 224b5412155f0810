import SpanKitPercentiles

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The percentile engine compared with the minimal work of a histogram.
enum PercentileBenchmarks {
    /// The rows. Measuring them takes about ten seconds.
    static func rows() -> [BenchmarkRow] {
        [record(), recordAgainstArray(), quantiles()] + [1, 16, 256].map(engine(operations:)) + [memory()]
    }

    private static let valueCount = 1_000_000

    /// Typical durations of a server: lognormal around 1 ms, from a seeded generator.
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

    /// A record (bucket, sum, minimum, maximum, memory) compared with a table lookup and an increment.
    static func record() -> BenchmarkRow {
        let histogram = HistogramProbe()
        let (counts, first) = counters()
        defer { counts.deallocate() }
        for value in values { histogram.record(nanoseconds: value, memoryDelta: 1) }
        let adjustments = histogram.adjustments
        return values.withUnsafeBufferPointer { values in
            .compare(
                "record / table-indexed increment",
                bar: 3.5,
                units: values.count,
                measured: { for value in values { histogram.record(nanoseconds: value, memoryDelta: 64) } },
                reference: {
                    for value in values {
                        let bits = Double(Int64(bitPattern: value)).bitPattern
                        let raw = (bits &+ adjustments[Int((bits &>> 43) & 511)]) &>> 44
                        counts[Int(raw &- first)] &+= 1
                    }
                }
            )
        }
    }

    /// A record compared with incrementing a counter in an array, without a histogram.
    static func recordAgainstArray() -> BenchmarkRow {
        let histogram = HistogramProbe()
        let (counts, _) = counters()
        defer { counts.deallocate() }
        for value in values { histogram.record(nanoseconds: value, memoryDelta: 1) }
        return values.withUnsafeBufferPointer { values in
            .compare(
                "record / increment in an array",
                bar: nil,
                units: values.count,
                measured: { for value in values { histogram.record(nanoseconds: value, memoryDelta: 64) } },
                reference: { for value in values { counts[Int(value &>> 12 & 8_191)] &+= 1 } }
            )
        }
    }

    /// Counters for the raw indexes of 1 ns to 39 h at scale 8, and the first index.
    private static func counters() -> (UnsafeMutablePointer<UInt64>, first: UInt64) {
        let counts = UnsafeMutablePointer<UInt64>.allocate(capacity: 48 << 8)
        counts.initialize(repeating: 0, count: 48 << 8)
        return (counts, 1_023 << 8)
    }

    /// Five quantiles of a snapshot compared with summing its buckets.
    static func quantiles() -> BenchmarkRow {
        var histogram = ExponentialHistogram()
        for value in values { histogram.record(nanoseconds: value) }
        let shares = [0.5, 0.9, 0.95, 0.99, 0.999]
        let rounds = 2_000
        return .compare(
            "five quantiles / sum of the buckets",
            bar: 4,
            units: rounds,
            measured: { for _ in 0..<rounds { _ = opaque(opaque(histogram).quantiles(shares)) } },
            reference: {
                for _ in 0..<rounds {
                    var sum: UInt64 = 0
                    for count in opaque(histogram).bucketCounts { sum &+= count }
                    _ = opaque(sum)
                }
            }
        )
    }

    /// A record through the engine into alternating operations, compared with a record into one histogram.
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

    /// The bytes of one operation on one thread after 10 million records, compared with those after 1 million.
    static func memory() -> BenchmarkRow {
        let engine = PercentileEngine()
        let operation = engine.operation(named: "operation")
        for value in values { engine.record(operation, nanoseconds: value) }
        let before = engine.bytesAllocated
        for _ in 0..<9 { for value in values { engine.record(operation, nanoseconds: value) } }
        return BenchmarkRow(
            "bytes after 10 million records / after 1 million",
            measured: Double(engine.bytesAllocated),
            reference: Double(before),
            unit: .bytes,
            bar: 1
        )
    }

    /// Keeps the compiler from removing unused work or moving it out of a loop.
    @inline(never)
    @_optimize(none)
    private static func opaque<Value>(_ value: Value) -> Value { value }
}

/// One of the engine's histograms by itself: one thread, no operations, the same record.
private struct HistogramProbe: ~Copyable {
    let histogram = LiveHistogram.make(table: .standard)

    deinit { LiveHistogram.destroy(histogram) }

    /// The table that finds the bucket. The least that an exact histogram has to do is to look up and increment.
    var adjustments: UnsafePointer<UInt64> { histogram.pointee.adjustments }

    @inline(__always)
    func record(nanoseconds: UInt64, memoryDelta: Int64) {
        if !histogram.pointee.recordInRange(nanoseconds: nanoseconds) { recordSlowly(nanoseconds: nanoseconds) }
        histogram.pointee.addMemory(memoryDelta)
    }

    @inline(never)
    private func recordSlowly(nanoseconds: UInt64) {
        _ = histogram.pointee.record(nanoseconds: nanoseconds, allowance: .max)
    }
}
