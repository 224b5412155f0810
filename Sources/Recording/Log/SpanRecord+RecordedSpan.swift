extension SpanRecord {
    /// The span's name, and nothing else copied.
    /// - Parameter texts: what stands behind a number of the string table.
    package func name(texts: (UInt32) -> UnsafeRawBufferPointer) -> String {
        if header.name == 0 {
            var entries = Entries(payload)
            while let entry = entries.next() {
                if entry.header.type == EntryType.name { return String(decoding: entry.data, as: UTF8.self) }
            }
        }
        return String(decoding: texts(header.name), as: UTF8.self)
    }

    /// The span with everything in it copied.
    /// - Parameter texts: what stands behind a number of the string table.
    package func recordedSpan(texts: (UInt32) -> UnsafeRawBufferPointer) -> RecordedSpan {
        let times = header.unixTimes(anchor)
        var span = RecordedSpan(
            name: String(decoding: texts(header.name), as: UTF8.self),
            context: SpanContext(
                traceID: TraceID(high: header.traceIDHigh, low: header.traceIDLow),
                spanID: SpanID(rawValue: header.spanID),
                traceFlags: TraceFlags(rawValue: header.traceFlags)
            ),
            parentSpanID: header.parentSpanID == 0 ? nil : SpanID(rawValue: header.parentSpanID),
            parentIsRemote: header.bits.contains(.parentIsRemote),
            kind: RecordedSpan.Kind(rawValue: header.kind) ?? .internal,
            startUnixNanoseconds: times.start,
            endUnixNanoseconds: times.end
        )
        span.droppedAttributeCount = header.droppedAttributes
        span.droppedEventCount = header.droppedEvents
        span.droppedLinkCount = header.droppedLinks
        span.heapDeltaBytes = header.bits.contains(.tracksHeap) ? header.heapBytes : nil
        var description = ""
        var entries = Entries(payload)
        while let entry = entries.next() {
            switch entry.header.type {
            case EntryType.name: span.name = String(decoding: entry.data, as: UTF8.self)
            case EntryType.statusDescription: description = String(decoding: entry.data, as: UTF8.self)
            case EntryType.traceState: span.context.traceState = String(decoding: entry.data, as: UTF8.self)
            case EntryType.event: entry.event(anchor, texts).map { span.events.append($0) }
            case EntryType.link: entry.link(texts).map { span.links.append($0) }
            case let type where EntryType.isAttribute(type): span.attributes.append(entry.attribute(texts))
            default: break
            }
        }
        span.status = header.status == .ok ? .ok : header.status == .error ? .error(description) : .unset
        return span
    }
}

extension Entries {
    /// The attributes among the entries, copied.
    func attributes(_ texts: (UInt32) -> UnsafeRawBufferPointer) -> [Attribute] {
        var attributes: [Attribute] = []
        var entries = self
        while let entry = entries.next() {
            if EntryType.isAttribute(entry.header.type) { attributes.append(entry.attribute(texts)) }
        }
        return attributes
    }
}

extension Entries.Entry {
    /// The name of an event or the key of an attribute.
    private func keyText(_ texts: (UInt32) -> UnsafeRawBufferPointer) -> String {
        String(decoding: header.key == 0 ? key : texts(header.key), as: UTF8.self)
    }

    func attribute(_ texts: (UInt32) -> UnsafeRawBufferPointer) -> Attribute {
        Attribute(keyText(texts), value(texts))
    }

    private func value(_ texts: (UInt32) -> UnsafeRawBufferPointer) -> AttributeValue {
        switch header.type {
        case EntryType.bool: return .bool(header.value != 0)
        case EntryType.int: return .int(Int64(bitPattern: header.value))
        case EntryType.double: return .double(Double(bitPattern: header.value))
        case EntryType.string: return .string(String(decoding: data, as: UTF8.self))
        case EntryType.bytes: return .bytes(Array(data))
        case EntryType.array:
            var elements: [AttributeValue] = []
            var entries = Entries(data)
            while let entry = entries.next() { elements.append(entry.value(texts)) }
            return .array(elements)
        case EntryType.map: return .map(Entries(data).attributes(texts))
        default: return .null
        }
    }

    fileprivate func event(
        _ anchor: ClockAnchor,
        _ texts: (UInt32) -> UnsafeRawBufferPointer
    ) -> RecordedSpan.Event? {
        guard data.count >= EventHeader.bytes else { return nil }
        let event = data.loadUnaligned(as: EventHeader.self)
        return RecordedSpan.Event(
            name: keyText(texts),
            unixNanoseconds: event.unixNanoseconds(anchor),
            attributes: Entries(UnsafeRawBufferPointer(rebasing: data.dropFirst(EventHeader.bytes))).attributes(texts),
            droppedAttributeCount: event.droppedAttributes
        )
    }

    fileprivate func link(_ texts: (UInt32) -> UnsafeRawBufferPointer) -> RecordedSpan.Link? {
        guard data.count >= LinkHeader.bytes else { return nil }
        let header = data.loadUnaligned(as: LinkHeader.self)
        var link = RecordedSpan.Link(
            context: SpanContext(
                traceID: TraceID(high: header.traceIDHigh, low: header.traceIDLow),
                spanID: SpanID(rawValue: header.spanID),
                traceFlags: TraceFlags(rawValue: header.traceFlags),
                isRemote: header.isRemote == 1
            ),
            attributes: [],
            droppedAttributeCount: header.droppedAttributes
        )
        var entries = Entries(UnsafeRawBufferPointer(rebasing: data.dropFirst(LinkHeader.bytes)))
        while let entry = entries.next() {
            if entry.header.type == EntryType.traceState {
                link.context.traceState = String(decoding: entry.data, as: UTF8.self)
            } else if EntryType.isAttribute(entry.header.type) {
                link.attributes.append(entry.attribute(texts))
            }
        }
        return link
    }
}
