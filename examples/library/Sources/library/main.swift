// A program that measures with SpanKit calls a library that knows only swift-distributed-tracing: one trace.
import Kitchen
import SpanKitServer

var configuration = TelemetryConfiguration.environment()
// Only to look at. Without this line the spans go where the environment says: http://localhost:4318 by default.
configuration.exporters = []
let telemetry = Telemetry.bootstrap(configuration)

let meal = try await telemetry.profiler.profile("dinner") { try await Kitchen().cook() }
print(meal)

let spans = telemetry.profiler.recordedSpans()
func printTree(below parent: SpanID?, indentation: String) {
    for span in spans where span.parentSpanID == parent {
        print("\(indentation)\(span.name)  \(span.duration)")
        printTree(below: span.context.spanID, indentation: indentation + "  ")
    }
}
printTree(below: nil, indentation: "")
await telemetry.shutdown(within: .seconds(5))
