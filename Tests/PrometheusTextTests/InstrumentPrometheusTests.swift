import Foundation
import SpanKitMetrics
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitTestSupport
import Testing

@Suite("Instruments in a real Prometheus", .generousTimeLimit)
struct InstrumentPrometheusTests {
    /// What `Oracle/instruments.py` compares with.
    private struct Measured: Encodable {
        struct Distribution: Encodable {
            var labels: [String: String]
            var values: [Double] = []
            /// The name of the family of quantiles.
            var quantiles: String?
        }

        struct Total: Encodable {
            var labels: [String: String] = [:]
            var value: Double
        }

        var histograms: [String: [Distribution]]
        var totals: [String: [Total]] = [:]
        var steps: [String: [Double]] = [:]
    }

    private static let durations = "http_server_request_duration_seconds"

    @Test(
        "every sample of a program's instruments is served, with the quantiles and rates that Python computes from all measured values",
        .needs(.prometheus, .nodeExporter)
    )
    func instruments() async throws {
        let directory = TemporaryFolder()
        defer { directory.remove() }
        let meter = TelemetryMeter(log: .silent)
        let requests = meter.counter("http.server.requests", unit: "{request}", description: "Requests \\ by\nmethod.")
        let energy = meter.floatingPointCounter("energy", unit: "J")
        let connections = meter.upDownCounter("connections", unit: "{connection}")
        let temperature = meter.gauge("temperature", unit: "Cel", description: "Degrees.")
        let duration = meter.histogram("http.server.request.duration", unit: "s", description: "Durations.")
        let wait = meter.histogram("queue.wait", unit: "ms", buckets: .explicit([5, 10, 100, 1_000]))
        meter.observableGauge("free", unit: "By") { $0.observe(12_345, attributes: ["disk": "/dev/\"a\\b\""]) }
        let text = InstrumentText { Issue.record("\($0)") }
        let writer = TextfileWriterTests.writer(directory.path, collect: { text.metrics(of: meter.collect()) })

        let methods = ["GET", "PUT \"x\""]
        var measured = Measured(
            histograms: [
                Self.durations: methods.map {
                    .init(
                        labels: ["http_request_method": $0],
                        quantiles: "http_server_request_duration_quantile_seconds"
                    )
                },
                "queue_wait_milliseconds": [.init(labels: ["queue": "mail"])],
            ]
        )
        var random = SplitMix64(seed: 19)
        func measure(_ count: Int) {
            for number in 0..<count {
                let which = number % 3 == 0 ? 1 : 0
                let seconds = number % 50 == 0 ? 0 : exp2(Double.random(in: -12...3, using: &random))
                let attributes: Attributes = ["http.request.method": .string(methods[which])]
                duration.record(seconds, attributes: attributes)
                measured.histograms[Self.durations]?[which].values.append(seconds)
                requests.add(1, attributes: attributes)
                let milliseconds = Double(Int.random(in: 0...2_000, using: &random))
                wait.record(milliseconds, attributes: ["queue": "mail"])
                measured.histograms["queue_wait_milliseconds"]?[0].values.append(milliseconds)
                energy.add(0.25)
                connections.add(number.isMultiple(of: 2) ? 3 : -1)
                temperature.set(Double(number) - 273.15)
            }
        }

        measure(1_200)
        #expect(writer.writeNow())
        let exporter = try await NodeExporter(directory: directory.path)
        defer { exporter.stop() }
        let prometheus = try await PrometheusServer(scraping: exporter)
        defer { prometheus.stop() }
        try await prometheus.query("energy_joules_total") { $0.first?.value == 300 }
        measure(600)
        #expect(writer.writeNow())
        try await prometheus.query("energy_joules_total") { $0.first?.value == 450 }

        measured.totals = [
            "http_server_requests_total": [
                .init(labels: ["http_request_method": methods[0]], value: 1_200),
                .init(labels: ["http_request_method": methods[1]], value: 600),
            ],
            "energy_joules_total": [.init(value: 450)], "connections": [.init(value: 1_800)],
            "temperature_celsius": [.init(value: 599 - 273.15)], "free_bytes": [.init(value: 12_345)],
        ]
        measured.steps = [
            "http_server_requests_total": [800, 400, 1_200, 600], "energy_joules_total": [300, 450],
            "\(Self.durations)_count": [800, 400, 1_200, 600], "queue_wait_milliseconds_count": [1_200, 1_800],
        ]
        let file = directory.path + "/measured.json"
        try JSONEncoder().encode(measured).write(to: URL(filePath: file))
        let run = try await Command.run(
            program: "/usr/bin/env",
            [
                "python3", PackageFiles.url("Tests/PrometheusTextTests/Oracle/instruments.py").path, prometheus.url,
                "\(directory.path)/app.prom", file,
            ]
        )
        #expect(run.status == 0, "\(run.output)\(run.error)")
        #expect(run.output.contains("values compared, 0 wrong"), "\(run.output)")
    }
}
