// One import for whoever measures: the rooms behind it are for those who build on them.

@_exported import OTLP
@_exported import Percentiles
@_exported import Recording
@_exported import Shipping
@_exported import Summaries

// Not the whole room: the rest is for those who write the text format themselves.
@_exported import class PrometheusText.TextfileWriter
