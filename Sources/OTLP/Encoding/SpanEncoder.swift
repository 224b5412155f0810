import SpanKitRecording

/// Makes one body out of spans: ``begin(_:)``, ``append(_:)`` for each span, ``finish()``, then ``bytes``.
///
/// Belongs to one thread at a time.
package protocol SpanEncoder: AnyObject {
    /// Starts a body of spans from a source, whose texts the records refer to.
    func begin(_ source: any SpanSource)
    /// Adds a span.
    func append(_ record: SpanRecord)
    /// Takes the span back that was added last; not twice in a row.
    func removeLast()
    /// Completes the body.
    func finish()
    /// The body so far; good until the next call.
    var bytes: UnsafeRawBufferPointer { get }
    /// Spans in the body.
    var spanCount: Int { get }
    /// Gives back what an unusually large body needed.
    func shrink()
    /// Makes a body of what the source has, until a limit is reached.
    /// - Parameters:
    ///   - spanLimit: spans in the body at most.
    ///   - byteLimit: bytes of the body at most, but for a single span that is larger on its own.
    /// - Returns: what was read, to be consumed once the body is safe; see ``spanCount``.
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
