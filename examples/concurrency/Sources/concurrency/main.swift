// A server that loses time in two ways that SpanKitConcurrency shows: requests for a price wait for the same actor, and reports block the
// threads of Swift's pool, so that other requests wait for a thread.
//
// The first command starts the server on a free port, sends it some requests and ends. The second one repeats the requests until it is
// interrupted, so that you can watch the server with `spankit live --spool spool`.
//
//     swift run concurrency
//     SPANKIT_SPOOL_DIR=spool swift run concurrency forever
import Foundation
import Logging
import ServiceLifecycle
import SpanKitConcurrency
import SpanKitServer

let (spans, metrics) = ("spans.jsonl", "metrics.jsonl")
let hasCollector = ProcessInfo.processInfo.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] != nil

var configuration = TelemetryConfiguration.environment()
configuration.resource["service.name"] = "shop"
if !hasCollector {
    for file in [spans, metrics] { try? FileManager.default.removeItem(atPath: file) }
    configuration.exporters = [.linesFile(LinesFileConfiguration(path: spans))]
    // Often, so that a run of a second has several points.
    var reader = MetricReaderConfiguration(
        .linesFile(LinesFileConfiguration(path: metrics)),
        interval: .milliseconds(200)
    )
    reader.maximumBuckets = nil
    configuration.metricReaders = [reader]
}
// Also reports spans that keep a thread for more than 100 ms.
configuration.measureTaskTimes()
// Half a second by default, which is about as long as the pool is blocked here.
configuration.poolLag?.warnThreshold = .milliseconds(200)
let telemetry = Telemetry.bootstrap(configuration)

let shop = Shop()
let visitors = Visitors(shop: shop, isEndless: CommandLine.arguments.dropFirst().first == "forever")
let application = shop.application { [visitors] port in visitors.begin(at: port) }
var group = ServiceGroupConfiguration(
    services: [.init(service: TelemetryService(telemetry)), .init(service: application)],
    gracefulShutdownSignals: [.sigint, .sigterm],
    logger: Logger(label: "shop")
)
// The server ends with the last request.
group.services.append(.init(service: visitors, successTerminationBehavior: .gracefullyShutdownGroup))
try await ServiceGroup(configuration: group).run()

print(
    hasCollector
        ? "The spans and metrics were sent to the endpoint in OTEL_EXPORTER_OTLP_ENDPOINT."
        : """

        The spans are in \(spans), the metrics in \(metrics). To see where the time went, run:

          spankit analyze \(spans)
              what costs time: tasks that wait for an actor, and tasks that wait for a thread
          spankit tree --where 'name="look up price"' \(spans)
              a request that waited for the actor PriceList
          spankit tree --where 'name="ask warehouse"' \(spans)
              a request that waited for a thread, while reports blocked all of them
          spankit serve \(spans) \(metrics)
              the same in a browser
          SPANKIT_SPOOL_DIR=spool swift run concurrency forever
              the same requests again and again; meanwhile, in another terminal: spankit live --spool spool
        """
)
