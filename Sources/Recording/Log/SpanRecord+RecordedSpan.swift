extension SpanRecord {
    /// The span's name.
    /// - Parameter texts: Returns the text for a number in the string table.
    package func name(texts: (UInt32) -> UnsafeRawBufferPointer) -> String {
        let written = header.name == 0 ? Entries(payload).text(EntryType.name) : nil
        return String(decoding: written ?? texts(header.name), as: UTF8.self)
    }

    /// A copy of the whole span.
    /// - Parameters:
    ///   - texts: Returns the text for a number in the string table.
    ///   - scopes: Returns the scope for a number (``SpanSource/scope(of:)``).
    package func recordedSpan(
        texts: (UInt32) -> UnsafeRawBufferPointer,
        scopes: (UInt32) -> InstrumentationScope?
    ) -> RecordedSpan {
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
        if header.scope != 0 { span.scope = scopes(header.scope) }
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
    /// Copies of the attributes among the entries.
    package func attributes(_ texts: (UInt32) -> UnsafeRawBufferPointer) -> [Attribute] {
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
        case EntryType.string: return .string(String(decoding: data, as: UTF8.self))
        case EntryType.bytes: return .bytes(Array(data))
        case EntryType.array:
            var elements: [AttributeValue] = []
            var entries = Entries(data)
            while let entry = entries.next() { elements.append(entry.value(texts)) }
            return .array(elements)
        case EntryType.map: return .map(Entries(data).attributes(texts))
        case let type: return AttributeValue(type: type, bits: header.value)
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
        let entries = Entries(UnsafeRawBufferPointer(rebasing: data.dropFirst(LinkHeader.bytes)))
        let traceState = entries.text(EntryType.traceState).map { String(decoding: $0, as: UTF8.self) }
        return RecordedSpan.Link(
            context: SpanContext(
                traceID: TraceID(high: header.traceIDHigh, low: header.traceIDLow),
                spanID: SpanID(rawValue: header.spanID),
                traceFlags: TraceFlags(rawValue: header.traceFlags),
                traceState: traceState ?? "",
                isRemote: header.isRemote == 1
            ),
            attributes: entries.attributes(texts),
            droppedAttributeCount: header.droppedAttributes
        )
    }
}
