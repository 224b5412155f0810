// What the snippets of the guides in docs/ use without defining it.
import SpanKitTesting
import Tracing

let otherInstrument = NoOpTracer()
let recorder = SpanRecorder.unassigned
