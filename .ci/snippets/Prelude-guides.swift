// What the snippets of the guides in docs/ use without defining it.
import Metrics
import SpanKitTesting
import Tracing

let otherInstrument = NoOpTracer()
let otherFactory = NOOPMetricsHandler.instance
let recorder = SpanRecorder.unassigned
