/// A log record in the log, without a copy of its bytes.
///
/// It is valid only during the call that it was passed to.
package struct LogRecordView: RecordView {
    package let header: LogRecordHeader
    /// The body, attributes and texts as entries; use ``body``, ``attributes`` and ``text(_:texts:)`` to read them.
    package let payload: UnsafeRawBufferPointer
    /// Converts the record's ticks to Unix time.
    package let anchor: ClockAnchor
    /// Bytes of the record in the log.
    package let recordBytes: Int

    /// Bytes before the payload.
    static let fixedBytes = RecordHeader.bytes + LogRecordHeader.bytes

    init(_ record: ChunkRecord, _ current: CurrentAnchor, _ opening: ClockAnchor) {
        recordBytes = record.count
        header = (record.start + RecordHeader.bytes).load(as: LogRecordHeader.self)
        payload = UnsafeRawBufferPointer(start: record.start + Self.fixedBytes, count: record.count - Self.fixedBytes)
        anchor = current.anchor(for: header.observed, opening)
    }

    /// Creates a record from bytes that may be damaged; nil unless they start with a complete log record.
    package init?(checking bytes: UnsafeRawBufferPointer, _ anchor: ClockAnchor) {
        guard bytes.count >= Self.fixedBytes, let start = bytes.baseAddress else { return nil }
        let head = start.loadUnaligned(as: RecordHeader.self)
        let header = (start + RecordHeader.bytes).loadUnaligned(as: LogRecordHeader.self)
        let payloadBytes = Int(header.payloadBytes)
        guard head.type == RecordHeader.logRecord, Int(head.recordBytes) <= bytes.count,
            Self.fixedBytes + payloadBytes == Int(head.recordBytes)
        else { return nil }
        self.header = header
        self.anchor = anchor
        recordBytes = Int(head.recordBytes)
        payload = UnsafeRawBufferPointer(start: start + Self.fixedBytes, count: payloadBytes)
    }

    package init(header: LogRecordHeader, payload: UnsafeRawBufferPointer, anchor: ClockAnchor) {
        self.header = header
        self.payload = payload
        self.anchor = anchor
        recordBytes = Self.fixedBytes + payload.count
    }

    /// The body, an entry without a key; nil if the record has none.
    package var body: Entries.Entry? {
        guard header.bits.contains(.hasBody) else { return nil }
        var entries = Entries(payload)
        guard let body = entries.next(), EntryType.isAttribute(body.header.type) else { return nil }
        return body
    }

    /// The entries after the body. Some of them are not attributes (`EntryType.isAttribute` is false): texts of the
    /// record, and entries that were removed. Skip them.
    package var attributes: Entries {
        var entries = Entries(payload)
        if header.bits.contains(.hasBody) { _ = entries.next() }
        return entries
    }

    /// One of the record's texts in UTF-8; empty for none.
    /// - Parameter texts: Returns the text for a number of the string table.
    package func text(
        _ field: LogRecordField,
        texts: (UInt32) -> UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        let number = header[field]
        return number != 0 ? texts(number) : attributes.text(field.entryType) ?? .empty
    }
}
