import SpanKitMetrics
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import Testing

@Suite("The number of instruments")
struct InstrumentLimitTests {
    let lines = LogLines()

    private func meter(limit: Int) -> TelemetryMeter {
        var configuration = MeterConfiguration()
        configuration.instrumentLimit = limit
        return TelemetryMeter(configuration, log: lines.log)
    }

    private func series(_ meter: TelemetryMeter, _ name: String) -> MetricSeries {
        meter.series(name, .counter, isFloatingPoint: false, unit: nil, [])
    }

    @Test("instruments beyond the limit record nothing, their measurements are counted, and this is logged once")
    func limit() {
        let meter = meter(limit: 3)
        for number in 0..<100 {
            meter.counter("request of user \(number)").add(1)
            meter.counter("request of user \(number)").with(["a": 1]).add(1)
        }
        meter.histogram("h").record(1)
        meter.gauge("g").set(1)
        meter.gauge("g").add(1)
        meter.upDownCounter("u").add(-1)
        meter.observableGauge("o") { $0.observe(1) }
        #expect(meter.collect().map(\.name) == (0..<3).map { "request of user \($0)" })
        #expect(meter.refusedMeasurementCount == 2 * 97 + 4)
        let warnings = lines.all.filter { $0.contains("instruments") }
        #expect(
            warnings == [
                "warning: there are more than 3 instruments; 'request of user 3' and further ones record nothing. Put what makes the names different into attributes, or raise instrumentLimit"
            ]
        )
        meter.counter("request of user 1").add(1)
        #expect(meter.value("request of user 1") == .int(2), "instruments within the limit go on")
    }

    @Test("a metric that was made from outside and whose series have all ended makes room for another one")
    func room() {
        let meter = meter(limit: 3)
        let collector = meter.makeCollector(takesExemplars: true)
        for number in 0..<100 {
            let made = series(meter, "job.\(number)")
            made.count(1)
            made.remove()
            #expect(meter.collect(for: collector).map(\.name) == ["job.\(number)"], "its end is still exported")
            #expect(meter.collect(for: collector).isEmpty)
        }
        #expect(meter.refusedMeasurementCount == 0)
        #expect(lines.all == [])
    }

    @Test("an instrument that the program keeps is not removed")
    func kept() {
        let meter = meter(limit: 3)
        let counter = meter.counter("c")
        let made = series(meter, "c")
        made.remove()
        for _ in 0..<3 { _ = meter.collect() }
        counter.add(1)
        #expect(meter.value("c") == .int(1))
        // Used with the same name as from outside.
        series(meter, "c").count(1)
        #expect(meter.value("c") == .int(2))
    }

    @Test("metrics that are made and destroyed while others collect lose nothing")
    func concurrent() {
        let meter = meter(limit: 1_000)
        let collector = meter.makeCollector(takesExemplars: false)
        let isOver = Locked(false)
        // As a receiver of cumulative values adds them up: by the start of each series.
        let received = Locked<(last: [String: (start: Int64, value: Int64)], total: Int64)>(([:], 0))
        @Sendable func collect() {
            for metric in meter.collect(for: collector) {
                guard let point = metric.points.first, case .int(let value) = point.value else { continue }
                received.withLock { received in
                    let start = point.start ?? 0
                    let last = received.last[metric.name]
                    received.total += value - (last?.start == start ? last?.value ?? 0 : 0)
                    received.last[metric.name] = (start, value)
                }
            }
        }
        let thread = Thread("collect", isJoined: true) {
            while !isOver.withLock({ $0 }) { collect() }
        }
        for number in 0..<2_000 {
            let made = series(meter, "job.\(number % 7)")
            made.count(1)
            made.remove()
        }
        isOver.withLock { $0 = true }
        thread?.join()
        collect()
        #expect(received.withLock { $0.total } == 2_000)
        #expect(meter.collect().isEmpty)
        #expect(lines.all == [])
    }
}
