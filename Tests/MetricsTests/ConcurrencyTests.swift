import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitMetrics

@Suite("Instruments used by many threads")
struct ConcurrencyTests {
    let meter = TelemetryMeter(log: .silent)

    @Test("no increment is lost, and no instrument or series is made twice")
    func totals() throws {
        let perThread = 5_000
        let collected = Locked(0)
        OperatingSystemThread.run(6) {
            for index in 0..<perThread {
                let number = Int64(index % 7)
                meter.counter("c").add(1, attributes: ["number": .int(number)])
                meter.counter("c").add(1)
                meter.floatingPointCounter("f").add(0.5, attributes: ["number": .int(number)])
                meter.upDownCounter("u").add(index % 2 == 0 ? 3 : -2)
                meter.gauge("g").add(1)
                if index % 1_000 == 0 { collected.withLock { $0 += meter.collect().count } }
            }
        }
        let total = Double(6 * perThread)
        func sum(_ name: String) -> Double? { meter.metric(name)?.points.compactMap(\.value.number).reduce(0, +) }
        #expect(meter.collect().map(\.name).sorted() == ["c", "f", "g", "u"])
        #expect(meter.metric("c")?.points.count == 8)
        #expect(sum("c") == 2 * total)
        #expect(sum("f") == total / 2)
        #expect(sum("u") == total / 2)
        #expect(sum("g") == total)
    }

    @Test("series that are removed, made again and reset while others count do not disturb each other")
    func lives() throws {
        let steady = meter.counter("steady").with(["a": 1])
        let histogram = meter.histogram("histogram")
        let kept = histogram.with(["kept": true])
        let rounds = 400
        OperatingSystemThread.run(4) {
            for index in 0..<rounds {
                steady.add(1)
                let series = histogram.with(["index": .int(Int64(index % 5))])
                for _ in 0..<20 {
                    series.record(Double(index))
                    kept.record(-1)
                }
                if index % 3 == 0 { series.reset() }
                if index % 2 == 0 { series.remove() }
                let counter = meter.counter("short").with(["index": .int(Int64(index % 3))])
                counter.add(1)
                counter.remove()
                counter.add(1)
                if index % 50 == 0 { _ = meter.collect() }
            }
        }
        #expect(meter.value("steady", [Attribute("a", 1)]) == .int(Int64(4 * rounds)))
        #expect(meter.value("histogram", [Attribute("kept", true)])?.distribution?.count == UInt64(4 * rounds * 20))
    }

    @Test("the memory of removed series is used again")
    func memory() throws {
        let memory = CellMemory(stripes: 2)
        var cells = (0..<600).compactMap { _ in StripedCell(memory) }
        let addresses = Set(cells.map(\.address))
        #expect(addresses.count == 600)
        for cell in cells { cell.add(Int64(7)) }
        cells = []
        let again = (0..<600).compactMap { _ in StripedCell(memory) }
        #expect(
            Set(again.map(\.address)).subtracting(addresses).count <= 424,
            "new cells are used only after free ones"
        )
        #expect(again.allSatisfy { $0.integer == 0 })
    }

    @Test("cells of different stripes are in different cache lines, and threads are spread over the stripes")
    func stripes() {
        #expect(CellMemory.defaultStripes.nonzeroBitCount == 1)
        let memory = CellMemory(stripes: 4)
        #expect(memory.stripeMask == 3 * UInt(CellMemory.stripeBytes))
        guard let cell = StripedCell(memory) else { return }
        OperatingSystemThread.run(4) { cell.add(Int64(1)) }
        #expect(cell.integer == 4)
    }
}
