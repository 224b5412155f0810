/// Makes changed copies of records, in memory that it reuses. Use it from one thread at a time.
package final class RecordRewriter {
    private var bytes = EntryBytes()

    package init() {}

    /// Calls `body` with a copy of a record that has another trace state and one more attribute. The copy is valid only during
    /// the call.
    /// - Parameters:
    ///   - traceState: The entry of the new trace state, or no bytes to remove it; nil keeps the record's trace state.
    ///   - attribute: The entry of an attribute whose key the record does not have; nil adds none.
    package func withCopy(
        of record: SpanRecord,
        traceState: EntryBytes?,
        adding attribute: EntryBytes?,
        _ body: (SpanRecord) -> Bool
    ) -> Bool {
        bytes.storage.removeAll(keepingCapacity: true)
        var header = record.header
        let hadTraceState = header.traceState != 0
        if let traceState {
            header.traceState = traceState.storage.isEmpty ? 0 : 1
            bytes.storage.append(contentsOf: traceState.storage)
        }
        if traceState != nil, hadTraceState {
            appendWithoutTraceState(record.payload)
        } else {
            bytes.storage.append(contentsOf: record.payload)
        }
        if let attribute {
            bytes.storage.append(contentsOf: attribute.storage)
            header.attributeCount += 1
        }
        header.payloadBytes = UInt32(bytes.storage.count)
        return bytes.storage.withUnsafeBytes {
            body(SpanRecord(header: header, payload: $0, anchor: record.anchor))
        }
    }

    private func appendWithoutTraceState(_ payload: UnsafeRawBufferPointer) {
        var entries = Entries(payload)
        var rest = entries.bytes
        while let entry = entries.next() {
            if entry.header.type != EntryType.traceState {
                bytes.storage.append(contentsOf: rest.prefix(rest.count - entries.bytes.count))
            }
            rest = entries.bytes
        }
    }
}
