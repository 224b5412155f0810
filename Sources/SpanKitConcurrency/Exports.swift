@_exported import SpanKit
