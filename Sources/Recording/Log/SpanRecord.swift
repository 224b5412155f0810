/// A span in the log, without a copy of its bytes.
///
/// It is valid only during the call that it was passed to.
package struct SpanRecord: RecordView {
    package let header: SpanHeader
    /// The span's attributes, events, links and texts; read them with ``Entries``.
    package let payload: UnsafeRawBufferPointer
    /// Converts the record's ticks to Unix time.
    package let anchor: ClockAnchor
    /// The size of the record in the log, in bytes.
    package let recordBytes: Int

    /// Creates the record of a log that this process writes.
    /// - Parameter opening: The anchor of the record's chunk.
    @inline(__always)
    init(_ record: ChunkRecord, _ current: CurrentAnchor, _ opening: ClockAnchor) {
        recordBytes = record.count
        header = (record.start + RecordHeader.bytes).load(as: SpanHeader.self)
        payload = UnsafeRawBufferPointer(
            start: record.start + RecordHeader.bytes + SpanHeader.bytes,
            count: recordBytes - RecordHeader.bytes - SpanHeader.bytes
        )
        anchor = current.anchor(for: header.bits.contains(.endIsUnix) ? header.start : header.end, opening)
    }

    /// Creates a record from bytes that may be damaged; nil unless they start with a complete span.
    package init?(checking bytes: UnsafeRawBufferPointer, _ anchor: ClockAnchor) {
        guard bytes.count >= RecordHeader.bytes + SpanHeader.bytes, let start = bytes.baseAddress else { return nil }
        let head = start.loadUnaligned(as: RecordHeader.self)
        let header = (start + RecordHeader.bytes).loadUnaligned(as: SpanHeader.self)
        let payloadBytes = Int(header.payloadBytes)
        guard head.type == RecordHeader.span, Int(head.recordBytes) <= bytes.count,
            RecordHeader.bytes + SpanHeader.bytes + payloadBytes == Int(head.recordBytes),
            header.hasIdentity
        else { return nil }
        self.header = header
        self.anchor = anchor
        recordBytes = Int(head.recordBytes)
        payload = UnsafeRawBufferPointer(start: start + RecordHeader.bytes + SpanHeader.bytes, count: payloadBytes)
    }

    package init(header: SpanHeader, payload: UnsafeRawBufferPointer, anchor: ClockAnchor) {
        self.header = header
        self.payload = payload
        self.anchor = anchor
        recordBytes = RecordHeader.bytes + SpanHeader.bytes + payload.count
    }
}
