import SpanKitRecording

/// Redacts spans before another encoder encodes them. All encodings use it.
package final class RedactingEncoder: SpanEncoder {
    private let inner: any SpanEncoder
    private let redactor: RecordRedactor
    private let scopes: Redactor
    private var redacted: RedactedSource?

    package init(_ inner: any SpanEncoder, _ redaction: Redaction) {
        self.inner = inner
        redactor = RecordRedactor(RedactionPlan(redaction))
        scopes = Redactor(redaction)
    }

    package var bytes: UnsafeRawBufferPointer { inner.bytes }
    package var hints: UnsafeBufferPointer<RepeatHint> { inner.hints }
    package var spanCount: Int { inner.spanCount }
    package var decoded: DecodedSpans? { inner.decoded }

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

    /// The redacted source, which is the same object for the same source: encoders keep encoded texts until the source changes.
    private func redacted(_ source: any SpanSource) -> RedactedSource {
        if let redacted, redacted.source === source { return redacted }
        redactor.forgetTexts()
        let made = RedactedSource(source, redactor, scopes)
        redacted = made
        return made
    }

    package func removeLast() { inner.removeLast() }
    package func finish() { inner.finish() }
    package func shrink() { inner.shrink() }
}

/// A source of spans that redacts the records of another source.
///
/// It is Sendable because every source is. Only the thread of its encoder may use it.
final class RedactedSource: SpanSource, @unchecked Sendable {
    let source: any SpanSource
    private let redactor: RecordRedactor
    private let scopes: Redactor

    init(_ source: any SpanSource, _ redactor: RecordRedactor, _ scopes: Redactor) {
        self.source = source
        self.redactor = redactor
        self.scopes = scopes
    }

    func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
        source.read { record in
            // A record that needs no redaction is passed on without a copy, which would take as long as checking it.
            redactor.isClean(record, source) ? body(record) : body(redactor.rewrite(record, source))
        }
    }

    func consume(_ stretches: [LogStretch]) { source.consume(stretches) }
    func text(of number: UInt32) -> UnsafeRawBufferPointer { source.text(of: number) }
    func scope(of number: UInt32) -> InstrumentationScope? { source.scope(of: number).map(scopes.scope) }
}
