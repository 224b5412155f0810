import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitMetrics

@Suite("Observable instruments")
struct ObservableTests {
    let lines = LogLines()

    private func meter(timeout: Duration = .generous, _ change: (inout MeterConfiguration) -> Void = { _ in })
        -> TelemetryMeter
    {
        var configuration = MeterConfiguration()
        configuration.callbackTimeout = timeout
        change(&configuration)
        return TelemetryMeter(configuration, log: lines.log)
    }

    private struct Failure: Error {}

    @Test("a callback is called once for each collection, and what it does not report is not exported")
    func simple() {
        let meter = meter()
        let calls = Locked(0)
        meter.observableCounter("pages", unit: "{page}") { observer in
            let call = calls.withLock {
                $0 += 1
                return $0
            }
            observer.observe(10 * call, attributes: ["kind": "minor"])
            if call == 1 { observer.observe(1.5, attributes: ["kind": "major"]) }
        }
        meter.observableUpDownCounter("queue") { $0.observe(-3) }
        meter.observableGauge("load") { $0.observe(0.25) }
        let first = meter.collect()
        #expect(first.map(\.name) == ["pages", "queue", "load"])
        #expect(first.map(\.kind) == [.sum(isMonotonic: true), .sum(isMonotonic: false), .gauge])
        #expect(first.allSatisfy { $0.isObservable }, "so that they stay cumulative with lowmemory")
        #expect(first.first?.points.map(\.value) == [.int(10), .double(1.5)])
        #expect(first.last?.points.map(\.value) == [.double(0.25)])
        #expect(meter.metric("pages")?.points.map(\.value) == [.int(20)])
        #expect(calls.withLock { $0 } == 2)
        #expect(meter.metric("pages")?.points.first?.start == first.first?.points.first?.start)
    }

    @Test("values that cannot be recorded are left out, counted and logged once")
    func refused() {
        let meter = meter()
        meter.observableCounter("c") { observer in
            observer.observe(-1)
            observer.observe(Double.nan, attributes: ["a": 1])
            observer.observe(UInt64.max, attributes: ["a": 2])
        }
        meter.observableGauge("g") { $0.observe(-Double.infinity) }
        let metrics = meter.collect()
        #expect(metrics.map(\.name) == ["c"])
        #expect(metrics.first?.points.map(\.value) == [.int(.max)])
        #expect(meter.refusedMeasurementCount == 3)
        _ = meter.collect()
        #expect(lines.all.count == 2)
    }

    @Test("a callback that throws is logged once, and other instruments are exported")
    func throwing() {
        let meter = meter()
        meter.observableGauge("bad") { observer in
            observer.observe(1)
            throw Failure()
        }
        meter.observableGauge("good") { $0.observe(2) }
        for _ in 0..<3 { #expect(meter.collect().map(\.name) == ["good"]) }
        #expect(
            lines.all == [
                "warning: instrument 'bad': its callback failed: Failure(); its values are left out until the callback returns in time without an error"
            ]
        )
    }

    @Test("a callback that hangs is left out until it returns, and other instruments are exported")
    func hanging() throws {
        let meter = meter(timeout: .milliseconds(50))
        let isReleased = Monitor(false)
        let calls = Locked(0)
        meter.observableGauge("hangs") { observer in
            calls.withLock { $0 += 1 }
            _ = isReleased.wait(until: nil) { $0 ? true : nil }
            observer.observe(1)
        }
        meter.counter("counter").add(1)
        // On a busy machine, the thread of the first collections may start too late to call it.
        try eventually("the callback is called", (meter.collect().map(\.name), calls.withLock { $0 })) {
            #expect($0.0 == ["counter"])
            return $0.1 == 1
        }
        for _ in 0..<3 { #expect(meter.collect().map(\.name) == ["counter"]) }
        #expect(calls.withLock { $0 } == 1, "a callback that hangs is not called again")
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.contains("'hangs': its callback did not return within 0.05 seconds") == true)
        isReleased.change { $0 = true }
        try eventually("the callback is called again", meter.collect().map(\.name)) { $0.contains("hangs") }
    }

    @Test("of several callbacks of an instrument, the last value of each set counts")
    func several() {
        let meter = meter()
        let first = meter.observableGauge("g") { observer in
            observer.observe(1)
            observer.observe(2, attributes: ["a": 1])
            observer.observe(3, attributes: ["a": 1])
        }
        let second = meter.observableGauge("G") { $0.observe(5) }
        #expect(meter.metric("g")?.points.map(\.value) == [.int(5), .int(3)])
        second.stop()
        #expect(meter.metric("g")?.points.map(\.value) == [.int(1), .int(3)])
        first.stop()
        first.stop()
        #expect(meter.collect().isEmpty)
    }

    @Test("an observer that is used after its callback has returned does nothing")
    func late() {
        let meter = meter()
        let kept = Locked<MetricObserver?>(nil)
        meter.observableGauge("g") { observer in
            observer.observe(1)
            kept.withLock { $0 = observer }
        }
        #expect(meter.value("g") == .int(1))
        kept.withLock { $0 }?.observe(2)
        #expect(meter.value("g") == .int(1))
    }

    @Test("too many sets of attributes are combined in the series of the overflow")
    func overflow() {
        let meter = meter { $0.cardinalityLimit = 3 }
        meter.observableCounter("c") { observer in
            for index in 0..<10 { observer.observe(1, attributes: ["index": .int(Int64(index))]) }
        }
        let points = meter.metric("c")?.points ?? []
        #expect(points.map(\.value) == [.int(1), .int(1), .int(1), .int(7)])
        #expect(points.last?.attributes == [Attribute("otel.metric.overflow", true)])
    }

    @Test("which sets are combined does not depend on the order in which a callback reports them later")
    func order() {
        let meter = meter { $0.cardinalityLimit = 3 }
        let order = Locked([0, 1, 2, 3, 4])
        meter.observableCounter("c") { observer in
            for index in order.withLock({ $0 }) {
                observer.observe(10 * (index + 1), attributes: ["index": .int(Int64(index))])
            }
        }
        func values() -> [String: Metric.Value] {
            Dictionary(
                uniqueKeysWithValues: (meter.metric("c")?.points ?? []).map { ("\($0.attributes)", $0.value) }
            )
        }
        let first = values()
        #expect(first.count == 4)
        for _ in 0..<10 {
            order.withLock { $0.shuffle() }
            #expect(values() == first)
        }
        // The sets of the overflow are not known one by one: its total does not fall.
        order.withLock { $0 = [4, 0, 1] }
        #expect(values()["\([Attribute("otel.metric.overflow", true)])"] == .int(90))
        #expect(values().count == 3)
        #expect(
            lines.all == [
                "warning: instrument 'c' has more than 3 sets of attributes; the measurements of further sets are counted in one series with otel.metric.overflow=true. Use attributes with fewer values, or raise the limit"
            ]
        )
    }

    @Test("a set that is no longer reported makes room for another one")
    func room() {
        let meter = meter { $0.cardinalityLimit = 3 }
        let round = Locked(0)
        meter.observableGauge("g") { observer in
            let round = round.withLock { round in
                round += 1
                return round
            }
            for index in 0..<2 {
                observer.observe(index, attributes: ["process": .int(Int64(round)), "n": .int(Int64(index))])
            }
        }
        for _ in 0..<50 { #expect(meter.metric("g")?.points.map(\.value) == [.int(0), .int(1)]) }
        #expect(lines.all == [])
    }

    @Test("a callback that reports millions of sets takes no more memory than the limit")
    func bounded() {
        let meter = meter { $0.cardinalityLimit = 10 }
        let counted = Locked(0)
        meter.observableCounter("c") { observer in
            for index in 0..<20_000 { observer.observe(1, attributes: ["index": .int(Int64(index))]) }
            counted.withLock { $0 = observer.observations.withLock { $0.values.count } }
        }
        #expect(meter.value("c", [Attribute("otel.metric.overflow", true)]) == .int(19_990))
        #expect(counted.withLock { $0 } == 10)
        // Those that have no place yet are kept apart until the callback has returned.
        meter.observableCounter("d") { observer in
            for index in 0..<20_000 { observer.observe(1, attributes: ["round": .int(Int64(index))]) }
            counted.withLock { $0 = observer.observations.withLock { $0.values.count } }
        }
        #expect(meter.metric("d")?.points.count == 11)
        #expect(meter.metric("d")?.points.count == 11)
        #expect(counted.withLock { $0 } == 20)
    }

    @Test("the total of a view does not fall when a set is no longer reported")
    func fallingView() {
        let meter = meter {
            $0.views = [MetricView(.init(), .init(attributeKeys: .init(excluded: ["cpu"])))]
        }
        let count = Locked(4)
        meter.observableCounter("time") { observer in
            for cpu in 0..<count.withLock({ $0 }) { observer.observe(10, attributes: ["cpu": .int(Int64(cpu))]) }
        }
        #expect(meter.value("time") == .int(40))
        count.withLock { $0 = 2 }
        #expect(meter.value("time") == .int(40))
        count.withLock { $0 = 4 }
        #expect(meter.value("time") == .int(40))
    }

    @Test("a view adds the sums whose kept attributes are equal")
    func view() {
        let meter = meter {
            $0.views = [
                MetricView(.init(instrumentKind: .observableCounter), .init(attributeKeys: .init(excluded: ["cpu"])))
            ]
        }
        meter.observableCounter("time") { observer in
            for cpu in 0..<4 { observer.observe(1.5, attributes: ["cpu": .int(Int64(cpu)), "mode": "user"]) }
        }
        #expect(meter.metric("time")?.points.map(\.value) == [.double(6)])
        #expect(meter.metric("time")?.points.first?.attributes == [Attribute("mode", "user")])
    }
}
