// One import for whoever measures: the rooms behind it are for those who build on them.

@_exported import SpanKitOTLP
@_exported import SpanKitPercentiles
@_exported import SpanKitRecording
@_exported import SpanKitShipping
@_exported import SpanKitSummaries

// Not the whole room: the rest is for those who write the text format themselves.
@_exported import class SpanKitPrometheusText.TextfileWriter
