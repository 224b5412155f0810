import CSpanKitAllocations
import Metrics
import SpanKitServer
import Synchronization

/// Metrics of swift-metrics: what its API costs with a backend that does nothing, and what SpanKit adds.
enum SwiftMetricsBenchmarks {
    private static let count = 200_000
    private static let nothing = NOOPMetricsHandler.instance
    private static let label = "http.server.requests"
    private static let dimensions = [("http.route", "/orders/{id}"), ("http.request.method", "GET")]

    static func rows() -> [BenchmarkRow] {
        var configuration = TelemetryConfiguration()
        configuration.exporters = []
        configuration.shutsDownAtExit = false
        let factory = Telemetry.start(configuration, log: .silent).metricsFactory
        return increments(factory) + lookups(factory) + records(factory)
    }

    // MARK: Counters

    private static func increments(_ factory: SpanKitMetricsFactory) -> [BenchmarkRow] {
        let counter = Counter(label: "counter", factory: factory)
        let noOp = Counter(label: "counter", factory: nothing)
        let handler = factory.makeCounter(label: "counter", dimensions: [])
        let line = CacheLine()
        return [
            compare("Counter.increment(), no-op backend / atomic add", bar: nil) {
                noOp.increment()
            } reference: {
                line.add(1)
            },
            compare("Counter.increment() / no-op backend", bar: nil) {
                counter.increment()
            } reference: {
                noOp.increment()
            },
            compare("handler of a Counter / atomic add", bar: 2) {
                handler.increment(by: 1)
            } reference: {
                line.add(1)
            },
            allocations("allocations per Counter.increment() / one") { counter.increment() },
        ]
    }

    // MARK: Look-ups

    private static func lookups(_ factory: SpanKitMetricsFactory) -> [BenchmarkRow] {
        struct Key: Hashable {
            struct Dimension: Hashable {
                let name: String
                let value: String
            }
            let label: String
            let dimensions: [Dimension]
        }
        let key = Key(label: label, dimensions: dimensions.map { Key.Dimension(name: $0.0, value: $0.1) })
        let table = [key: CacheLine()]
        let kept = Counter(label: label, dimensions: dimensions, factory: factory)
        _ = kept
        return [
            compare("Counter(label, 2 dimensions), no-op backend / dictionary look-up", bar: nil) {
                Counter(label: label, dimensions: dimensions, factory: nothing).increment()
            } reference: {
                table[key]?.add(1)
            },
            compare("Counter(label, 2 dimensions) / no-op backend", bar: nil) {
                Counter(label: label, dimensions: dimensions, factory: factory).increment()
            } reference: {
                Counter(label: label, dimensions: dimensions, factory: nothing).increment()
            },
            compare("handler by label, 2 dimensions / dictionary look-up", bar: 3) {
                factory.makeCounter(label: label, dimensions: dimensions).increment(by: 1)
            } reference: {
                table[key]?.add(1)
            },
        ]
    }

    // MARK: Timers

    private static func records(_ factory: SpanKitMetricsFactory) -> [BenchmarkRow] {
        let timer = Timer(label: "timer", factory: factory)
        let noOp = Timer(label: "timer", factory: nothing)
        let handler = factory.makeTimer(label: "timer", dimensions: [])
        let line = CacheLine()
        var duration: Int64 = 0
        // 1 µs to 64 ms.
        func next() -> Int64 {
            duration = (duration &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407)
            return 1_000 &+ (duration &>> 20 & 0x3FF_FFFF)
        }
        return [
            compare("Timer.recordNanoseconds(), no-op backend / atomic add", bar: nil) {
                noOp.recordNanoseconds(next())
            } reference: {
                line.add(next())
            },
            compare("Timer.recordNanoseconds() / no-op backend", bar: nil) {
                timer.recordNanoseconds(next())
            } reference: {
                noOp.recordNanoseconds(next())
            },
            compare("handler of a Timer / atomic add", bar: nil) {
                handler.recordNanoseconds(next())
            } reference: {
                line.add(next())
            },
            allocations("allocations per Timer.recordNanoseconds() / one") { timer.recordNanoseconds(next()) },
        ]
    }

    // MARK: Measuring

    /// A number on a cache line that only one thread writes.
    private final class CacheLine: Sendable {
        private let before = (0, 0, 0, 0, 0, 0, 0, 0)
        private let value = Atomic<Int64>(0)
        private let after = (0, 0, 0, 0, 0, 0, 0, 0)

        @inline(__always)
        func add(_ amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    }

    @inline(__always)
    private static func compare(
        _ name: String,
        bar: Double?,
        measured: () -> Void,
        reference: () -> Void
    ) -> BenchmarkRow {
        BenchmarkRow.compare(
            name,
            bar: bar,
            units: count,
            measured: { for _ in 0..<count { measured() } },
            reference: { for _ in 0..<count { reference() } }
        )
    }

    private static func allocations(_ name: String, _ body: () -> Void) -> BenchmarkRow {
        for _ in 0..<count { body() }
        let before = spankit_allocation_count()
        for _ in 0..<count { body() }
        let allocated = spankit_allocation_count() - before
        return BenchmarkRow(
            name,
            measured: Double(allocated) / Double(count),
            reference: 1,
            unit: .allocations,
            bar: 0.001
        )
    }
}
