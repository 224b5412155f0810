// `import SpanKit` is enough for a program that records spans.

@_exported import SpanKitMetrics
@_exported import SpanKitOTLP
@_exported import SpanKitPercentiles
@_exported import SpanKitRecording
@_exported import SpanKitShipping
@_exported import SpanKitSummaries

// Only these two classes are re-exported. The rest of the module writes the text format.
@_exported import class SpanKitPrometheusText.EngineMetrics
@_exported import class SpanKitPrometheusText.TextfileWriter
