import SpanKitRecording

/// Encodes records of one signal into a body.
///
/// Only one thread at a time may use it.
package protocol RecordEncoder: AnyObject {
    /// Removes the record that was added last. It must not be called twice in a row.
    func removeLast()
    /// Completes the body.
    func finish()
    /// The number of bytes of the records in the body so far.
    var byteCount: Int { get }
    /// The body; valid until the next call. Some encoders put it together in ``finish()``.
    var bytes: UnsafeRawBufferPointer { get }
    /// The positions at which bytes probably repeat earlier ones; empty if the encoder does not know. Valid until the
    /// next call.
    var hints: UnsafeBufferPointer<RepeatHint> { get }
    /// The number of spans or log records in the body.
    var spanCount: Int { get }
    /// The spans themselves, from an encoder that does not encode them; nil from all others.
    var decoded: DecodedSpans? { get }
    /// Frees the memory that an unusually large body needed.
    func shrink()
}

extension RecordEncoder {
    package var decoded: DecodedSpans? { nil }
    package var byteCount: Int { bytes.count }
    package var hints: UnsafeBufferPointer<RepeatHint> { UnsafeBufferPointer(start: nil, count: 0) }
}

/// Encodes log records into a body: call ``begin(_:)``, ``append(_:)`` for each record, ``finish()``, then read ``bytes``.
package protocol LogRecordEncoder: RecordEncoder {
    /// Starts a body with records from a source, which has the texts that the records refer to.
    func begin(_ source: any LogRecordSource)
    /// Adds a record.
    func append(_ record: LogRecordView)
    /// Encodes the records of a source until a limit is reached.
    /// - Parameters:
    ///   - source: the source of the records.
    ///   - recordLimit: the largest number of records in the body.
    ///   - byteLimit: the largest number of bytes in the body. A single record can be larger.
    /// - Returns: what was read from the source. The caller consumes it when the body is safe.
    func encode(_ source: any LogRecordSource, recordLimit: Int, byteLimit: Int) -> [LogStretch]
}

extension LogRecordEncoder {
    package func encode(_ source: any LogRecordSource, recordLimit: Int, byteLimit: Int) -> [LogStretch] {
        begin(source)
        let stretches = source.read { record in
            guard spanCount < recordLimit else { return false }
            append(record)
            guard byteCount > byteLimit, spanCount > 1 else { return true }
            removeLast()
            return false
        }
        finish()
        return stretches
    }
}
