import Recording

/// Stands before an encoder and lets only through what may leave. Whatever format a body has, its spans come through here.
package final class RedactingEncoder: SpanEncoder {
    private let inner: any SpanEncoder
    private let redactor: RecordRedactor
    private var source: (any SpanSource)?

    package init(_ inner: any SpanEncoder, _ redaction: Redaction) {
        self.inner = inner
        redactor = RecordRedactor(RedactionPlan(redaction))
    }

    package var bytes: UnsafeRawBufferPointer { inner.bytes }
    package var spanCount: Int { inner.spanCount }

    package func begin(_ source: any SpanSource) {
        if self.source !== source {
            self.source = source
            redactor.forgetTexts()
        }
        inner.begin(source)
    }

    package func append(_ record: SpanRecord) {
        if let source { inner.append(redactor.redact(record, source)) }
    }

    package func removeLast() { inner.removeLast() }
    package func finish() { inner.finish() }
    package func shrink() { inner.shrink() }
}
