import CSpanKitAllocations
import SpanKitMetrics
import SpanKitRecording
import Testing

@Suite(
    "Instruments do not allocate memory after warm-up",
    .enabled(if: spankit_allocations_are_counted(), "a sanitizer is on")
)
struct AllocationTests {
    @Test(
        "records of series that were looked up once do not allocate, in a sampled span",
        arguments: ExemplarFilter.allCases
    )
    func records(filter: ExemplarFilter) {
        var configuration = MeterConfiguration()
        configuration.exemplarFilter = filter
        let meter = TelemetryMeter(configuration, log: .silent)
        let counter = meter.counter("c").with(["a": 1])
        let plain = meter.counter("p")
        let total = meter.floatingPointCounter("f").with(["a": 1])
        let change = meter.upDownCounter("u").with(["a": 1])
        let gauge = meter.gauge("g").with(["a": 1])
        let histogram = meter.histogram("h").with(["a": 1])
        let explicit = meter.histogram("e", buckets: .explicit([1, 10, 100])).with(["a": 1])
        func record() {
            for index in 0..<2_000 {
                counter.add(1)
                plain.add(1)
                total.add(0.5)
                change.add(-1)
                gauge.set(Double(index))
                histogram.record(Double(index - 10))
                explicit.record(Double(index))
            }
        }
        let profiler = PerformanceProfiler(.on, log: .silent)
        let allocated = profiler.profile("span") { _ in
            // The first numbers of a thread are counted in a shared histogram, so that its own has all buckets after two rounds.
            record()
            record()
            let before = spankit_allocation_count()
            record()
            return spankit_allocation_count() - before
        }
        #expect(allocated == 0)
    }
}
