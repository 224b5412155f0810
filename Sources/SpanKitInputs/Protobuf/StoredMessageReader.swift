import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Reads OTLP messages that were taken apart to be stored: the head of a resource, the head of a scope, and single spans, log records
/// and metrics.
///
/// The result is the same as that of ``TraceDecoder`` for the whole message.
package struct StoredMessageReader {
    private var reader = ProtobufTraceReader(noteLimit: 0, reads: [.metrics, .logs])

    package init() {}

    /// - Parameter head: A `ResourceSpans`, `ResourceLogs` or `ResourceMetrics` message. Its scopes are not read.
    package mutating func resource(_ head: ArraySlice<UInt8>) -> Resource { reader.readResourceHead(head) }

    /// - Parameter head: A `ScopeSpans`, `ScopeLogs` or `ScopeMetrics` message. Its elements are not read.
    package mutating func scope(_ head: ArraySlice<UInt8>) -> InstrumentationScope { reader.readScopeHead(head) }

    /// - Returns: `nil` for a damaged message.
    package mutating func span(
        _ message: ArraySlice<UInt8>,
        _ resource: Resource,
        _ scope: InstrumentationScope
    ) -> DecodedSpan? {
        reader.readSpan(message).map { DecodedSpan(resource: resource, scope: scope, span: $0) }
    }

    /// - Returns: `nil` for a damaged message.
    package mutating func log(
        _ message: ArraySlice<UInt8>,
        _ resource: Resource,
        _ scope: InstrumentationScope
    ) -> DecodedLog? {
        reader.readLog(message, resource, scope)
        defer { reader.logs = [] }
        return reader.logs.first
    }

    /// - Returns: `nil` for a damaged message.
    package mutating func metric(
        _ message: ArraySlice<UInt8>,
        _ resource: Resource,
        _ scope: InstrumentationScope
    ) -> DecodedMetric? {
        reader.readMetric(message, resource, scope)
        defer { reader.metrics = [] }
        return reader.metrics.first
    }
}
