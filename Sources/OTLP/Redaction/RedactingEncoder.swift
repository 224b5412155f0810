import SpanKitRecording

/// Stands before an encoder and lets only through what may leave. Whatever format a body has, its spans come through here.
package final class RedactingEncoder: SpanEncoder {
    private let inner: any SpanEncoder
    private let redactor: RecordRedactor
    private var redacted: RedactedSource?

    package init(_ inner: any SpanEncoder, _ redaction: Redaction) {
        self.inner = inner
        redactor = RecordRedactor(RedactionPlan(redaction))
    }

    package var bytes: UnsafeRawBufferPointer { inner.bytes }
    package var spanCount: Int { inner.spanCount }

    package func begin(_ source: any SpanSource) {
        inner.begin(redacted(source))
    }

    package func append(_ record: SpanRecord) {
        guard let source = redacted?.source else { return }
        inner.append(redactor.isClean(record, source) ? record : redactor.rewrite(record, source))
    }

    package func encode(_ source: any SpanSource, spanLimit: Int, byteLimit: Int) -> [LogStretch] {
        inner.encode(redacted(source), spanLimit: spanLimit, byteLimit: byteLimit)
    }

    /// The same for the same source: encoders remember texts as long as the source stays.
    private func redacted(_ source: any SpanSource) -> RedactedSource {
        if let redacted, redacted.source === source { return redacted }
        redactor.forgetTexts()
        let made = RedactedSource(source, redactor)
        redacted = made
        return made
    }

    package func removeLast() { inner.removeLast() }
    package func finish() { inner.finish() }
    package func shrink() { inner.shrink() }
}
