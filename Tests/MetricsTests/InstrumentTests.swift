import SpanKitMetrics
import SpanKitOTLP
import SpanKitRecording
import Testing

@Suite("Instruments")
struct InstrumentTests {
    let meter = TelemetryMeter(log: .silent)

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
        #expect(metric?.points.map(\.value) == [.int(5), .int(1)])
        #expect(metric?.points.first?.attributes == [Attribute("http.request.method", "GET")])
    }
}
