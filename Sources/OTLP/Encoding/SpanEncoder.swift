import SpanKitRecording

/// Encodes spans into a body: call ``begin(_:)``, ``append(_:)`` for each span, ``finish()``, then read ``bytes``.
package protocol SpanEncoder: RecordEncoder {
    /// Starts a body with spans from a source, which has the texts that the records refer to.
    func begin(_ source: any SpanSource)
    /// Adds a span.
    func append(_ record: SpanRecord)
    /// Encodes the spans of a source until a limit is reached.
    /// - Parameters:
    ///   - source: the source of the spans.
    ///   - spanLimit: the largest number of spans in the body.
    ///   - byteLimit: the largest number of bytes in the body. A single span can be larger.
    /// - Returns: the spans that were read from the source. The caller consumes them when the body is safe.
    func encode(_ source: any SpanSource, spanLimit: Int, byteLimit: Int) -> [LogStretch]
}

extension SpanEncoder {
    package func encode(_ source: any SpanSource, spanLimit: Int, byteLimit: Int) -> [LogStretch] {
        begin(source)
        let stretches = source.read { record in
            guard spanCount < spanLimit else { return false }
            append(record)
            guard bytes.count > byteLimit, spanCount > 1 else { return true }
            removeLast()
            return false
        }
        finish()
        return stretches
    }
}

/// Copies of spans.
package struct DecodedSpans: Sendable {
    package var spans: [RecordedSpan] = []
    /// The memory that they take, roughly.
    package var memoryBytes = 0

    package init() {}
}
