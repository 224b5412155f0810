import Metrics
import SpanKitPlatform
import SpanKitServer
import SpanKitTestSupport
import SpanKitTesting
import Testing
import Tracing

/// Code under test that only knows swift-metrics. It keeps some metrics for ever, and makes others for each request.
private enum Kitchen {
    static let orders = Counter(label: "kitchen.orders", dimensions: [("meal", "lunch")])
    static let weight = FloatingPointCounter(label: "kitchen.weight")
    static let duration = Timer(label: "kitchen.duration")
    static let sizes = Recorder(label: "kitchen.sizes")
    static let waiting = Meter(label: "kitchen.waiting")
    static let temperature = Gauge(label: "kitchen.temperature")

    static func cook(_ count: Int) async {
        for _ in 0..<count {
            orders.increment()
            await Task.yield()
            await Task {
                weight.increment(by: 0.5)
                sizes.record(2)
            }.value
            duration.recordNanoseconds(1_500_000_000)
            Counter(label: "kitchen.dishes", dimensions: [("dish", "soup"), ("table", "7")]).increment(by: 2)
        }
        waiting.set(10)
        waiting.decrement(by: 3)
        temperature.record(Double(count) / 2)
    }
}

@Suite("Metrics of swift-metrics in tests", .generousTimeLimit)
struct SwiftMetricsTests {
    @Test("each of many parallel tests only sees what it has measured", arguments: 1..<100)
    func parallelTests(_ count: Int) async throws {
        try await SpanRecorder.record { recorder in
            await Kitchen.cook(count)
            let values = count == 1 ? "value" : "values"
            try recorder.metrics.expect(
                """
                kitchen.orders = \(count) | meal=lunch
                kitchen.weight = \(Double(count) / 2)
                kitchen.sizes = \(count) \(values), sum \(2 * count)
                kitchen.duration = \(count) \(values), sum \(Double(count) * 1.5)
                kitchen.dishes = \(2 * count) | table=7 | dish=soup
                kitchen.waiting = 7
                kitchen.temperature = \(Double(count) / 2)
                """
            )
            #expect(recorder.metrics.value("kitchen.orders", ["meal": "lunch"]) == Double(count))
            #expect(recorder.metrics.count("kitchen.duration") == count)
        }
    }

    @Test("a metric that was destroyed is not there any more, and a counter is there from the start")
    func life() {
        SpanRecorder.record { recorder in
            let counter = Counter(label: "made")
            #expect(recorder.metrics.value("made") == 0)
            counter.increment()
            counter.reset()
            #expect(recorder.metrics.value("made") == 0)
            counter.destroy()
            #expect(recorder.metrics.value("made") == nil)
        }
    }

    @Test("a recorder inside another gets its own measurements of the same metric")
    func nested() {
        SpanRecorder.record { outer in
            let counter = Counter(label: "nested")
            counter.increment()
            SpanRecorder.record { inner in
                counter.increment(by: 5)
                #expect(inner.metrics.value("nested") == 5)
            }
            #expect(outer.metrics.value("nested") == 1)
        }
    }

    @Test("measurements of another thread belong to the test whose context it has, and to no test without one")
    func threads() async {
        await SpanRecorder.record { recorder in
            await withSpan("request") { span in
                let context = span.context
                await Task.detached {
                    ServiceContext.withValue(context) { Counter(label: "with context").increment() }
                    Counter(label: "without context").increment()
                }.value
            }
            #expect(recorder.metrics.value("with context") == 1)
            #expect(recorder.metrics.value("without context") == nil)
            #expect(SpanRecorder.unassigned.metrics.value("without context") == 1)
            let error = #expect(throws: SpanExpectationError.self) {
                try recorder.metrics.expect("without context = 1")
            }
            #expect(error?.description.contains("measured outside of any recorder: ") == true)
            #expect(error?.description.contains("'without context'") == true)
        }
    }

    @Test("a wait ends when a metric of swift-metrics has its value")
    func waiting() async throws {
        try await SpanRecorder.record { recorder in
            Task {
                for _ in 0..<100 {
                    Counter(label: "steps").increment()
                    await Task.yield()
                }
            }
            try await recorder.wait(within: .generous, for: "100 steps") { $0.metrics.value("steps") == 100 }
        }
    }

    @Test("a failure shows what was expected and everything that was recorded")
    func failure() throws {
        try SpanRecorder.record { recorder in
            recorder.metrics.counter("orders").add(1, attributes: ["payment": "card"])
            recorder.metrics.counter("orders").add(2, attributes: ["payment": "invoice", "paid": false])
            recorder.metrics.histogram("size").record(0.1)
            recorder.metrics.histogram("size").record(0.2)
            recorder.metrics.gauge("load").set(0.25)
            recorder.metrics.upDownCounter("open").add(-3)
            #expect(
                recorder.metrics.list == """
                    load = 0.25
                    open = -3
                    orders = 2 | paid=false | payment=invoice
                    orders = 1 | payment=card
                    size = 2 values, sum 0.30000000000000004
                    """
            )
            // A line does not need the sum, and a rounded one is enough.
            try recorder.metrics.expect("size = 2 values")
            try recorder.metrics.expect("  size = 2 values, sum 0.3  ")
            try recorder.metrics.expect("")
            let error = #expect(throws: SpanExpectationError.self) {
                try recorder.metrics.expect(
                    """
                    orders = 2 | payment=card
                    open = -3
                    size = 3 values
                    """,
                    fileID: "Tests/Shop.swift",
                    line: 7
                )
            }
            let shown = error?.description.split(separator: "\n").prefix(12).joined(separator: "\n")
            #expect(
                shown?.hasPrefix(
                    """
                    Tests/Shop.swift:7: the metrics are not as expected
                    expected metrics:
                    - orders = 2 | payment=card
                      open = -3
                    - size = 3 values
                    recorded metrics:
                      load = 0.25
                      open = -3
                    + orders = 2 | paid=false | payment=invoice
                    + orders = 1 | payment=card
                    + size = 2 values, sum 0.30000000000000004
                    """
                ) == true,
                "\(error?.description ?? "no error")"
            )
        }
    }

    @Test(
        "a line that is no series is an error that says what to write",
        arguments: [
            ("orders", "'orders': write name = value, such as orders = 2 | payment=card"),
            ("orders = 1 | card", "'orders = 1 | card': 'card' is not key=value"),
            ("orders = many", "'orders = many': 'many' is neither a number nor the totals of a histogram"),
            ("orders = 2 values, mean 1", "'2 values, mean 1' is neither a number"),
        ]
    )
    func invalid(_ line: String, _ message: String) {
        SpanRecorder.record { recorder in
            let error = #expect(throws: SpanExpectationError.self) { try recorder.metrics.expect(line) }
            #expect(error?.description.contains(message) == true, "\(error?.description ?? "no error")")
        }
    }
}
