import Metrics
import MetricsTestKit
import SpanKitMetrics
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitServer
import SpanKitTestSupport
import Testing

@Suite("Misused metrics", .generousTimeLimit)
struct MetricsMisuseTests {
    let run = MeteredRun()

    private var refused: UInt64 { run.telemetry.metrics.refusedMeasurementCount }
    private var warnings: [String] { run.lines.filter { $0.hasPrefix("warning") } }

    @Test("a counter leaves out and counts negative increments, and stays at its largest value")
    func counter() throws {
        let counter = Counter(label: "requests", factory: run.factory)
        counter.increment(by: 3)
        counter.increment(by: -1)
        counter.increment(by: Int64.min)
        #expect(try run.value("requests") == .int(3))
        #expect(refused == 2)
        #expect(warnings.count == 1 && warnings.first?.contains("'requests'") == true, "\(warnings)")
        for _ in 1...3 { counter.increment(by: Int64.max) }
        #expect(try run.value("requests") == .int(.max))
    }

    @Test(
        "a floating-point counter leaves out and counts negative amounts, NaN and infinities",
        arguments: [
            -0.5, -.infinity, .infinity, .nan, -.leastNonzeroMagnitude,
        ]
    )
    func floatingPointCounter(amount: Double) throws {
        let counter = FloatingPointCounter(label: "energy", factory: run.factory)
        counter.increment(by: 0.5)
        counter.increment(by: amount)
        #expect(try run.value("energy") == .double(0.5))
        #expect(refused == 1)
        #expect(warnings.count == 1)
    }

    @Test("a floating-point counter stays finite")
    func largeAmounts() throws {
        let counter = FloatingPointCounter(label: "energy", factory: run.factory)
        for _ in 1...3 { counter.increment(by: Double.greatestFiniteMagnitude) }
        #expect(try run.value("energy") == .double(.greatestFiniteMagnitude))
    }

    @Test(
        "gauges and histograms leave out and count NaN and infinities",
        arguments: [
            Double.nan, .infinity, -.infinity, .signalingNaN,
        ]
    )
    func notFinite(value: Double) throws {
        let meter = Metrics.Meter(label: "meter", factory: run.factory)
        meter.set(1.5)
        meter.set(value)
        meter.increment(by: value)
        meter.decrement(by: value)
        let gauge = Gauge(label: "gauge", factory: run.factory)
        gauge.record(value)
        let recorder = Recorder(label: "recorder", factory: run.factory)
        recorder.record(2.0)
        recorder.record(value)
        #expect(try run.value("meter") == .double(1.5))
        #expect(run.metrics("gauge").isEmpty)
        let distribution = try run.distribution("recorder")
        #expect(distribution.count == 1 && distribution.sum == 2)
        #expect(distribution.minimum == 2 && distribution.maximum == 2)
        #expect(refused == 5)
    }

    @Test("a timer leaves out and counts negative durations, NaN and durations of more than 292 years")
    func timer() throws {
        let timer = Timer(label: "work", factory: run.factory)
        timer.recordSeconds(1)
        timer.recordNanoseconds(-1)
        timer.recordNanoseconds(Int64.min)
        timer.recordSeconds(Double.nan)
        timer.recordSeconds(Double.infinity)
        timer.recordMilliseconds(UInt64.max)
        timer.record(duration: .seconds(Int64.max))
        timer.recordNanoseconds(0)
        let distribution = try run.distribution("work")
        #expect(distribution.count == 2 && distribution.sum == 1 && distribution.zeroCount == 1)
        #expect(refused == 6)
        #expect(warnings.count == 1, "\(warnings)")
    }

    @Test("10,000 values of a dimension: 2,000 series and one for the rest, in which each increment is counted once")
    func manyValues() throws {
        for round in 1...2 {
            for value in 0..<10_000 {
                Counter(label: "users", dimensions: [("id", "\(value)")], factory: run.factory).increment(by: round)
            }
        }
        let points = try run.metric("users").points
        #expect(points.count == 2_001)
        #expect(
            points.filter { $0.attributes == [Attribute("otel.metric.overflow", true)] }.map(\.value) == [.int(24_000)]
        )
        #expect(points.filter { $0.value == .int(3) }.count == 2_000)
        #expect(warnings.count == 1 && warnings.first?.contains("'users'") == true, "\(warnings)")
    }

    @Test("makers in the overflow cannot end it, and destroyed metrics make space for new ones")
    func overflowAndDestroy() throws {
        let run = MeteredRun { $0.metrics.cardinalityLimit = 2 }
        let counters = ["a", "b", "c", "d"].map { Counter(label: "n", dimensions: [("k", $0)], factory: run.factory) }
        for counter in counters { counter.increment() }
        counters[2].destroy()
        counters[3].increment()
        let rest = [Attribute("otel.metric.overflow", true)]
        #expect(try run.metric("n").points.first { $0.attributes == rest }?.value == .int(3))
        counters[0].destroy()
        Counter(label: "n", dimensions: [("k", "e")], factory: run.factory).increment(by: 9)
        #expect(try run.value("n", ["k": "e"]) == .int(9))
    }

    @Test("a view that leaves out a dimension combines its values")
    func view() throws {
        let run = MeteredRun {
            $0.metrics.views = [
                MetricView(.init(instrumentName: "users"), .init(attributeKeys: .init(excluded: ["id"])))
            ]
        }
        for value in 0..<5_000 {
            let counter = Counter(label: "users", dimensions: [("id", "\(value)"), ("k", "v")], factory: run.factory)
            counter.increment()
            counter.destroy()
        }
        #expect(try run.metric("users").points.count == 1)
        #expect(try run.value("users", ["k": "v"]) == .int(5_000))
    }

    @Test(
        "labels and dimensions of any size and content do no harm",
        arguments: [
            "", " ", "0", "ü", "a\u{0}b", "a\nb", "le", "__name__", String(repeating: "x", count: 1 << 20),
        ]
    )
    func hostileTexts(text: String) throws {
        Counter(label: text, dimensions: [(text, text), ("k", text)], factory: run.factory).increment()
        Timer(label: text, dimensions: [(text, text)], factory: run.factory).recordSeconds(1)
        let points = run.telemetry.metrics.collect().flatMap(\.points)
        #expect(points.count == 2)
        #expect(points.contains { $0.value == .int(1) })
    }

    @Test("different keys under one label are legal")
    func differentKeys() throws {
        for key in ["a", "b"] { Counter(label: "n", dimensions: [(key, "1")], factory: run.factory).increment() }
        #expect(try run.metric("n").points.count == 2)
        #expect(warnings == [])
    }

    @Test("handlers of another backend and of another telemetry are ignored")
    func otherHandlers() throws {
        let other = MeteredRun()
        let counter = Counter(label: "n", factory: run.factory)
        counter.increment()
        run.factory.destroyCounter(NOOPMetricsHandler.instance)
        run.factory.destroyTimer(try TestMetrics().expectTimerHandler())
        other.factory.destroyMeter(NOOPMetricsHandler.instance)
        #expect(try run.value("n") == .int(1))
    }

    @Test("with a log that makes metrics itself")
    func recursiveLog() throws {
        let box = Locked<SpanKitMetricsFactory?>(nil)
        var configuration = TelemetryConfiguration()
        configuration.exporters = []
        let telemetry = Telemetry.start(
            configuration,
            log: ProfilerLog { _, _ in
                guard let factory = box.withLock({ $0 }) else { return }
                Counter(label: "log lines", factory: factory).increment()
                Counter(label: "log lines", dimensions: [("level", "any")], factory: factory).destroy()
            }
        )
        box.withLock { $0 = telemetry.metricsFactory }
        Counter(label: "n", factory: telemetry.metricsFactory).increment(by: -1)
        Recorder(label: "n", factory: telemetry.metricsFactory).record(Double.nan)
        box.withLock { $0 = nil }
        #expect(telemetry.metrics.collect().contains { $0.name == "log lines" })
    }
}

extension TestMetrics {
    /// A handler of this backend.
    fileprivate func expectTimerHandler() throws -> any TimerHandler {
        makeTimer(label: "theirs", dimensions: [])
    }
}
