// A job for cron that writes its metrics to a file for node_exporter.
//
//     swift run textfile /var/lib/prometheus/node-exporter
import SpanKit

let directory = CommandLine.arguments.dropFirst().first ?? "."

var configuration = TelemetryConfiguration.environment()
// Sends no spans. Without this line, the environment sets the endpoint, by default http://localhost:4318.
configuration.exporters = []
configuration.textfile = TextfileConfiguration(directory: directory, processName: "nightly-cleanup")
let telemetry = Telemetry.start(configuration)

struct Expired: Error {}

telemetry.profiler.profile("cleanup") { job in
    var removed = 0
    for session in 1...500 {
        // A failure is counted in `spankit_span_errors_total` and does not end the job.
        try? telemetry.profiler.profile("check session") { span in
            span.set("session.number", session)
            if session % 100 == 0 { throw Expired() }
            removed += session % 3 == 0 ? 1 : 0
        }
    }
    job.set("sessions.removed", removed)
}

// Writes the file for the last time. node_exporter serves it until the next run.
await telemetry.shutdown(within: .seconds(5))
print("the metrics of the cleanup are in \(directory)/nightly-cleanup.prom; check the file with 'spankit prom check'")
