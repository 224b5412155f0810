import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording
import SpanKitShipping

/// One span that is sent to see whether spans arrive.
struct RecordedSpanProbe: Sendable {
    private let span: RecordedSpan
    private let resource: Resource
    private let scope: InstrumentationScope
    private let redaction: Redaction?

    init(
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

    func body(_ encoding: Encoding) -> [UInt8] {
        let records = DetachedRecords()
        records.append(span)
        let encoder = Shipper.encoder(BodyFormat(.otlp(encoding)), resource, scope, redaction)
        _ = encoder.encode(records, spanLimit: 1, byteLimit: .max)
        return Array(encoder.bytes)
    }
}
