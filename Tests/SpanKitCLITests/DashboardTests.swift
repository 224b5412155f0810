import Foundation
import SpanKitTestSupport
import Testing

@Suite("The dashboard", .generousTimeLimit)
struct DashboardTests {
    /// What is used of Grafana's format.
    private struct Dashboard: Decodable {
        struct Panel: Decodable {
            struct Target: Decodable {
                let expr: String
                let legendFormat: String
            }

            struct Place: Decodable {
                let h: Int
                let w: Int
                let x: Int
                let y: Int
            }

            let id: Int
            let type: String
            let title: String
            let description: String?
            let gridPos: Place
            let targets: [Target]?
        }

        struct Variables: Decodable {
            struct Variable: Decodable {
                let name: String
                let definition: String?
            }

            let list: [Variable]
        }

        let uid: String
        let schemaVersion: Int
        let panels: [Panel]
        let templating: Variables

        static func read() throws -> Dashboard {
            let url = PackageFiles.url("collector-config/grafana/spankit-dashboard.json")
            return try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: url))
        }
    }

    @Test("Panels have unique ids and descriptions, fit the grid and do not overlap")
    func layout() throws {
        let panels = try Dashboard.read().panels
        #expect(Set(panels.map(\.id)).count == panels.count && panels.count > 15)
        var cells: Set<[Int]> = []
        for panel in panels {
            let place = panel.gridPos
            #expect(place.x >= 0 && place.x + place.w <= 24, "\(panel.title)")
            for x in place.x..<(place.x + place.w) {
                for y in place.y..<(place.y + place.h) { #expect(cells.insert([x, y]).inserted, "\(panel.title)") }
            }
            #expect(panel.type == "row" || panel.description?.isEmpty == false, "\(panel.title)")
        }
    }

    @Test(
        "Every query of every panel returns data, and every legend has its labels",
        .needs(.prometheus, .nodeExporter)
    )
    func queries() async throws {
        let dashboard = try Dashboard.read()
        try await withTemporaryDirectory { directory in
            let textfiles = directory.appending(path: "textfiles")
            try FileManager.default.createDirectory(at: textfiles, withIntermediateDirectories: false)
            let exporter = try await NodeExporter(directory: textfiles.path)
            defer { exporter.stop() }
            let prometheus = try await PrometheusServer(scraping: exporter)
            defer { prometheus.stop() }
            try await Self.makeMetrics(in: directory, textfiles: textfiles, prometheus)

            for panel in dashboard.panels {
                for target in panel.targets ?? [] {
                    let expression = target.expr
                        .replacing("$__rate_interval", with: "2m").replacing("$process", with: ".*")
                        .replacing("$operation", with: ".*").replacing("$counter", with: "shop_orders_total")
                        .replacing("$histogram", with: "shop_order_duration_seconds_bucket")
                        .replacing("$gauge", with: "shop_queue_length")
                    #expect(!expression.contains("$"), "\(panel.title)")
                    let answer = try prometheus.query(expression)
                    #expect(answer.contains { $0.value.isFinite }, "\(panel.title): \(expression): \(answer)")
                    let labels = target.legendFormat.matches(of: /{{(\w+)}}/).map { String($0.1) }
                    for label in labels {
                        #expect(answer.contains { $0.labels[label] != nil }, "\(panel.title): \(label)")
                    }
                    guard labels.contains("gen_ai_request_model") else { continue }
                    // Those of version 1.41.1 and of version 0.1.0 of the conventions.
                    let models = Set(answer.compactMap { $0.labels["gen_ai_request_model"] })
                    #expect(models.isSuperset(of: ["large", "small"]), "\(panel.title): \(models)")
                }
            }
            for variable in dashboard.templating.list {
                guard let definition = variable.definition else { continue }
                let match = try #require(definition.firstMatch(of: /label_values\((.+), (\w+)\)/))
                let answer = try prometheus.query(String(match.1).replacing("$process", with: ".*"))
                #expect(answer.contains { $0.labels[String(match.2)] != nil }, "\(variable.name)")
            }
        }
    }

    /// OTLP data of a program's instruments after a number of orders.
    private static func instruments(orders count: Int) -> String {
        let data = "\"aggregationTemporality\":2,\"dataPoints\""
        return
            "{\"resourceMetrics\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"shop\"}}]},"
            + "\"scopeMetrics\":[{\"metrics\":[{\"name\":\"shop.orders\",\"sum\":{\"isMonotonic\":true,\(data):[{\"asInt\":\"\(count)\"}]}},"
            + "{\"name\":\"shop.queue.length\",\"gauge\":{\"dataPoints\":[{\"asInt\":\"\(count)\"}]}},"
            + "{\"name\":\"shop.order.duration\",\"unit\":\"s\",\"exponentialHistogram\":{\(data):[{\"count\":\"\(count)\",\"sum\":9,"
            + "\"scale\":3,\"positive\":{\"offset\":-4,\"bucketCounts\":[\"\(count)\"]}}]}}]}]}]}\n"
    }

    /// A run whose receiver refuses some of its spans, and calls of a language model from a file, each while Prometheus looks.
    private static func makeMetrics(in directory: URL, textfiles: URL, _ prometheus: PrometheusServer) async throws {
        let receiver = try FaultServer(.status(400), .ok)
        defer { receiver.stop() }
        let calls = (0..<20).map { SampleLines.call("large", number: $0, seconds: 1.5, input: 900, output: 150) }
        let newCalls = (0..<20).map { SampleLines.call("small", number: $0, seconds: 1.5, input: 900, output: 150) }
        for count in [5, 20] {
            let lines = try SampleLines.line(service: "shop", Array(calls[..<count])) + instruments(orders: count)
            try lines.write(to: directory.appending(path: "calls.jsonl"), atomically: true, encoding: .utf8)
            let make = try await SpanKitProcess.run(
                "prom",
                "calls.jsonl",
                "--out",
                "textfiles/shop.prom",
                in: directory
            )
            #expect(make.status == 0, "\(make.error)")
            let series = "gen_ai_client_operation_duration_seconds_count"
            try await prometheus.query(series) { $0.first?.value == Double(count) }
            try SampleLines.line(service: "assistant", Array(newCalls[..<count]))
                .write(to: directory.appending(path: "new.jsonl"), atomically: true, encoding: .utf8)
            let new = try await SpanKitProcess.run(
                "prom",
                "new.jsonl",
                "--out",
                "textfiles/assistant.prom",
                in: directory,
                environment: ["OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental"]
            )
            #expect(new.status == 0, "\(new.error)")
            try await prometheus.query("gen_ai_client_inference_duration_seconds_count") {
                $0.first?.value == Double(count)
            }
        }
        let metricReceiver = try FaultServer(.ok)
        defer { metricReceiver.stop() }
        let run = try await SpanKitProcess(
            [
                "profile", "--latency-scale", "0.04", "--quiet", "--prom", textfiles.path, "--otlp-endpoint",
                receiver.url,
            ],
            in: directory,
            environment: [
                "OTEL_METRIC_EXPORT_INTERVAL": "200", "OTEL_BSP_SCHEDULE_DELAY": "200", "OTEL_METRICS_EXPORTER": "otlp",
                "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "\(metricReceiver.url)/v1/metrics",
            ]
        ).finish()
        #expect(run.status == 0, "\(run.error)")
        let messages = "spankit_span_calls_total{operation=\"conversation_processing_total\", status=\"ok\"}"
        try await prometheus.query(messages) { $0.first?.value == 39 }
    }
}
