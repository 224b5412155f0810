// `import SpanKit` is enough for a program that records spans.

@_exported import SpanKitOTLP
@_exported import SpanKitPercentiles
@_exported import SpanKitRecording
@_exported import SpanKitShipping
@_exported import SpanKitSummaries

// Only this class: the rest of the module is for programs that write the text format themselves.
@_exported import class SpanKitPrometheusText.TextfileWriter
