/// Reads one record of the span log.
///
/// A record is complete and unchanging once it is committed; the pointer is valid as long as the log's reader is.
struct RecordReader {
    private let header: SpanHeader
    private let payload: UnsafeRawBufferPointer
    private let anchor: ClockAnchor
    private let strings: StringTable
    private let traceStates: TraceStateTable

    init(_ record: UnsafeRawPointer, _ anchor: ClockAnchor, _ strings: StringTable, _ traceStates: TraceStateTable) {
        let content = record + RecordHeader.bytes
        header = content.load(as: SpanHeader.self)
        payload = UnsafeRawBufferPointer(start: content + SpanHeader.bytes, count: Int(header.payloadBytes))
        self.anchor = anchor
        self.strings = strings
        self.traceStates = traceStates
    }

    /// The span with everything in it copied.
    func span() -> RecordedSpan {
        let times = header.unixTimes(anchor)
        var span = RecordedSpan(
            name: strings.text(of: header.name),
            context: SpanContext(
                traceID: TraceID(high: header.traceIDHigh, low: header.traceIDLow),
                spanID: SpanID(rawValue: header.spanID),
                traceFlags: TraceFlags(rawValue: header.traceFlags),
                traceState: traceStates.text(for: header.traceState)
            ),
            parentSpanID: header.parentSpanID == 0 ? nil : SpanID(rawValue: header.parentSpanID),
            parentIsRemote: header.bits.contains(.parentIsRemote),
            kind: SpanKind(rawValue: header.kind) ?? .internal,
            startUnixNanoseconds: times.start,
            endUnixNanoseconds: times.end,
            status: .unset,
            attributes: [],
            events: [],
            links: [],
            droppedAttributeCount: header.droppedAttributes,
            droppedEventCount: header.droppedEvents,
            droppedLinkCount: header.droppedLinks,
            heapDeltaBytes: header.bits.contains(.tracksHeap) ? header.heapBytes : nil
        )
        var description = ""
        forEachEntry(in: payload) { entry in
            switch entry.header.type {
            case EntryType.name: span.name = String(decoding: entry.data, as: UTF8.self)
            case EntryType.statusDescription: description = String(decoding: entry.data, as: UTF8.self)
            case EntryType.event: span.events.append(event(entry))
            case EntryType.link: span.links.append(link(entry))
            case let type where EntryType.isAttribute(type): span.attributes.append(attribute(entry))
            default: break
            }
        }
        span.status = header.status == 1 ? .ok : header.status == 2 ? .error(description) : .unset
        return span
    }

    private struct Entry {
        var header: EntryHeader
        var key: UnsafeRawBufferPointer
        var data: UnsafeRawBufferPointer
    }

    private func forEachEntry(in bytes: UnsafeRawBufferPointer, _ body: (Entry) -> Void) {
        var offset = 0
        while offset + EntryHeader.bytes <= bytes.count {
            let header = bytes.load(fromByteOffset: offset, as: EntryHeader.self)
            let keyBytes = header.key == 0 ? Int(header.keyBytes) : 0
            let keyStart = offset + EntryHeader.bytes
            let dataStart = keyStart + EntryHeader.padded(keyBytes)
            let dataBytes = EntryType.isFixedSize(header.type) ? 0 : header.dataBytes
            guard dataStart + dataBytes <= bytes.count else { return }
            body(
                Entry(
                    header: header,
                    key: UnsafeRawBufferPointer(rebasing: bytes[keyStart..<keyStart + keyBytes]),
                    data: UnsafeRawBufferPointer(rebasing: bytes[dataStart..<dataStart + dataBytes])
                )
            )
            offset += header.totalBytes
        }
    }

    private func key(_ entry: Entry) -> String {
        String(decoding: entry.header.key == 0 ? entry.key : strings.bytes(of: entry.header.key), as: UTF8.self)
    }

    private func attribute(_ entry: Entry) -> Attribute {
        Attribute(key(entry), value(entry))
    }

    private func attributes(in bytes: UnsafeRawBufferPointer) -> [Attribute] {
        var attributes: [Attribute] = []
        forEachEntry(in: bytes) { attributes.append(attribute($0)) }
        return attributes
    }

    private func value(_ entry: Entry) -> AttributeValue {
        switch entry.header.type {
        case EntryType.bool: return .bool(entry.header.value != 0)
        case EntryType.int: return .int(Int64(bitPattern: entry.header.value))
        case EntryType.double: return .double(Double(bitPattern: entry.header.value))
        case EntryType.string: return .string(String(decoding: entry.data, as: UTF8.self))
        case EntryType.bytes: return .bytes(Array(entry.data))
        case EntryType.array:
            var elements: [AttributeValue] = []
            forEachEntry(in: entry.data) { elements.append(value($0)) }
            return .array(elements)
        case EntryType.map: return .map(attributes(in: entry.data))
        default: return .null
        }
    }

    private func event(_ entry: Entry) -> RecordedSpan.Event {
        let event = entry.data.load(as: EventHeader.self)
        return RecordedSpan.Event(
            name: key(entry),
            unixNanoseconds: event.isUnix == 1
                ? Int64(bitPattern: event.time) : anchor.unixNanoseconds(at: event.time),
            attributes: attributes(in: UnsafeRawBufferPointer(rebasing: entry.data.dropFirst(16))),
            droppedAttributeCount: event.droppedAttributes
        )
    }

    private func link(_ entry: Entry) -> RecordedSpan.Link {
        let link = entry.data.load(as: LinkHeader.self)
        return RecordedSpan.Link(
            context: SpanContext(
                traceID: TraceID(high: link.traceIDHigh, low: link.traceIDLow),
                spanID: SpanID(rawValue: link.spanID),
                traceFlags: TraceFlags(rawValue: link.traceFlags),
                traceState: traceStates.text(for: link.traceState),
                isRemote: link.isRemote == 1
            ),
            attributes: attributes(in: UnsafeRawBufferPointer(rebasing: entry.data.dropFirst(48))),
            droppedAttributeCount: link.droppedAttributes
        )
    }
}

extension Recorder {
    /// The ended spans in the log, oldest chunk first.
    /// - Parameter consuming: whether they are taken out, which makes room.
    package func recordedSpans(consuming: Bool) -> [RecordedSpan] {
        var spans: [RecordedSpan] = []
        log.read(consuming: consuming) { record, anchor in
            spans.append(RecordReader(record, anchor, strings, traceStates).span())
        }
        return spans
    }

    /// Takes all ended spans out of the log without looking at them.
    package func discardRecordedSpans() {
        log.read(consuming: true) { _, _ in }
    }
}
