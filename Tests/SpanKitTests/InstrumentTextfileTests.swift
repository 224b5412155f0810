import SpanKit
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@Suite("Instruments in the textfile")
struct InstrumentTextfileTests {
    @Test(
        "a program's instruments are in its file; one that cannot be written does not cost the others, and is named once"
    )
    func instruments() async throws {
        let directory = TemporaryFolder()
        var configuration = TelemetryConfiguration()
        configuration.exporters = []
        configuration.shutsDownAtExit = false
        configuration.redaction = .standard
        configuration.textfile = TextfileConfiguration(directory: directory.path, processName: "shop")
        let lines = Locked<[String]>([])
        let telemetry = Telemetry.start(
            configuration,
            log: ProfilerLog { _, line in lines.withLock { $0.append(line) } }
        )
        let orders = telemetry.metrics.counter("shop.orders", unit: "{order}", description: "Orders.")
        orders.add(3, attributes: ["customer": "anna@example.com"])
        telemetry.metrics.histogram("shop.order.duration", unit: "s", description: "Durations.").record(0.25)
        telemetry.metrics.gauge("shop.queue", description: "Waiting.").set(2)
        telemetry.metrics.gauge("shop_queue", description: "Waiting.").set(4)
        telemetry.metrics.counter("spankit.span.calls", description: "Not ours.").add(1)
        _ = telemetry.profiler.profile("work") { 1 }
        await telemetry.shutdown(within: .generous)
        let text = String(decoding: try #require(directory.content(of: "shop.prom")), as: UTF8.self)
        #expect(
            text.contains(
                "# HELP shop_orders_total Orders.\n# TYPE shop_orders_total counter\nshop_orders_total{customer="
            )
        )
        #expect(!text.contains("anna@example.com"))
        #expect(text.contains("shop_order_duration_seconds_bucket{process=\"shop\",le=\"0.25\"} 1\n"))
        #expect(text.contains("shop_order_duration_seconds_bucket{process=\"shop\",le=\"0.125\"} 0\n"))
        #expect(text.contains("shop_order_duration_quantile_seconds{process=\"shop\",quantile=\"0.99\"} 0.25\n"))
        #expect(text.contains("\nshop_queue{process=\"shop\"} 2\n"))
        #expect(text.contains("spankit_span_calls_total{operation=\"work\",process=\"shop\",status=\"ok\"} 1\n"))
        let said = lines.withLock { $0 }.filter { $0.hasPrefix("prometheus textfile: the metric") }
        #expect(
            said == [
                "prometheus textfile: the metric 'shop_queue' is left out: its name in the text format (shop_queue) is taken by "
                    + "'shop.queue'; rename one of them",
                "prometheus textfile: the metric 'spankit.span.calls' is left out: its name in the text format "
                    + "(spankit_span_calls_total) is taken; rename one of them",
            ],
            "\(said)"
        )
    }
}
