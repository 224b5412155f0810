/// Makes a changed copy of a record, in memory that it uses again for the next one. Belongs to one thread at a time.
package final class RecordRewriter {
    private var bytes = EntryBytes()

    package init() {}

    /// Calls `body` with a copy of a record that has another trace state and more attributes. The copy is valid during the call only.
    /// - Parameters:
    ///   - traceState: nil keeps the record's.
    ///   - attributes: keys that the record does not have.
    package func withCopy<Result>(
        of record: SpanRecord,
        traceState: String?,
        adding attributes: [Attribute],
        _ body: (SpanRecord) -> Result
    ) -> Result {
        bytes.storage.removeAll(keepingCapacity: true)
        var header = record.header
        if let traceState {
            header.traceState = traceState.isEmpty ? 0 : 1
            if !traceState.isEmpty { bytes.write(text: traceState, type: .traceState) }
            copyEntries(of: record, without: EntryType.traceState)
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

    private func copyEntries(of record: SpanRecord, without type: UInt8) {
        guard Entries(record.payload).text(type) != nil else {
            bytes.storage.append(contentsOf: record.payload)
            return
        }
        var entries = Entries(record.payload)
        var rest = entries.bytes
        while let entry = entries.next() {
            if entry.header.type != type {
                bytes.storage.append(contentsOf: rest.prefix(rest.count - entries.bytes.count))
            }
            rest = entries.bytes
        }
    }
}
