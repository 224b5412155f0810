import OTLP
import Recording

/// One span that is sent to see whether spans arrive.
package struct RecordedSpanProbe: Sendable {
    private let span: RecordedSpan
    private let resource: Resource
    private let scope: InstrumentationScope

    package init(_ span: RecordedSpan, resource: Resource, scope: InstrumentationScope) {
        self.span = span
        self.resource = resource
        self.scope = scope
    }

    func body(_ encoding: Encoding) -> [UInt8] {
        let records = DetachedRecords()
        records.append(span)
        let encoder = TraceEncoder(encoding, resource: resource, scope: scope)
        _ = encoder.encode(records, spanLimit: 1, byteLimit: .max)
        return Array(encoder.bytes)
    }
}
