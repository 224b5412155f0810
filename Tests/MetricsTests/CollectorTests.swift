import SpanKitMetrics
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import Testing

@Suite("Exporters and the ends of series")
struct CollectorTests {
    let lines = LogLines()

    private func meter(_ change: (inout MeterConfiguration) -> Void = { _ in }) -> TelemetryMeter {
        var configuration = MeterConfiguration()
        change(&configuration)
        return TelemetryMeter(configuration, log: lines.log)
    }

    private func values(_ metrics: [Metric]) -> [Metric.Value] { metrics.flatMap(\.points).map(\.value) }

    @Test("what was counted between the last export and the end of a series is exported once, by each exporter")
    func removed() throws {
        let meter = meter()
        let collectors = (0..<2).map { _ in meter.makeCollector(takesExemplars: true) }
        let series = meter.counter("c").with(["a": 1])
        series.add(5)
        let first = try #require(meter.collect(for: collectors[0]).first?.points.first)
        series.add(2)
        series.remove()
        let end = UnixTime.nanoseconds()
        for collector in collectors {
            let point = try #require(meter.collect(for: collector).first?.points.first)
            #expect(point.value == .int(7))
            #expect(point.start == first.start)
            #expect(try #require(point.time) <= end)
            #expect(point.attributes == [Attribute("a", 1)])
            #expect(meter.collect(for: collector).isEmpty)
        }
    }

    @Test("a reset does not lose what was counted before it, and a new series follows the end of the earlier one")
    func reset() {
        let meter = meter()
        let collector = meter.makeCollector(takesExemplars: false)
        let histogram = meter.histogram("h", buckets: .explicit([1, 2])).with([:])
        func counts(_ metrics: [Metric]) -> [UInt64] { values(metrics).compactMap { $0.classic?.count } }
        histogram.record(1)
        histogram.reset()
        histogram.record(2)
        histogram.record(3)
        #expect(counts(meter.collect(for: collector)) == [1])
        #expect(counts(meter.collect(for: collector)) == [2])
        histogram.reset()
        histogram.record(1)
        collector.finish()
        #expect(counts(meter.collect(for: collector)) == [2, 1], "nothing follows the last collection")
    }

    @Test("ends that a collection does not take are in the next one as well, and their successors wait")
    func waiting() {
        let meter = meter()
        let collector = meter.makeCollector(takesExemplars: false)
        func collect(_ takesEnds: Bool) -> [Metric.Value] {
            values(meter.collect(for: collector, takesEnds: takesEnds))
        }
        let counter = meter.counter("c")
        counter.with([:]).add(1)
        counter.with([:]).remove()
        counter.with([:]).add(2)
        counter.with(["a": 1]).add(3)
        #expect(collect(false) == [.int(1), .int(3)])
        counter.with([:]).remove()
        #expect(collect(false) == [.int(3), .int(3)])
        #expect(collect(true) == [.int(3), .int(3)])
        counter.with([:]).add(4)
        #expect(collect(false) == [.int(3), .int(4)])
    }

    @Test("series that end again and again between two exports are exported as one, with the sum of their counts")
    func repeated() {
        let meter = meter()
        let collector = meter.makeCollector(takesExemplars: false)
        let counter = meter.counter("c")
        for round in 1...100 {
            let series = counter.with(["a": 1])
            series.add(Int64(round))
            series.remove()
        }
        #expect(values(meter.collect(for: collector)) == [.int(5_050)])
        #expect(meter.collect(for: collector).isEmpty)
    }

    @Test("gauges, up-down counters and series that have counted nothing end at once")
    func others() {
        let meter = meter()
        let collector = meter.makeCollector(takesExemplars: false)
        meter.gauge("g").with([:]).set(1)
        meter.upDownCounter("u").with([:]).add(1)
        meter.gauge("g").with([:]).remove()
        meter.upDownCounter("u").with([:]).remove()
        meter.counter("c").with([:]).remove()
        #expect(meter.collect(for: collector).isEmpty)
    }

    @Test("the number of ended series that wait is limited, and the loss is logged")
    func limited() {
        let meter = meter { $0.cardinalityLimit = 3 }
        let collector = meter.makeCollector(takesExemplars: false)
        for number in 0..<10 {
            let series = meter.counter("c").with(["number": .int(Int64(number))])
            series.add(1)
            series.remove()
        }
        #expect(meter.collect(for: collector).first?.points.count == 3)
        #expect(
            lines.all == [
                "warning: instrument 'c': more than 3 series have ended or were reset since the last export; what the others counted since then is not exported. Export more often, or raise the limit"
            ]
        )
    }

    @Test("nothing is kept for an exporter that is no longer there")
    func released() {
        let meter = meter()
        do { _ = meter.makeCollector(takesExemplars: true) }
        let series = meter.counter("c").with([:])
        series.add(1)
        series.remove()
        let collector = meter.makeCollector(takesExemplars: true)
        #expect(meter.collect(for: collector).isEmpty)
    }

    @Test("each exporter gets every exemplar, also if another one has collected it before")
    func exemplars() {
        let meter = meter { $0.exemplarFilter = .alwaysOn }
        let early = meter.makeCollector(takesExemplars: true)
        let late = meter.makeCollector(takesExemplars: true)
        let text = meter.makeCollector(takesExemplars: false)
        let counter = meter.counter("c").with([:])
        let histogram = meter.histogram("h").with([:])
        func exemplars(_ collector: MetricCollector) -> [[Exemplar.Value]] {
            meter.collect(for: collector).flatMap(\.points).map { $0.exemplars.map(\.value) }
        }
        counter.add(1)
        histogram.record(1)
        #expect(exemplars(text) == [[], []])
        #expect(exemplars(early) == [[.int(1)], [.double(1)]])
        #expect(exemplars(early) == [[], []])
        counter.add(2)
        histogram.record(2)
        #expect(exemplars(early) == [[.int(2)], [.double(2)]])
        #expect(exemplars(late) == [[.int(2)], [.double(1), .double(2)]], "a counter keeps its newest exemplar")
        #expect(exemplars(late) == [[], []])
        #expect(meter.collect().flatMap(\.points).allSatisfy { $0.exemplars.isEmpty })
        for number in 0..<1_000 {
            histogram.record(Double(number))
            _ = meter.collect(for: early)
        }
        #expect(exemplars(late).last?.count == 20, "so that memory is bounded")
    }
}
