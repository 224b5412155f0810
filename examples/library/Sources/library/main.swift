// A program that uses SpanKit calls a library that uses only swift-distributed-tracing. Their spans form one trace.
import Kitchen
import SpanKitServer

var configuration = TelemetryConfiguration.environment()
// Sends no spans. Without this line, the environment sets the endpoint, by default http://localhost:4318.
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
