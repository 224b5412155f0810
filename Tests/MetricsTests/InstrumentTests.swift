import SpanKitOTLP
import SpanKitRecording
import Testing

@testable import SpanKitMetrics

@Suite("Instruments")
struct InstrumentTests {
    let lines = LogLines()
    let meter: TelemetryMeter

    init() { meter = TelemetryMeter(log: lines.log) }

    @Test("a counter adds up all amounts of a series")
    func counter() {
        let requests = meter.counter("http.server.requests", unit: "{request}", description: "Requests.")
        let get = requests.with(["http.request.method": "GET"])
        get.add(2)
        requests.add(3, attributes: ["http.request.method": "GET"])
        requests.add(1, attributes: ["http.request.method": "PUT"])
        let metric = meter.collect().first
        #expect(metric?.name == "http.server.requests")
        #expect(metric?.unit == "{request}")
        #expect(metric?.description == "Requests.")
        #expect(metric?.kind == .sum(isMonotonic: true))
        #expect(metric?.temporality == .cumulative)
        #expect(metric?.points.map(\.value) == [.int(5), .int(1)])
        #expect(metric?.points.first?.attributes == [Attribute("http.request.method", "GET")])
        #expect(lines.all == [])
    }

    @Test("a counter is exported with 0 from the moment when its series is made")
    func zero() {
        let requests = meter.counter("requests")
        #expect(meter.collect().isEmpty)
        _ = requests.with([:])
        #expect(meter.value("requests") == .int(0))
    }

    @Test("floating-point and up-down counters, and gauges")
    func others() {
        let energy = meter.floatingPointCounter("energy", unit: "J")
        energy.add(0.5)
        energy.with([:]).add(0.25)
        let open = meter.upDownCounter("connections")
        open.add(3)
        open.add(-5)
        let gauge = meter.gauge("temperature")
        let room = gauge.with(["room": "kitchen"])
        #expect(meter.metric("temperature") == nil, "a gauge without a value has no point")
        room.set(20.5)
        room.add(1)
        gauge.add(-2)
        #expect(meter.value("energy") == .double(0.75))
        #expect(meter.metric("connections")?.kind == .sum(isMonotonic: false))
        #expect(meter.value("connections") == .int(-2))
        #expect(meter.metric("temperature")?.kind == .gauge)
        #expect(meter.value("temperature", [Attribute("room", "kitchen")]) == .double(21.5))
        #expect(meter.value("temperature") == .double(-2))
    }

    @Test("the order of attributes does not matter, and of a key that occurs twice the last value counts")
    func sets() {
        let counter = meter.counter("c")
        counter.add(1, attributes: ["a": 1, "b": "x"])
        counter.add(2, attributes: ["b": "x", "a": 1])
        counter.add(4, attributes: ["a": 7, "b": "x", "a": 1])
        counter.add(8, attributes: ["b": "x", "": "no key", "a": 1])
        counter.with(["a": 1, "b": "x", "b": "x"]).add(16)
        #expect(meter.metric("c")?.points.map(\.value) == [.int(31)])
        #expect(meter.metric("c")?.points.first?.attributes == [Attribute("a", 1), Attribute("b", "x")])
    }

    @Test("attributes with NaN have one series")
    func nan() {
        let counter = meter.counter("c")
        for _ in 0..<3 {
            counter.add(1, attributes: ["a": .double(.nan), "b": .array([.double(.nan)])])
        }
        #expect(meter.metric("c")?.points.map(\.value) == [.int(3)])
    }

    @Test("values of different types and texts with equivalent characters are different attributes")
    func types() {
        let counter = meter.counter("c")
        let values: [AttributeValue] = [1, 1.0, "1", true, .bytes([1]), [1], .null, "é", "e\u{301}"]
        for value in values { counter.add(1, attributes: ["a": value]) }
        #expect(meter.metric("c")?.points.count == values.count)
        #expect(meter.metric("c")?.points.allSatisfy { $0.value == .int(1) } == true)
    }

    @Test("the same name, unit and kind are one instrument in any case, and the first spelling is exported")
    func identity() {
        meter.counter("Requests", unit: "{request}").add(1)
        meter.counter("requests", unit: "{request}").add(2)
        meter.counter("REQUESTS", unit: "{request}", description: "").add(4)
        let metrics = meter.collect()
        #expect(metrics.map(\.name) == ["Requests"])
        #expect(metrics.first?.points.map(\.value) == [.int(7)])
        #expect(lines.all == [])
    }

    @Test("other kinds, units and number types of one name are exported and logged once")
    func conflicts() {
        for _ in 0..<3 {
            meter.counter("size", unit: "By").add(1)
            meter.counter("size", unit: "KiBy").add(1)
            meter.floatingPointCounter("size", unit: "By").add(1)
            meter.gauge("Size", unit: "By").set(1)
            meter.counter("size", unit: "By", description: "Another description.").add(1)
            meter.histogram("time", buckets: .explicit([1])).record(1)
            meter.histogram("time", buckets: .explicit([2])).record(1)
        }
        #expect(meter.collect().map(\.name) == ["size", "size", "size", "Size", "time"])
        #expect(meter.collect().first?.points.map(\.value) == [.int(6)])
        #expect(
            lines.all == [
                "warning: instrument 'size' is a counter with the unit 'KiBy', but also a counter with the unit 'By'; both are exported, but receivers may refuse or mix them: give each its own name",
                "warning: instrument 'size' is a counter of floating-point numbers with the unit 'By', but also a counter with the unit 'By'; both are exported, but receivers may refuse or mix them: give each its own name",
                "warning: instrument 'Size' is a gauge with the unit 'By', but also a counter with the unit 'By'; both are exported, but receivers may refuse or mix them: give each its own name",
                "warning: instrument 'size' was created twice with different descriptions; using the first, ''",
                "warning: histogram 'time' was created twice with different buckets; using the first",
            ]
        )
    }

    @Test(
        "names and units that OpenTelemetry does not allow are exported and logged once",
        arguments: [
            ("", ""), ("1st", ""), ("with space", ""), ("naïve", ""), (String(repeating: "n", count: 256), ""),
            (String(repeating: "n", count: 1_000_000), ""), ("ok", String(repeating: "u", count: 64)), ("ok", "µs"),
        ]
    )
    func badNames(name: String, unit: String) {
        for _ in 0..<3 { meter.counter(name, unit: unit).add(1) }
        #expect(meter.collect().map(\.name) == [name])
        #expect(meter.value(name) == .int(3))
        #expect(lines.all.count == 1)
        #expect(lines.all.allSatisfy { $0.utf8.count < 800 })
    }

    @Test(
        "good names are not logged",
        arguments: ["a", "http.server-requests/total_1", String(repeating: "n", count: 255)]
    )
    func goodNames(name: String) {
        meter.counter(name, unit: String(repeating: "u", count: 63)).add(1)
        #expect(lines.all == [])
    }

    @Test("a meter that is off records nothing")
    func off() {
        let meter = TelemetryMeter.off
        meter.counter("c").add(1)
        meter.histogram("h").with(["a": 1]).record(1)
        meter.gauge("g").set(1)
        meter.observableGauge("o") { $0.observe(1) }
        #expect(meter.collect().isEmpty)
        #expect(meter.refusedMeasurementCount == 0)
    }

    @Test("instruments can be used after their meter is gone, and a meter and its instruments are freed")
    func end() {
        weak var state: MeterState?
        do {
            let counter: CounterSeries
            let histogram: HistogramInstrument
            do {
                let meter = TelemetryMeter(log: lines.log)
                state = meter.state
                counter = meter.counter("c").with(["a": 1])
                histogram = meter.histogram("h")
                meter.observableGauge("g") { $0.observe(1) }
                _ = meter.collect()
            }
            counter.add(1)
            histogram.record(1)
            #expect(state != nil)
        }
        #expect(state == nil)
    }
}
