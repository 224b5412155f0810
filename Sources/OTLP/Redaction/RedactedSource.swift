import SpanKitRecording

/// A source of spans that hands out only what may leave.
///
/// Sendable because every source is: it belongs to the thread of the encoder it was made for.
final class RedactedSource: SpanSource, @unchecked Sendable {
    let source: any SpanSource
    private let redactor: RecordRedactor

    init(_ source: any SpanSource, _ redactor: RecordRedactor) {
        self.source = source
        self.redactor = redactor
    }

    func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
        source.read { record in
            // A record that may leave as it is is handed on where it lies: a copy would cost as much as looking at it.
            redactor.isClean(record, source) ? body(record) : body(redactor.rewrite(record, source))
        }
    }

    func consume(_ stretches: [LogStretch]) { source.consume(stretches) }
    func text(of number: UInt32) -> UnsafeRawBufferPointer { source.text(of: number) }
}
