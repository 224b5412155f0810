import CSpanKitAllocations
import SpanKitMetrics
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// Instruments compared with the least that each has to do.
enum MetricsBenchmarks {
    private static let count = 200_000

    static func rows() -> [BenchmarkRow] {
        let meter = TelemetryMeter(log: .silent)
        return [counter(meter), lookup(meter), histogram(meter), inFile(meter), allocations(meter)]
    }

    /// An increment of a series that was looked up once, compared with an atomic addition that no other thread disturbs.
    private static func counter(_ meter: TelemetryMeter) -> BenchmarkRow {
        let series = meter.counter("benchmark.requests").with(["http.request.method": "GET"])
        let line = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: 16)
        line.initialize(to: Atomic(0))
        defer { line.deallocate() }
        return .compare(
            "counter increment / atomic add on the thread's own cache line",
            bar: 2,
            units: count,
            repetitions: 99,
            measured: { for _ in 0..<count { series.add(1) } },
            reference: { for _ in 0..<count { line.pointee.wrappingAdd(1, ordering: .relaxed) } }
        )
    }

    /// The name and the dimensions of a counter, as a program without a handle has them.
    private struct Key: Hashable {
        var name: String
        var dimensions: [Attribute]
    }

    /// An increment that finds the instrument by its name and the series by two attributes, compared with a look-up of the same in a
    /// dictionary.
    private static func lookup(_ meter: TelemetryMeter) -> BenchmarkRow {
        let methods = ["GET", "PUT", "POST", "DELETE"]
        var dictionary: [Key: Int] = [:]
        func dimensions(_ index: Int) -> [Attribute] {
            [
                Attribute("http.request.method", .string(methods[index & 3])),
                Attribute("http.response.status_code", .int(Int64(200 + index & 7))),
            ]
        }
        for index in 0..<32 { dictionary[Key(name: "benchmark.responses", dimensions: dimensions(index))] = index }
        let known = dictionary
        return .compare(
            "counter found by name and two dimensions / dictionary look-up",
            bar: 3,
            units: count,
            repetitions: 45,
            measured: {
                for index in 0..<count {
                    meter.counter("benchmark.responses").add(1, attributes: Attributes(dimensions(index)))
                }
            },
            reference: {
                var sum = 0
                for index in 0..<count {
                    sum &+= known[Key(name: "benchmark.responses", dimensions: dimensions(index))] ?? 0
                }
                consume(sum)
            }
        )
    }

    /// A record of a duration in seconds, compared with a record of the percentile engine.
    private static func histogram(_ meter: TelemetryMeter) -> BenchmarkRow {
        let series = meter.histogram("benchmark.duration", unit: "s").with(["http.request.method": "GET"])
        let engine = PercentileEngine()
        let operation = engine.operation(named: "benchmark")
        var state: UInt64 = 42
        // Between 0.5 and 8 ms.
        let nanoseconds = (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return 500_000 + (state >> 40) % 7_500_000
        }
        let seconds = nanoseconds.map { Double($0) / 1e9 }
        for value in nanoseconds.prefix(1_000) { engine.record(operation, nanoseconds: value) }
        return nanoseconds.withUnsafeBufferPointer { nanoseconds in
            seconds.withUnsafeBufferPointer { seconds in
                .compare(
                    "histogram record / record of the percentile engine",
                    bar: 1.2,
                    units: count,
                    repetitions: 99,
                    measured: { for value in seconds { series.record(value) } },
                    reference: { for value in nanoseconds { engine.record(operation, nanoseconds: value) } }
                )
            }
        }
    }

    /// Counting in the file of a spool, compared with memory that ends with the process.
    private static func inFile(_ meter: TelemetryMeter) -> BenchmarkRow {
        let file = MetricFile(process: []) {
            let path = "/tmp/spankit-benchmark-\(getpid())"
            defer { FileSystem.remove(path) }
            return open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
        }
        let filed = TelemetryMeter(MeterConfiguration(), log: .silent, recorder: nil, file: file)
        func records(_ meter: TelemetryMeter) -> () -> Void {
            let counter = meter.counter("benchmark.file").with(["key": "value"])
            let histogram = meter.histogram("benchmark.file.size", unit: "By").with(["key": "value"])
            return {
                for index in 0..<count {
                    counter.add(1)
                    histogram.record(Double(index & 1_023 + 1))
                }
            }
        }
        return .compare(
            "counter increment and histogram record with a spool / without",
            bar: 1.1,
            units: count,
            repetitions: 99,
            measured: records(filed),
            reference: records(meter)
        )
    }

    /// The allocations of 4,000 records of instruments that were looked up once, compared with one.
    private static func allocations(_ meter: TelemetryMeter) -> BenchmarkRow {
        let counter = meter.counter("benchmark.allocations").with(["key": "value"])
        let total = meter.floatingPointCounter("benchmark.total").with(["key": "value"])
        let gauge = meter.gauge("benchmark.gauge").with(["key": "value"])
        let histogram = meter.histogram("benchmark.size", unit: "By").with(["key": "value"])
        func record() {
            for index in 0..<1_000 {
                counter.add(1)
                total.add(0.5)
                gauge.set(Double(index))
                histogram.record(Double(index))
            }
        }
        // The first numbers of a thread are counted in a shared histogram, so that its own has all buckets after two rounds.
        record()
        record()
        let before = spankit_allocation_count()
        record()
        let allocated = spankit_allocation_count() - before
        return BenchmarkRow(
            "allocations of 4,000 records / one",
            measured: Double(allocated),
            reference: 1,
            unit: .allocations,
            bar: 0
        )
    }

    @inline(never)
    @_optimize(none)
    private static func consume(_: Int) {}
}
