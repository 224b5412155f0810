// What the snippets of the guides in docs/ use without defining it.
import Tracing

let otherInstrument = NoOpTracer()
