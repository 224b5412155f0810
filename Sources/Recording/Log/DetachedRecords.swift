/// Records of spans that no recorder of this process wrote: read from a file, or repaired. They take the same way to a
/// destination as those in the log.
///
/// All texts stand in the records themselves, so there is no string table.
package final class DetachedRecords: SpanSource, @unchecked Sendable {
    // Sendable because it is filled before it is handed on, and only read afterwards.
    private var bytes = EntryBytes()
    private var offsets: [Int] = []
    private var consumedCount = 0

    package init() {}

    /// Spans that nobody has consumed.
    package var count: Int { offsets.count - consumedCount }

    /// Adds a span.
    package func append(_ span: RecordedSpan) {
        let start = bytes.storage.count
        offsets.append(start)
        bytes.storage.append(contentsOf: repeatElement(0, count: RecordHeader.bytes + SpanHeader.bytes))
        var header = SpanHeader()
        header.start = UInt64(bitPattern: span.startUnixNanoseconds)
        header.end = UInt64(bitPattern: span.endUnixNanoseconds)
        header.traceIDHigh = span.context.traceID.high
        header.traceIDLow = span.context.traceID.low
        header.spanID = span.context.spanID.rawValue
        header.parentSpanID = span.parentSpanID?.rawValue ?? 0
        header.traceFlags = span.context.traceFlags.rawValue
        header.kind = span.kind.rawValue
        header.bits = [.recording, .startIsUnix, .endIsUnix]
        if span.parentIsRemote { header.bits.insert(.parentIsRemote) }
        if let heap = span.heapDeltaBytes {
            header.bits.insert(.tracksHeap)
            header.heapBytes = heap
        }
        header.droppedAttributes = span.droppedAttributeCount
        header.droppedEvents = span.droppedEventCount
        header.droppedLinks = span.droppedLinkCount
        if !span.name.isEmpty { bytes.write(text: span.name, type: .name) }
        if !span.context.traceState.isEmpty {
            header.traceState = 1
            bytes.write(text: span.context.traceState, type: .traceState)
        }
        switch span.status {
        case .unset: header.status = 0
        case .ok: header.status = 1
        case .error(let description):
            header.status = 2
            if !description.isEmpty { bytes.write(text: description, type: .statusDescription) }
        }
        bytes.write(span.attributes)
        // The counts only say whether there is anything to look for.
        header.attributeCount = span.attributes.isEmpty ? 0 : 1
        for event in span.events { write(event) }
        header.eventCount = span.events.isEmpty ? 0 : 1
        for link in span.links { write(link) }
        header.linkCount = span.links.isEmpty ? 0 : 1
        let total = bytes.storage.count - start
        header.payloadBytes = UInt32(total - RecordHeader.bytes - SpanHeader.bytes)
        bytes.storage.withUnsafeMutableBytes { storage in
            storage.storeBytes(
                of: RecordHeader(recordBytes: UInt32(total), operation: 0),
                toByteOffset: start,
                as: RecordHeader.self
            )
            storage.storeBytes(of: header, toByteOffset: start + RecordHeader.bytes, as: SpanHeader.self)
        }
    }

    package func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
        var accepted = consumedCount
        bytes.storage.withUnsafeBytes { storage in
            let anchor = ClockAnchor(ticks: 0, unixNanoseconds: 0, rate: 1 << 32)
            for offset in offsets[consumedCount...] {
                let rest = UnsafeRawBufferPointer(rebasing: storage[offset...])
                if let record = SpanRecord(checking: rest, anchor), !body(record) { break }
                accepted += 1
            }
        }
        return accepted > consumedCount ? [LogStretch(chunk: 0, sequence: 0, end: UInt64(accepted))] : []
    }

    package func consume(_ stretches: [LogStretch]) {
        for stretch in stretches { consumedCount = max(consumedCount, Int(stretch.end)) }
        guard consumedCount == offsets.count else { return }
        bytes.storage.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        consumedCount = 0
    }

    package func text(of number: UInt32) -> UnsafeRawBufferPointer { .empty }

    private func write(_ event: RecordedSpan.Event) {
        let keyBytes = min(event.name.utf8.count, Int(UInt16.max))
        let dataBytes = EventHeader.bytes + EntryBytes.size(of: event.attributes)
        bytes.write(
            EntryHeader(
                key: 0,
                type: EntryType.event,
                keyBytes: UInt16(keyBytes),
                value: UInt64(UInt32(dataBytes)) | UInt64(event.attributes.count) << 32
            )
        )
        event.name.withUTF8Bytes { bytes.write(UnsafeRawBufferPointer(rebasing: $0.prefix(keyBytes))) }
        let header = EventHeader(
            time: UInt64(bitPattern: event.unixNanoseconds),
            droppedAttributes: event.droppedAttributeCount,
            isUnix: 1
        )
        withUnsafeBytes(of: header) { bytes.write($0) }
        bytes.write(event.attributes)
    }

    private func write(_ link: RecordedSpan.Link) {
        let traceState = link.context.traceState
        let stateBytes = traceState.isEmpty ? 0 : EntryHeader.bytes + EntryHeader.padded(traceState.utf8.count)
        let dataBytes = LinkHeader.bytes + stateBytes + EntryBytes.size(of: link.attributes)
        bytes.write(
            EntryHeader(
                key: 0,
                type: EntryType.link,
                value: UInt64(UInt32(dataBytes)) | UInt64(link.attributes.count) << 32
            )
        )
        let header = LinkHeader(
            traceIDHigh: link.context.traceID.high,
            traceIDLow: link.context.traceID.low,
            spanID: link.context.spanID.rawValue,
            traceFlags: link.context.traceFlags.rawValue,
            isRemote: link.context.isRemote ? 1 : 0,
            droppedAttributes: link.droppedAttributeCount
        )
        withUnsafeBytes(of: header) { bytes.write($0) }
        if !traceState.isEmpty { bytes.write(text: traceState, type: .traceState) }
        bytes.write(link.attributes)
    }
}
