// What the snippets of the guides in docs/ use without defining it.
import Metrics
import Tracing

let otherInstrument = NoOpTracer()
let otherFactory = NOOPMetricsHandler.instance
