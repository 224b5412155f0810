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
        case .unset: header.status = .unset
        case .ok: header.status = .ok
        case .error(let description):
            header.status = .error
            if !description.isEmpty { bytes.write(text: description, type: .statusDescription) }
        }
        bytes.write(span.attributes)
        // The counts only say whether there is anything to look for.
        header.attributeCount = span.attributes.isEmpty ? 0 : 1
        for event in span.events {
            bytes.write(
                EventHeader(unixNanoseconds: event.unixNanoseconds, ticks: 0, dropped: event.droppedAttributeCount),
                name: event.name,
                number: 0,
                attributes: (event.attributes.count, EntryBytes.size(of: event.attributes))
            )
            bytes.write(event.attributes)
        }
        header.eventCount = span.events.isEmpty ? 0 : 1
        for link in span.links {
            bytes.write(
                linkTo: link.context,
                dropped: link.droppedAttributeCount,
                attributes: (link.attributes.count, EntryBytes.size(of: link.attributes))
            )
            bytes.write(link.attributes)
        }
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
        return accepted > consumedCount ? [.chosen(accepted - consumedCount)] : []
    }

    package func consume(_ stretches: [LogStretch]) {
        for stretch in stretches { consumedCount += stretch.chosenCount }
        guard consumedCount == offsets.count else { return }
        bytes.storage.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        consumedCount = 0
    }

    package func text(of number: UInt32) -> UnsafeRawBufferPointer { .empty }
}
