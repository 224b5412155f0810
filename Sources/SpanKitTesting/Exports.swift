// One import for a test: `import SpanKitTesting` also imports `SpanKit`.
@_exported import SpanKit
