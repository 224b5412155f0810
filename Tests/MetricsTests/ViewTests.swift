import SpanKitMetrics
import SpanKitOTLP
import SpanKitRecording
import Testing

@Suite("Views")
struct ViewTests {
    let lines = LogLines()

    private func meter(_ views: [MetricView]) -> TelemetryMeter {
        var configuration = MeterConfiguration()
        configuration.views = views
        return TelemetryMeter(configuration, log: lines.log)
    }

    @Test("all conditions of a selector have to match, and names match in any case")
    func selectors() {
        let renamed = MetricView.Stream(name: "renamed")
        let cases: [(MetricView.Selector, Bool)] = [
            (.init(), true), (.init(instrumentName: "*"), true), (.init(instrumentName: "HTTP.server.r?quests"), true),
            (.init(instrumentName: "http.*"), true), (.init(instrumentName: "http"), false),
            (.init(instrumentKind: .counter), true), (.init(instrumentKind: .gauge), false), (.init(unit: "By"), true),
            (.init(unit: "by"), false), (.init(instrumentName: "*", instrumentKind: .counter, unit: "s"), false),
        ]
        for (selector, matches) in cases {
            let meter = meter([MetricView(selector, renamed)])
            meter.counter("http.server.requests", unit: "By").add(1)
            #expect(meter.collect().map(\.name) == [matches ? "renamed" : "http.server.requests"], "\(selector)")
        }
    }

    @Test("each matching view makes a stream")
    func streams() {
        let meter = meter([
            MetricView(.init(instrumentName: "time"), .init(name: "time.sum", description: "Sum.", aggregation: .sum)),
            MetricView(.init(instrumentName: "time"), .init(name: "time.last", aggregation: .lastValue)),
            MetricView(.init(instrumentName: "time"), .init(name: "time.buckets", aggregation: .explicitBuckets([2]))),
            MetricView(.init(instrumentName: "t*"), .init(aggregation: .drop)),
            MetricView(
                .init(instrumentName: "requests"),
                .init(name: "requests.sizes", aggregation: .exponentialBuckets())
            ),
        ])
        let time = meter.histogram("time", unit: "s", description: "Time.")
        let series = time.with(["a": 1])
        for value in [1, 2, 3] as [Double] { series.record(value) }
        meter.counter("requests").add(8)
        meter.counter("total").add(1)
        let metrics = meter.collect()
        #expect(metrics.map(\.name) == ["time.sum", "time.last", "time.buckets", "requests.sizes"])
        #expect(metrics.map(\.description) == ["Sum.", "Time.", "Time.", ""])
        #expect(metrics.map(\.kind) == [.sum(isMonotonic: true), .gauge, .histogram, .exponentialHistogram])
        #expect(metrics[0].points.map(\.value) == [.double(6)])
        #expect(metrics[1].points.map(\.value) == [.double(3)])
        #expect(metrics[2].points.first?.value.classic?.bucketCounts == [2, 1])
        #expect(metrics[3].points.first?.value.distribution?.sum == 8)
        series.record(-1)
        #expect(
            meter.value("time.sum", [Attribute("a", 1)]) == .double(6),
            "a sum that only increases takes no negative values"
        )
        #expect(meter.refusedMeasurementCount == 1)
    }

    @Test(
        "measurements whose kept attributes are equal are combined, and excluded keys are left out even if they are included"
    )
    func keys() {
        let meter = meter([
            MetricView(
                .init(instrumentName: "c"),
                .init(attributeKeys: .init(included: ["a", "b"], excluded: ["b"]), cardinalityLimit: 2)
            )
        ])
        let counter = meter.counter("c")
        for index in 0..<3_000 {
            counter.add(1, attributes: ["a": 1, "b": .int(Int64(index)), "c": .int(Int64(index))])
        }
        counter.with(["a": 2, "z": 1]).add(4)
        counter.add(8)
        let points = meter.metric("c")?.points ?? []
        #expect(
            points.map(\.attributes) == [
                [Attribute("a", 1)], [Attribute("a", 2)], [Attribute("otel.metric.overflow", true)],
            ]
        )
        #expect(points.map(\.value) == [.int(3_000), .int(4), .int(8)])
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.contains("more than 2 sets") == true)
    }

    @Test("an observable instrument can only be dropped or exported as it is")
    func observable() {
        let meter = meter([MetricView(.init(instrumentName: "o*"), .init(aggregation: .explicitBuckets([1])))])
        meter.observableGauge("other") { $0.observe(1) }
        #expect(meter.metric("other")?.kind == .gauge)
        #expect(lines.all.count == 1)
    }
}
