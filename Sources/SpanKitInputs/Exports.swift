// The types that decoded spans consist of.
@_exported import SpanKitOTLP
@_exported import SpanKitRecording
