import SpanKitMetrics
import SpanKitOTLP
import SpanKitRecording
import Testing

@Suite("Values that instruments cannot record")
struct RefusedValueTests {
    let lines = LogLines()
    let meter: TelemetryMeter

    init() { meter = TelemetryMeter(log: lines.log) }

    @Test("negative amounts of counters are left out, counted and logged once")
    func negative() {
        let counter = meter.counter("c")
        let total = meter.floatingPointCounter("f")
        for _ in 0..<3 {
            counter.add(-1)
            counter.with(["a": 1]).add(.min)
            total.add(-0.5)
        }
        counter.add(2)
        total.add(-0.0)
        #expect(meter.value("c") == .int(2))
        #expect(meter.value("f") == .double(0))
        #expect(meter.refusedMeasurementCount == 9)
        #expect(
            lines.all == [
                "warning: instrument 'c': the value -1.0 was left out because it is negative, and a counter only increases; further ones are only counted",
                "warning: instrument 'f': the value -0.5 was left out because it is negative, and a counter only increases; further ones are only counted",
            ]
        )
    }

    @Test(
        "NaN and infinities are left out by all instruments",
        arguments: [Double.nan, .signalingNaN, .infinity, -.infinity]
    )
    func notFinite(value: Double) {
        meter.floatingPointCounter("f").add(value)
        let gauge = meter.gauge("g")
        gauge.set(1)
        gauge.set(value)
        gauge.add(value)
        for (name, buckets) in [("h", HistogramBuckets.exponential), ("e", .explicit([1]))] {
            let histogram = meter.histogram(name, buckets: buckets).with([:])
            for _ in 0..<1_000 { histogram.record(2) }
            histogram.record(value)
        }
        #expect(meter.value("f") == .double(0))
        #expect(meter.value("g") == .double(1))
        #expect(meter.value("h")?.distribution?.count == 1_000)
        #expect(meter.value("h")?.distribution?.sum == 2_000)
        #expect(meter.value("e")?.classic?.count == 1_000)
        #expect(meter.value("e")?.classic?.sum == 2_000)
        #expect(meter.refusedMeasurementCount == 5)
        #expect(lines.all.count == 4)
    }

    @Test("sums of whole numbers stay at the ends of Int64")
    func integerEnds() {
        let counter = meter.counter("c").with([:])
        counter.add(.max)
        counter.add(1)
        counter.add(.max)
        for _ in 0..<10 { counter.add(1 << 40) }
        #expect(meter.value("c") == .int(.max))
        let change = meter.upDownCounter("u").with([:])
        change.add(.min)
        change.add(-1)
        change.add(-(1 << 40))
        change.add(.min)
        #expect(meter.value("u") == .int(.min))
        change.add(.max)
        change.add(2)
        #expect(meter.value("u") == .int(1))
        change.add(.max)
        change.add(1 << 40)
        #expect(meter.value("u") == .int(.max))
    }

    @Test("the fast addition keeps to the ends as well")
    func fastEnds() {
        let counter = meter.counter("c").with([:])
        counter.add(.max - 5)
        for _ in 0..<100 { counter.add(1) }
        #expect(meter.value("c") == .int(.max))
        let change = meter.upDownCounter("u").with([:])
        change.add(.min + 5)
        for _ in 0..<100 { change.add(-1) }
        #expect(meter.value("u") == .int(.min))
    }

    @Test("floating-point sums stay finite")
    func numberEnds() {
        let total = meter.floatingPointCounter("f")
        let gauge = meter.gauge("g")
        let histogram = meter.histogram("h").with([:])
        for _ in 0..<600 {
            total.add(.greatestFiniteMagnitude)
            gauge.add(-.greatestFiniteMagnitude)
            histogram.record(.greatestFiniteMagnitude)
        }
        #expect(meter.value("f") == .double(.greatestFiniteMagnitude))
        #expect(meter.value("g") == .double(-.greatestFiniteMagnitude))
        #expect(meter.value("h")?.distribution?.sum == .greatestFiniteMagnitude)
        #expect(meter.value("h")?.distribution?.count == 600)
    }

    @Test("explicit bounds that are not finite and increasing are put in order, with a warning")
    func bounds() {
        meter.histogram("h", buckets: .explicit([5, 1, .infinity, .nan, 1, 10])).record(3)
        meter.histogram("i", buckets: .explicit([1, 2, .infinity])).record(3)
        meter.histogram("j", buckets: .explicit([])).record(3)
        #expect(meter.value("h")?.classic?.bounds == [1, 5, 10])
        #expect(meter.value("h")?.classic?.cumulativeCounts == [0, 1, 1])
        #expect(meter.value("i")?.classic?.bounds == [1, 2])
        #expect(meter.value("j")?.classic?.bounds == [])
        #expect(meter.value("j")?.classic?.count == 1)
        #expect(
            lines.all == [
                "warning: histogram 'h': its bounds are not finite numbers that increase; using 3 of 6 bounds in order"
            ]
        )
    }
}
