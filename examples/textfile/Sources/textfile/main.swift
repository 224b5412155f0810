// A job that cron starts: it works, leaves a file for node_exporter that says how that went, and ends.
//
//     swift run textfile /var/lib/prometheus/node-exporter
import SpanKit

let directory = CommandLine.arguments.dropFirst().first ?? "."

var configuration = TelemetryConfiguration.environment()
// Only metrics. Without this line the spans go where the environment says: http://localhost:4318 by default.
configuration.exporters = []
configuration.textfile = TextfileConfiguration(directory: directory, processName: "nightly-cleanup")
let telemetry = Telemetry.start(configuration)

struct Expired: Error {}

telemetry.profiler.profile("cleanup") { job in
    var removed = 0
    for session in 1...500 {
        // A failure counts as one in `spankit_span_errors_total`, and does not end the job.
        try? telemetry.profiler.profile("check session") { span in
            span.set("session.number", session)
            if session % 100 == 0 { throw Expired() }
            removed += session % 3 == 0 ? 1 : 0
        }
    }
    job.set("sessions.removed", removed)
}

// Writes the file a last time; node_exporter serves it until the next run.
await telemetry.shutdown(within: .seconds(5))
print("\(directory)/nightly-cleanup.prom says how the cleanup went; 'spankit prom check' finds no fault in it")
