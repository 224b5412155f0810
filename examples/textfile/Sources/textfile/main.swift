// A job for cron that writes its metrics to a file for node_exporter.
//
//     swift run textfile /var/lib/prometheus/node-exporter
import Metrics
import SpanKitServer

let directory = CommandLine.arguments.dropFirst().first ?? "."

var configuration = TelemetryConfiguration.environment()
// Sends no spans. Without this line, the environment sets the endpoint, by default http://localhost:4318.
configuration.exporters = []
configuration.textfile = TextfileConfiguration(directory: directory, processName: "nightly-cleanup")
// Makes SpanKit the backend of swift-metrics and swift-distributed-tracing.
let telemetry = Telemetry.bootstrap(configuration)

// swift-metrics has no units and descriptions. They are optional.
telemetry.metrics.describe("cleanup.sessions", unit: "{session}", description: "Sessions that the cleanup checked.")
telemetry.metrics.describe("cleanup.session.age", unit: "d", description: "Age of the sessions that were removed.")
let removed = Counter(label: "cleanup.sessions", dimensions: [("result", "removed")])
let kept = Counter(label: "cleanup.sessions", dimensions: [("result", "kept")])
let ages = Recorder(label: "cleanup.session.age")

struct Expired: Error {}

telemetry.profiler.profile("cleanup") { _ in
    for session in 1...500 {
        // A failure is counted in `spankit_span_errors_total` and does not end the job.
        try? telemetry.profiler.profile("check session") { span in
            span.set("session.number", session)
            if session % 100 == 0 { throw Expired() }
            guard session % 3 == 0 else { return kept.increment() }
            removed.increment()
            ages.record(session % 30)
        }
    }
}

// Writes the file for the last time. node_exporter serves it until the next run.
await telemetry.shutdown(within: .seconds(5))
print("the metrics of the cleanup are in \(directory)/nightly-cleanup.prom; check the file with 'spankit prom check'")
