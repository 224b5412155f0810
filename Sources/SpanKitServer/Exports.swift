// One import for a server: `import SpanKitServer` brings SpanKit along.
@_exported import SpanKit
