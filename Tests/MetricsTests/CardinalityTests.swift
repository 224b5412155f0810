import SpanKitMetrics
import SpanKitOTLP
import SpanKitRecording
import Testing

@Suite("Cardinality and life of series")
struct CardinalityTests {
    let lines = LogLines()

    private func meter(limit: Int = 2_000) -> TelemetryMeter {
        var configuration = MeterConfiguration()
        configuration.cardinalityLimit = limit
        return TelemetryMeter(configuration, log: lines.log)
    }

    private static let overflow = [Attribute("otel.metric.overflow", true)]

    @Test("2,000 sets of attributes fit, and each further measurement is counted once in the series of the overflow")
    func overflow() {
        let meter = meter()
        let counter = meter.counter("c")
        let histogram = meter.histogram("h")
        for round in 0..<2 {
            for index in 0..<10_000 {
                counter.add(1, attributes: ["index": .int(Int64(index))])
                histogram.with(["index": .int(Int64(index))]).record(1)
            }
            if round == 0 { #expect(meter.value("c", Self.overflow) == .int(8_000)) }
        }
        let points = meter.metric("c")?.points ?? []
        #expect(points.count == 2_001)
        #expect(points.dropLast().allSatisfy { $0.value == .int(2) })
        #expect(points.last?.attributes == Self.overflow)
        #expect(points.last?.value == .int(16_000))
        #expect(meter.metric("h")?.points.count == 2_001)
        #expect(meter.value("h", Self.overflow)?.distribution?.count == 16_000)
        #expect(
            lines.all.first
                == "warning: instrument 'c' has more than 2000 sets of attributes; the measurements of further sets are counted in one series with otel.metric.overflow=true. Use attributes with fewer values, or raise the limit"
        )
        #expect(lines.all.count == 2)
    }

    @Test("exactly as many sets as the limit do not overflow")
    func exactly() {
        let meter = meter(limit: 10)
        let counter = meter.counter("c")
        for index in 0..<10 { counter.add(1, attributes: ["index": .int(Int64(index))]) }
        #expect(meter.metric("c")?.points.count == 10)
        #expect(lines.all == [])
        counter.with([:]).add(1)
        #expect(meter.metric("c")?.points.count == 11)
        #expect(meter.value("c", Self.overflow) == .int(1))
    }

    @Test("a removed series makes room for another one")
    func room() {
        let meter = meter(limit: 3)
        let counter = meter.counter("c")
        for index in 0..<100 {
            let series = counter.with(["index": .int(Int64(index))])
            series.add(1)
            #expect(meter.value("c", [Attribute("index", .int(Int64(index)))]) == .int(1))
            series.remove()
        }
        #expect(meter.collect().isEmpty)
        #expect(lines.all == [])
    }

    @Test(
        "a removed series takes calls without effect, and a new one starts from zero at a later time",
        arguments: [[:], ["a": 1]] as [Attributes]
    )
    func removed(attributes: Attributes) throws {
        let meter = meter()
        let counter = meter.counter("c")
        let first = counter.with(attributes)
        first.add(5)
        let before = try #require(meter.point("c", attributes.elements))
        first.remove()
        first.remove()
        first.add(7)
        #expect(meter.collect().isEmpty)
        let second = counter.with(attributes)
        let after = try #require(meter.point("c", attributes.elements))
        #expect(after.value == .int(0))
        #expect(try #require(after.start) > #require(before.start))
        second.add(1)
        #expect(meter.value("c", attributes.elements) == .int(1))
    }

    @Test("a reset series starts from zero at a later time")
    func reset() throws {
        let meter = meter()
        let counter = meter.counter("c").with(["a": 1])
        let total = meter.floatingPointCounter("f").with(["a": 1])
        let gauge = meter.gauge("g").with(["a": 1])
        let histogram = meter.histogram("h").with(["a": 1])
        let explicit = meter.histogram("e", buckets: .explicit([0, 10])).with(["a": 1])
        func record(_ value: Double) {
            counter.add(Int64(value))
            total.add(value)
            gauge.set(value)
            for _ in 0..<400 {
                histogram.record(value)
                explicit.record(value)
            }
            histogram.record(0)
            histogram.record(-value)
        }
        record(3)
        let before = meter.collect().compactMap(\.points.first)
        counter.reset()
        total.reset()
        gauge.reset()
        histogram.reset()
        explicit.reset()
        #expect(meter.metric("g") == nil)
        #expect(meter.value("h", [Attribute("a", 1)])?.distribution?.count == 0)
        #expect(meter.value("e", [Attribute("a", 1)])?.classic?.count == 0)
        record(5)
        let after = meter.collect().compactMap(\.points.first)
        for (early, late) in zip(before, after) where early.start != nil {
            #expect(try #require(late.start) > #require(early.start))
        }
        #expect(after[0].value == .int(5))
        #expect(after[1].value == .double(5))
        #expect(after[2].value == .double(5))
        let distribution = try #require(after[3].value.distribution)
        #expect(distribution.count == 402)
        #expect(distribution.zeroCount == 1)
        #expect(distribution.positive.counts == [400])
        #expect(distribution.negative.counts == [1])
        #expect(distribution.minimum == -5)
        #expect(distribution.maximum == 5)
        let classic = try #require(after[4].value.classic)
        #expect(classic.cumulativeCounts == [0, 400])
        #expect(classic.sum == 2_000)
        #expect(classic.minimum == 5)
        #expect(classic.maximum == 5)
    }
}
