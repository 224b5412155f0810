import SpanKitMetrics
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@Suite("Exemplars")
struct ExemplarTests {
    private func meter(_ filter: ExemplarFilter = .traceBased, views: [MetricView] = []) -> TelemetryMeter {
        var configuration = MeterConfiguration()
        configuration.exemplarFilter = filter
        configuration.views = views
        return TelemetryMeter(configuration, log: .silent)
    }

    /// Runs `body` in a span and returns its context.
    private func inSpan(_ profiler: PerformanceProfiler, _ body: () -> Void) -> SpanContext {
        profiler.profile("request") { span in
            body()
            return span.context
        }
    }

    @Test("counters and histograms have an exemplar of a sampled span, with its ids and a time in the window")
    func sampled() throws {
        let meter = meter()
        let counter = meter.counter("c").with(["a": 1])
        let total = meter.floatingPointCounter("f").with(["a": 1])
        let histogram = meter.histogram("h").with(["a": 1])
        let explicit = meter.histogram("e", buckets: .explicit([1, 2])).with(["a": 1])
        let start = UnixTime.nanoseconds()
        let context = inSpan(PerformanceProfiler(.on, log: .silent)) {
            counter.add(3)
            total.add(0.5)
            histogram.record(1.25)
            explicit.record(3)
        }
        let points = meter.collect().compactMap(\.points.first)
        let exemplars = try points.map { try #require($0.exemplars.first) }
        #expect(points.map(\.exemplars.count) == [1, 1, 1, 1])
        #expect(exemplars.map(\.value) == [.int(3), .double(0.5), .double(1.25), .double(3)])
        for exemplar in exemplars {
            #expect(exemplar.traceID == context.traceID)
            #expect(exemplar.spanID == context.spanID)
            #expect(exemplar.filteredAttributes == [])
            #expect(start...UnixTime.nanoseconds() ~= exemplar.time)
        }
        #expect(meter.collect().allSatisfy { $0.points.allSatisfy { $0.exemplars.isEmpty } }, "each is exported once")
    }

    @Test("exemplars that are not taken stay for the next collection")
    func untaken() {
        let meter = meter(.alwaysOn)
        meter.counter("c").add(1)
        #expect(meter.collect(takesExemplars: false).first?.points.first?.exemplars.isEmpty == true)
        #expect(meter.collect().first?.points.first?.exemplars.count == 1)
    }

    @Test("measurements outside of sampled spans are exemplars only with the filter always_on")
    func filters() {
        for (filter, inside, outside) in [(ExemplarFilter.traceBased, 0, 0), (.alwaysOn, 1, 1), (.alwaysOff, 0, 0)] {
            let meter = meter(filter)
            let histogram = meter.histogram("h").with([:])
            _ = inSpan(PerformanceProfiler(.off)) { histogram.record(1) }
            #expect(meter.point("h")?.exemplars.count == inside)
            for _ in 0..<1_000 { histogram.record(1) }
            #expect((meter.point("h")?.exemplars.count ?? 0) >= outside)
            _ = inSpan(PerformanceProfiler(.on, log: .silent)) { histogram.record(1) }
            #expect((meter.point("h")?.exemplars.isEmpty == true) == (filter == .alwaysOff))
        }
    }

    @Test("gauges and up-down counters have none")
    func others() {
        let meter = meter(.alwaysOn)
        meter.gauge("g").set(1)
        meter.upDownCounter("u").add(1)
        #expect(meter.collect().allSatisfy { $0.points.allSatisfy { $0.exemplars.isEmpty } })
    }

    @Test("reservoirs are bounded: 1 for a sum, 20 for exponential buckets, 1 for each explicit bucket")
    func bounded() throws {
        let meter = meter(.alwaysOn)
        let counter = meter.counter("c").with([:])
        let histogram = meter.histogram("h").with([:])
        let explicit = meter.histogram("e", buckets: .explicit([10, 20])).with([:])
        for round in 1...3 {
            for index in 0..<5_000 {
                counter.add(Int64(index))
                histogram.record(Double(index % 100))
                explicit.record(Double(index % 40))
            }
            let points = meter.collect().compactMap(\.points.first)
            #expect(points[0].exemplars.count == 1)
            #expect((10...20).contains(points[1].exemplars.count), "round \(round)")
            #expect(points[2].exemplars.count <= 3)
            let values = points[2].exemplars.compactMap { exemplar -> Double? in
                if case .double(let value) = exemplar.value { value } else { nil }
            }
            #expect(values == values.sorted())
            let buckets = values.map { value in [10, 20].firstIndex { value <= $0 } ?? 2 }
            #expect(Set(buckets).count == buckets.count)
        }
    }

    @Test("attributes that a view leaves out are in the exemplar")
    func filteredAttributes() throws {
        let meter = meter(.alwaysOn, views: [MetricView(.init(), .init(attributeKeys: .init(excluded: ["user"])))])
        meter.counter("c").add(1, attributes: ["user": "ann", "method": "GET"])
        let point = try #require(meter.collect().first?.points.first)
        #expect(point.attributes == [Attribute("method", "GET")])
        #expect(point.exemplars.map(\.filteredAttributes) == [[Attribute("user", "ann")]])
    }

    @Test("a series finds sampled spans that are rare")
    func rare() {
        let meter = meter()
        let counter = meter.counter("c").with([:])
        let profiler = PerformanceProfiler(.on, log: .silent)
        var found = 0
        for _ in 0..<50 {
            for index in 0..<200 {
                if index % 10 == 9 { _ = inSpan(profiler) { counter.add(1) } } else { counter.add(1) }
            }
            found += meter.point("c")?.exemplars.count ?? 0
        }
        #expect(found == 50)
    }
}
