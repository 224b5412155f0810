// One import: `import SpanKitConfigurationFile` brings SpanKit along.
@_exported import SpanKit
