/// Makes changed copies of records, in memory that it reuses. Use it from one thread at a time.
package final class RecordRewriter {
    private var bytes = EntryBytes()

    package init() {}

    /// Calls `body` with a copy of a record that has another trace state and more attributes. The copy is valid only during the
    /// call.
    /// - Parameters:
    ///   - traceState: The new trace state; nil keeps the record's.
    ///   - attributes: Attributes whose keys the record does not have.
    package func withCopy<Result>(
        of record: SpanRecord,
        traceState: String?,
        adding attributes: [Attribute],
        _ body: (SpanRecord) -> Result
    ) -> Result {
        bytes.storage.removeAll(keepingCapacity: true)
        var header = record.header
        var entries = Entries(record.payload)
        if let traceState {
            header.traceState = traceState.isEmpty ? 0 : 1
            if !traceState.isEmpty { bytes.write(text: traceState, type: EntryType.traceState) }
            var rest = entries.bytes
            while let entry = entries.next() {
                if entry.header.type != EntryType.traceState {
                    bytes.storage.append(contentsOf: rest.prefix(rest.count - entries.bytes.count))
                }
                rest = entries.bytes
            }
        } else {
            bytes.storage.append(contentsOf: record.payload)
        }
        bytes.write(attributes)
        header.attributeCount += UInt16(attributes.count)
        header.payloadBytes = UInt32(bytes.storage.count)
        return bytes.storage.withUnsafeBytes {
            body(SpanRecord(header: header, payload: $0, anchor: record.anchor))
        }
    }
}
