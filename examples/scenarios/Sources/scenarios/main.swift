// Runs SpanKit's end-to-end scenarios on a tracer that is not SpanKit's. To measure yours, start it instead of `PlainTracer`.
//
//     swift run -c release scenarios burst-1 paced-20 outage
import Foundation
import SpanKitScenarios
import Tracing

let start: @Sendable (String) async throws -> Scenarios.Exporter = { endpoint in
    let tracer = PlainTracer(url: URL(string: "\(endpoint)/v1/traces")!)
    InstrumentationSystem.bootstrap(tracer)
    return Scenarios.Exporter { await tracer.flush() }
}

if CommandLine.arguments.count > 1 { await Scenarios.run([], start) }

// Without arguments: one scenario, and whether it lost a span.
await Scenarios.serveIfAsked(start)
let result = Scenarios.measure(Scenario.named("shutdown")!)
print("\(result.delivered) of \(result.recorded) spans were delivered")
exit(result.delivered == result.recorded ? 0 : 1)
