import OTLP
import Recording

/// One span that is sent to see whether spans arrive.
package struct RecordedSpanProbe: Sendable {
    private let span: RecordedSpan
    private let resource: Resource
    private let scope: InstrumentationScope
    private let redaction: Redaction?

    package init(
        _ span: RecordedSpan,
        resource: Resource,
        scope: InstrumentationScope,
        redaction: Redaction? = nil
    ) {
        self.span = span
        self.resource = resource
        self.scope = scope
        self.redaction = redaction
    }

    package func body(_ encoding: Encoding) -> [UInt8] {
        let records = DetachedRecords()
        records.append(span)
        let encoder = Shipper.encoder(BodyFormat(.otlp(encoding)), resource, scope, redaction)
        _ = encoder.encode(records, spanLimit: 1, byteLimit: .max)
        return Array(encoder.bytes)
    }
}
