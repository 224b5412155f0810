import Foundation
import SpanKit
import SpanKitScenarios
import SpanKitShipping

/// The processor time of exporting many instruments every second: collecting, encoding, compressing and posting them.
enum MetricExportBenchmarks {
    private static let instruments = 1_000
    /// Each sample takes a second.
    private static let sampleCount = 5

    static func rows() throws -> [BenchmarkRow] {
        let receiver = SinkProcess()
        defer { receiver.stop() }
        return [
            try row(
                "1,000 instruments, a fifth of each kind",
                bar: 0.01,
                url: receiver.url
            ) { number in
                switch number % 5 {
                case 0: .counter
                case 1: .upDownCounter
                case 2: .gauge
                case 3: .observableGauge
                default: .histogram
                }
            },
            try row("1,000 counters", bar: nil, url: receiver.url) { _ in .counter },
            try row("1,000 histograms", bar: nil, url: receiver.url) { _ in .histogram },
        ]
    }

    private static func row(
        _ name: String,
        bar: Double?,
        url: String,
        kind: (Int) -> InstrumentKind
    ) throws -> BenchmarkRow {
        var exporter = OTLPExporter(url: "\(url)/v1/metrics")
        exporter.encoding = .protobuf
        var configuration = TelemetryConfiguration()
        configuration.shutsDownAtExit = false
        // The benchmark asks for each export, so that a sample contains exactly one.
        configuration.metricReaders = [MetricReaderConfiguration(exporter, interval: .seconds(3_600))]
        let telemetry = Telemetry.start(configuration, log: .silent)
        defer { telemetry.shutdownAndWait(within: .seconds(5)) }
        let recorders = (0..<instruments).map { recorder(of: kind($0), number: $0, telemetry.metrics) }
        for _ in 0..<300 { for record in recorders { record() } }
        telemetry.flushAndWait(within: .seconds(10))
        let samples = (0..<sampleCount).map { _ in
            for record in recorders { record() }
            let start = ContinuousClock.now
            let before = processorSeconds()
            usleep(990_000)
            telemetry.flushAndWait(within: .seconds(10))
            return BenchmarkRow.Sample(
                measured: processorSeconds() - before,
                reference: start.duration(to: .now) / .seconds(1)
            )
        }
        guard telemetry.metricsAccount.allSatisfy({ $0.exported >= UInt64(instruments * sampleCount) }) else {
            throw BenchmarkError("\(name): not all data points were exported")
        }
        return BenchmarkRow(
            "processor time of exporting \(name) / one second",
            unit: .seconds,
            bar: bar,
            isShare: true,
            runs: [samples]
        )
    }

    /// Creates an instrument with a series of two attributes.
    /// - Returns: a function that records a number.
    private static func recorder(of kind: InstrumentKind, number: Int, _ meter: TelemetryMeter) -> () -> Void {
        let name = "benchmark.instrument.\(number)"
        let attributes: Attributes = [
            "http.request.method": "GET", "http.response.status_code": .int(Int64(200 + number % 5)),
        ]
        switch kind {
        case .counter, .observableCounter:
            let series = meter.counter(name, unit: "{request}", description: "Requests.").with(attributes)
            return { series.add(1) }
        case .upDownCounter, .observableUpDownCounter:
            let series = meter.upDownCounter(name, unit: "{connection}", description: "Connections.").with(attributes)
            return { series.add(1) }
        case .gauge:
            let series = meter.gauge(name, unit: "By", description: "Memory.").with(attributes)
            return { series.set(Double(number) + 0.5) }
        case .observableGauge:
            meter.observableGauge(name, unit: "By", description: "Memory.") { observer in
                observer.observe(Double(number) + 0.5, attributes: attributes)
            }
            return {}
        case .histogram:
            let series = meter.histogram(name, unit: "s", description: "Durations.").with(attributes)
            var state = UInt64(number)
            return {
                // Between 0.5 and 16 ms: five octaves.
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                series.record(0.0005 * exp2(Double(state >> 40) / Double(1 << 24) * 5))
            }
        }
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
