import SpanKitRecording

/// Spans that this process did not record, such as those read from a file, as a source for encoders.
///
/// The records contain all their texts, so there is no string table. Fill it before other threads read it.
package final class DetachedRecords: SpanSource, @unchecked Sendable {
    // Sendable because it is only read after it was filled.
    private var payloads = EntryBytes()
    /// Each span's header, and where its payload starts.
    private var records: [(header: SpanHeader, start: Int)] = []
    private var consumedCount = 0

    package init() {}

    /// The number of spans that were not consumed.
    package var count: Int { records.count - consumedCount }

    /// Adds a span.
    package func append(_ span: RecordedSpan) {
        let start = payloads.storage.count
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
        if !span.name.isEmpty { payloads.write(text: span.name, type: EntryType.name) }
        if !span.context.traceState.isEmpty {
            header.traceState = 1
            payloads.write(text: span.context.traceState, type: EntryType.traceState)
        }
        switch span.status {
        case .unset: header.status = .unset
        case .ok: header.status = .ok
        case .error(let description):
            header.status = .error
            if !description.isEmpty { payloads.write(text: description, type: EntryType.statusDescription) }
        }
        payloads.write(span.attributes)
        for event in span.events {
            payloads.write(
                EventHeader(unixNanoseconds: event.unixNanoseconds, dropped: event.droppedAttributeCount),
                name: event.name,
                AttributeList(event.attributes, dropped: event.droppedAttributeCount)
            )
        }
        for link in span.links {
            payloads.write(
                linkTo: link.context,
                AttributeList(link.attributes, dropped: link.droppedAttributeCount)
            )
        }
        // Encoders only ask whether the counts are 0.
        header.attributeCount = span.attributes.isEmpty ? 0 : 1
        header.eventCount = span.events.isEmpty ? 0 : 1
        header.linkCount = span.links.isEmpty ? 0 : 1
        header.payloadBytes = UInt32(payloads.storage.count - start)
        records.append((header, start))
    }

    package func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
        var accepted = 0
        payloads.storage.withUnsafeBytes { storage in
            for (header, start) in records[consumedCount...] {
                let payload = UnsafeRawBufferPointer(rebasing: storage[start..<start + Int(header.payloadBytes)])
                let record = SpanRecord(header: header, payload: payload, anchor: .unused)
                if header.hasIdentity, !body(record) { break }
                accepted += 1
            }
        }
        return accepted > 0 ? [.chosen(accepted)] : []
    }

    package func consume(_ stretches: [LogStretch]) {
        for stretch in stretches { consumedCount += stretch.chosenCount }
        guard consumedCount == records.count else { return }
        payloads.storage.removeAll(keepingCapacity: true)
        records.removeAll(keepingCapacity: true)
        consumedCount = 0
    }

    package func text(of number: UInt32) -> UnsafeRawBufferPointer { .empty }
    package func scope(of number: UInt32) -> InstrumentationScope? { nil }
}
