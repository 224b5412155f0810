// One import for whoever measures: the rooms behind it are for those who build on them.

@_exported import OTLP
@_exported import Percentiles
@_exported import Recording
@_exported import Shipping
@_exported import Summaries

// Not the whole room: its metrics have the names of OTLP's.
@_exported import struct PrometheusText.GenAICall
@_exported import struct PrometheusText.GenAIHistogram
@_exported import class PrometheusText.GenAIMetrics
@_exported import struct PrometheusText.MetricLabel
@_exported import class PrometheusText.TextfileWriter
