import SpanKitOTLP
import SpanKitRecording

/// Log records with any content, as a source for encoders. The records contain all their texts, so there is no string table.
package final class DetachedLogRecords: LogRecordSource, @unchecked Sendable {
    // Sendable because it is only read after it was filled.
    private var payloads = EntryBytes()
    private var records: [(header: LogRecordHeader, start: Int)] = []
    private var consumedCount = 0

    package init(_ records: [LogRecord]) {
        for record in records { append(record) }
    }

    private func append(_ record: LogRecord) {
        let start = payloads.storage.count
        var header = LogRecordHeader()
        header.observed = UInt64(bitPattern: record.observedUnixNanoseconds)
        header.time = UInt64(bitPattern: record.unixNanoseconds)
        header.bits = [.observedIsUnix, .hasTime]
        header.severity = record.severity.rawValue
        header.traceIDHigh = record.traceID?.high ?? 0
        header.traceIDLow = record.traceID?.low ?? 0
        header.spanID = record.spanID?.rawValue ?? 0
        header.traceFlags = record.traceFlags.rawValue
        header.line = record.line
        header.droppedAttributes = record.droppedAttributeCount
        header.attributeCount = UInt16(record.attributes.count)
        if let body = record.body {
            header.bits.insert(.hasBody)
            // The body is an entry without a key.
            payloads.write([Attribute("", body)])
        }
        payloads.write(record.attributes)
        let texts: [(LogRecordField, String)] = [
            (.scope, record.scope), (.eventName, record.eventName), (.severityText, record.severityText),
            (.file, record.file), (.function, record.function),
        ]
        for (field, text) in texts where !text.isEmpty { payloads.write(text: text, type: field.entryType) }
        header.payloadBytes = UInt32(payloads.storage.count - start)
        records.append((header, start))
    }

    package func read(_ body: (LogRecordView) -> Bool) -> [LogStretch] {
        var accepted = 0
        payloads.storage.withUnsafeBytes { storage in
            for (header, start) in records[consumedCount...] {
                let payload = UnsafeRawBufferPointer(rebasing: storage[start..<start + Int(header.payloadBytes)])
                guard body(LogRecordView(header: header, payload: payload, anchor: .unused)) else { break }
                accepted += 1
            }
        }
        return [.chosen(accepted)]
    }

    package func consume(_ stretches: [LogStretch]) { consumedCount += stretches.reduce(0) { $0 + $1.chosenCount } }
    package func text(of number: UInt32) -> UnsafeRawBufferPointer { .empty }
}
