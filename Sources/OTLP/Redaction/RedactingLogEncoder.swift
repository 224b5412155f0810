import SpanKitRecording

/// Redacts log records before another encoder encodes them. All encodings use it.
package final class RedactingLogEncoder: LogRecordEncoder {
    private let inner: any LogRecordEncoder
    private let redactor: RecordRedactor
    private var redacted: RedactedLogRecords?

    package init(_ inner: any LogRecordEncoder, _ redaction: Redaction) {
        self.inner = inner
        redactor = RecordRedactor(RedactionPlan(redaction))
    }

    package var bytes: UnsafeRawBufferPointer { inner.bytes }
    package var byteCount: Int { inner.byteCount }
    package var hints: UnsafeBufferPointer<RepeatHint> { inner.hints }
    package var spanCount: Int { inner.spanCount }

    package func begin(_ source: any LogRecordSource) {
        inner.begin(redacted(source))
    }

    package func append(_ record: LogRecordView) {
        guard let source = redacted?.source else { return }
        inner.append(redactor.isClean(record, source) ? record : redactor.rewrite(record, source))
    }

    package func encode(_ source: any LogRecordSource, recordLimit: Int, byteLimit: Int) -> [LogStretch] {
        inner.encode(redacted(source), recordLimit: recordLimit, byteLimit: byteLimit)
    }

    /// The redacted source, which is the same object for the same source: encoders keep encoded texts until the source changes.
    private func redacted(_ source: any LogRecordSource) -> RedactedLogRecords {
        if let redacted, redacted.source === source { return redacted }
        redactor.forgetTexts()
        let made = RedactedLogRecords(source, redactor)
        redacted = made
        return made
    }

    package func removeLast() { inner.removeLast() }
    package func finish() { inner.finish() }
    package func shrink() { inner.shrink() }
}

/// A source of log records that redacts the records of another source.
///
/// It is Sendable because every source is. Only the thread of its encoder may use it.
private final class RedactedLogRecords: LogRecordSource, @unchecked Sendable {
    let source: any LogRecordSource
    private let redactor: RecordRedactor

    init(_ source: any LogRecordSource, _ redactor: RecordRedactor) {
        self.source = source
        self.redactor = redactor
    }

    func read(_ body: (LogRecordView) -> Bool) -> [LogStretch] {
        source.read { record in
            redactor.isClean(record, source) ? body(record) : body(redactor.rewrite(record, source))
        }
    }

    func mark(_ stretches: [LogStretch], batch: UInt64) { source.mark(stretches, batch: batch) }
    func consume(_ stretches: [LogStretch]) { source.consume(stretches) }
    func text(of number: UInt32) -> UnsafeRawBufferPointer { source.text(of: number) }
}
