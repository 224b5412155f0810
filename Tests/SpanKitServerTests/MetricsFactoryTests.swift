import Metrics
import SpanKitMetrics
import SpanKitOTLP
import SpanKitRecording
import SpanKitServer
import Testing
import Tracing

/// What each metric of swift-metrics becomes.
@Suite("Metrics of swift-metrics")
struct MetricsFactoryTests {
    let run = MeteredRun()

    @Test("a counter is a monotonic sum of whole numbers, exported as 0 from the start")
    func counter() throws {
        let counter = Counter(label: "requests", factory: run.factory)
        #expect(try run.value("requests") == .int(0))
        #expect(try run.metric("requests").kind == .sum(isMonotonic: true))
        counter.increment()
        counter.increment(by: 41)
        #expect(try run.value("requests") == .int(42))
        #expect(try run.metric("requests").unit == "")
    }

    @Test("a floating-point counter keeps fractions")
    func floatingPointCounter() throws {
        let counter = FloatingPointCounter(label: "energy", factory: run.factory)
        #expect(try run.value("energy") == .double(0))
        #expect(try run.metric("energy").kind == .sum(isMonotonic: true))
        for _ in 1...3 { counter.increment(by: 0.25) }
        #expect(try run.value("energy") == .double(0.75))
        counter.reset()
        #expect(try run.value("energy") == .double(0))
        counter.destroy()
        #expect(run.metrics("energy").isEmpty)
    }

    @Test("a meter is a gauge that can be set, increased and decreased")
    func meter() throws {
        let meter = Metrics.Meter(label: "connections", factory: run.factory)
        #expect(run.metrics("connections").isEmpty, "no point before the first value")
        meter.increment()
        #expect(try run.value("connections") == .double(1))
        meter.set(7)
        #expect(try run.value("connections") == .double(7))
        meter.set(2.5)
        meter.increment(by: 2.0)
        meter.decrement(by: 1.0)
        #expect(try run.value("connections") == .double(3.5))
        #expect(try run.metric("connections").kind == .gauge)
        meter.destroy()
        #expect(run.metrics("connections").isEmpty)
    }

    @Test("a recorder without aggregation is a gauge with the last value")
    func gauge() throws {
        let gauge = Gauge(label: "temperature", factory: run.factory)
        #expect(run.metrics("temperature").isEmpty, "no point before the first value")
        gauge.record(20)
        gauge.record(-3.5)
        #expect(try run.value("temperature") == .double(-3.5))
        #expect(try run.metric("temperature").kind == .gauge)
    }

    @Test("a meter and a gauge with one label are the same metric")
    func meterAndGauge() throws {
        let meter = Metrics.Meter(label: "level", factory: run.factory)
        let gauge = Gauge(label: "level", factory: run.factory)
        gauge.record(4)
        meter.increment()
        #expect(try run.value("level") == .double(5))
        meter.destroy()
        #expect(try run.value("level") == .double(5), "the gauge is still in use")
        gauge.destroy()
        #expect(run.metrics("level").isEmpty)
    }

    @Test("a recorder with aggregation is a histogram")
    func recorder() throws {
        let recorder = Recorder(label: "size", factory: run.factory)
        for value in [1, 2, 3] { recorder.record(value) }
        recorder.record(0.5)
        recorder.record(-4)
        let distribution = try run.distribution("size")
        #expect(distribution.count == 5)
        #expect(distribution.minimum == -4 && distribution.maximum == 3)
        #expect(distribution.positive.counts.reduce(0, +) == 4)
        #expect(distribution.negative.counts.reduce(0, +) == 1)
    }

    @Test("a timer is a histogram in seconds for any display unit")
    func timer() throws {
        let timer = Timer(label: "work", preferredDisplayUnit: .milliseconds, factory: run.factory)
        timer.recordMilliseconds(250)
        timer.recordNanoseconds(500_000_000)
        timer.record(duration: .seconds(1))
        let other = Timer(label: "work", preferredDisplayUnit: .days, factory: run.factory)
        other.recordSeconds(2)
        #expect(try run.metric("work").unit == "s")
        let distribution = try run.distribution("work")
        #expect(distribution.count == 4)
        #expect(distribution.sum == 3.75)
        #expect(distribution.minimum == 0.25 && distribution.maximum == 2)
        #expect(run.lines.filter { !$0.hasPrefix("info") } == [])
    }

    // MARK: Identity

    @Test("dimensions are a set: the order does not matter, and the last value of a key counts")
    func sameIdentity() throws {
        let first = run.factory.makeCounter(label: "hits", dimensions: [("a", "1"), ("b", "2")])
        let second = run.factory.makeCounter(label: "hits", dimensions: [("b", "2"), ("a", "1")])
        let third = run.factory.makeCounter(label: "hits", dimensions: [("a", "0"), ("b", "2"), ("a", "1")])
        #expect(first === second && first === third, "one handler")
        for handler in [first, second, third] { handler.increment(by: 1) }
        #expect(try run.metric("hits").points.count == 1)
        #expect(try run.value("hits", ["a": "1", "b": "2"]) == .int(3))
    }

    @Test("other values, other keys and other kinds are other metrics")
    func otherIdentity() throws {
        let handlers = [
            [], [("a", "1")], [("a", "2")], [("b", "1")], [("a", "1"), ("b", "1")], [("a", "1"), ("a", "3")],
        ].map { run.factory.makeCounter(label: "hits", dimensions: $0) }
        for (index, handler) in handlers.enumerated() { handler.increment(by: Int64(index + 1)) }
        let points = try run.metric("hits").points
        #expect(points.map(\.value) == (1...6).map { .int($0) })
        #expect(Set(points.map(\.texts)).count == 6)
        #expect(try run.value("hits", ["a": "3"]) == .int(6))
    }

    @Test("labels that differ in upper and lower case are one metric, under its first spelling")
    func letterCase() throws {
        let first = Counter(label: "Orders", factory: run.factory)
        let second = Counter(label: "orders", factory: run.factory)
        first.increment()
        second.increment()
        #expect(try run.value("Orders") == .int(2))
        first.destroy()
        second.increment()
        #expect(try run.value("Orders") == .int(3), "the second maker still uses it")
        second.destroy()
        #expect(run.metrics("Orders").isEmpty)
    }

    @Test("one label with two kinds: both are exported, and one warning says so")
    func twoKinds() throws {
        Counter(label: "both", factory: run.factory).increment()
        for _ in 1...3 { Recorder(label: "both", factory: run.factory).record(1) }
        #expect(run.metrics("both").map(\.kind).count == 2)
        #expect(run.lines.filter { $0.hasPrefix("warning") && $0.contains("'both'") }.count == 1, "\(run.lines)")
    }

    @Test("dimensions named unit and description are attributes like any other")
    func unitAsDimension() throws {
        let dimensions = [("unit", "beer"), ("description", "cold")]
        Counter(label: "drinks", dimensions: dimensions, factory: run.factory).increment()
        #expect(try run.metric("drinks").unit == "")
        #expect(try run.metric("drinks").description == "")
        #expect(try run.value("drinks", ["unit": "beer", "description": "cold"]) == .int(1))
    }

    // MARK: Factories

    @Test("withMetricsFactory chooses the backend of a part of the program")
    func taskLocal() throws {
        let counter = withMetricsFactory(run.factory) { Counter(label: "scoped") }
        counter.increment()
        #expect(try run.value("scoped") == .int(1))
        counter.destroy()
        #expect(run.metrics("scoped").isEmpty)
    }

    @Test("a mapping of labels and dimensions reaches the backend")
    func mapping() throws {
        let factory = run.factory.withLabelAndDimensionsMapping { ("shop.\($0)", $1 + [("region", "eu")]) }
        let counter = Counter(label: "orders", factory: factory)
        counter.increment()
        #expect(try run.value("shop.orders", ["region": "eu"]) == .int(1))
        counter.destroy()
        #expect(run.metrics("shop.orders").isEmpty)
    }

    @Test("a telemetry has one factory; if it is off, its metrics do nothing")
    func factories() {
        #expect(run.telemetry.metricsFactory === run.factory)
        let off = MeteredRun { $0.isDisabled = true }
        let counter = Counter(label: "n", factory: off.factory)
        counter.increment()
        counter.destroy()
        Timer(label: "work", factory: off.factory).recordSeconds(1)
        #expect(off.telemetry.metrics.collect().isEmpty)
        #expect(off.lines == [])
    }

    @Test("metrics that no exporter takes are mentioned once, at the first metric")
    func notExported() {
        #expect(run.lines == [])
        for label in ["a", "b"] { Counter(label: label, factory: run.factory).increment() }
        #expect(run.lines.count == 1 && run.lines.first?.contains("OTEL_METRICS_EXPORTER=otlp") == true, "\(run.lines)")
    }

    // MARK: Units and descriptions

    @Test("units and descriptions come from describe()")
    func described() throws {
        run.telemetry.metrics.describe("bytes", unit: "By", description: "Bytes that were sent.")
        run.telemetry.metrics.describe("work", unit: "ms", description: "Durations of the work.")
        Counter(label: "bytes", factory: run.factory).increment(by: 10)
        Timer(label: "work", factory: run.factory).recordSeconds(1)
        #expect(try run.metric("bytes").unit == "By")
        #expect(try run.metric("bytes").description == "Bytes that were sent.")
        #expect(try run.metric("work").unit == "s", "a timer is always in seconds")
        #expect(try run.metric("work").description == "Durations of the work.")
        #expect(run.lines.contains { $0.hasPrefix("warning") && $0.contains("'work'") && $0.contains("'ms'") })
    }

    @Test("units and descriptions come from an instrument with the same name that was created first")
    func nativeFirst() throws {
        let native = run.telemetry.metrics.counter("jobs", unit: "{job}", description: "Jobs that ended.")
        native.add(2)
        Counter(label: "jobs", factory: run.factory).increment()
        #expect(try run.value("jobs") == .int(3))
        #expect(try run.metric("jobs").unit == "{job}")
        #expect(run.lines.filter { $0.hasPrefix("warning") } == [])
    }

    @Test("a description that comes too late is not used, and one warning says so")
    func describedLate() throws {
        Counter(label: "late", factory: run.factory).increment()
        for _ in 1...2 { run.telemetry.metrics.describe("late", unit: "By", description: "Too late.") }
        Counter(label: "late", dimensions: [("a", "1")], factory: run.factory).increment()
        #expect(try run.metric("late").unit == "")
        #expect(try run.metric("late").points.count == 2)
        #expect(run.lines.filter { $0.hasPrefix("warning") && $0.contains("'late'") }.count == 1, "\(run.lines)")
    }

    // MARK: Exemplars

    @Test("a measurement within a sampled span has its ids as an exemplar")
    func exemplar() throws {
        let timer = Timer(label: "work", factory: run.factory)
        let span = run.telemetry.tracer.withSpan("request") { span in
            timer.recordSeconds(1)
            return span.context.spanContext
        }
        let exemplar = try #require(try run.point("work").exemplars.first)
        #expect(exemplar.traceID == span?.traceID && exemplar.spanID == span?.spanID)
    }
}
