// What decoded spans are made of.
@_exported import SpanKitOTLP
@_exported import SpanKitRecording
