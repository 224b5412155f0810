// What the snippets of the guides in docs/ use without defining it.
import Metrics
import SpanKit
import SpanKitTesting
import Tracing

let otherInstrument = NoOpTracer()
let otherFactory = NOOPMetricsHandler.instance
let recorder = SpanRecorder.unassigned

/// A message queue, such as Kafka's.
struct MessageQueue: Sendable {
    func publish(_ bytes: [UInt8], topic: String) async throws {}
}
let queue = MessageQueue()

/// A service that issues tokens.
struct TokenService: Sendable {
    func fetch() async throws -> String { "token" }
}
let tokens = TokenService()
nonisolated(unsafe) var exporter = OTLPExporter(url: "https://otlp.vendor.example/v1/traces")
