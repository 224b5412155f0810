import SpanKitRecording

/// Writes spans as protobuf messages, directly from the log, with the fields in the order of their numbers.
///
/// Tags are those of `opentelemetry/proto/trace/v1/trace.proto` and `common.proto`.
struct ProtobufSpanWriter: ~Copyable {
    private var list = ProtobufAttributeWriter()
    private var names = FragmentCache()

    /// Call this before writing spans from another source.
    mutating func forgetTexts() {
        list.forgetTexts()
        names.removeAll()
    }

    /// Writes a span as an element of a repeated field.
    mutating func write(_ record: SpanRecord, tag: UInt8, from source: any SpanSource, to output: inout Output) {
        let header = record.header
        let times = header.unixTimes(record.anchor)
        let span = output.beginMessage(tag, lengthBytes: 2)
        output.reserve(128)
        output.byte(0x0A)
        output.traceID(header.traceIDHigh, header.traceIDLow)
        output.byte(0x12)
        output.spanID(header.spanID)
        if header.traceState != 0, let traceState = Entries(record.payload).text(EntryType.traceState) {
            output.field(0x1A, text: traceState)
            output.reserve(64)
        }
        if header.parentSpanID != 0 {
            output.byte(0x22)
            output.spanID(header.parentSpanID)
        }
        writeName(record, source, &output)
        output.reserve(64)
        output.byte(0x30)
        output.varint(UInt64(header.kind))
        output.byte(0x39)
        output.fixed64(UInt64(max(0, times.start)))
        output.byte(0x41)
        output.fixed64(UInt64(max(0, times.end)))
        if header.attributeCount > 0 { list.write(Entries(record.payload), tag: 0x4A, source, &output) }
        if header.bits.contains(.tracksHeap) { writeHeapDelta(header.heapBytes, &output) }
        writeCount(header.droppedAttributes, tag: 0x50, &output)
        if header.eventCount > 0 { writeEvents(record, source, &output) }
        writeCount(header.droppedEvents, tag: 0x60, &output)
        if header.linkCount > 0 { writeLinks(record, source, &output) }
        writeCount(header.droppedLinks, tag: 0x70, &output)
        if header.status != .unset { writeStatus(record, &output) }
        output.reserve(16)
        output.byte(0x85)
        output.byte(0x01)
        output.fixed32(header.flags)
        output.endMessage(span)
    }

    // MARK: Parts of a span

    private mutating func writeName(_ record: SpanRecord, _ source: any SpanSource, _ output: inout Output) {
        let number = record.header.name
        if number != 0 {
            let fragment = names.fragment(of: number) { $0.field(0x2A, text: source.text(of: number)) }
            output.reserve(fragment.count + Output.padding)
            output.fragment(padded: fragment)
        } else if let name = Entries(record.payload).text(EntryType.name) {
            output.field(0x2A, text: name)
        }
    }

    private func writeCount(_ count: UInt32, tag: UInt8, _ output: inout Output) {
        guard count != 0 else { return }
        output.reserve(16)
        output.byte(tag)
        output.varint(UInt64(count))
    }

    private func writeStatus(_ record: SpanRecord, _ output: inout Output) {
        let status = output.beginMessage(0x7A)
        if record.header.status == .error, let description = Entries(record.payload).text(EntryType.statusDescription) {
            output.field(0x12, text: description)
        }
        output.reserve(16)
        output.byte(0x18)
        output.varint(UInt64(min(record.header.status.rawValue, 2)))
        output.endMessage(status)
    }

    private mutating func writeEvents(_ record: SpanRecord, _ source: any SpanSource, _ output: inout Output) {
        var entries = Entries(record.payload)
        while let (entry, header, attributes) = entries.next(EntryType.event, EventHeader.self) {
            let event = output.beginMessage(0x5A)
            output.reserve(16)
            output.byte(0x09)
            output.fixed64(UInt64(max(0, header.unixNanoseconds(record.anchor))))
            output.field(0x12, text: entry.header.key == 0 ? entry.key : source.text(of: entry.header.key))
            list.write(attributes, tag: 0x1A, source, &output)
            writeCount(header.droppedAttributes, tag: 0x20, &output)
            output.endMessage(event)
        }
    }

    private mutating func writeLinks(_ record: SpanRecord, _ source: any SpanSource, _ output: inout Output) {
        var entries = Entries(record.payload)
        while let (_, header, rest) = entries.next(EntryType.link, LinkHeader.self) {
            let link = output.beginMessage(0x6A)
            output.reserve(64)
            output.byte(0x0A)
            output.traceID(header.traceIDHigh, header.traceIDLow)
            output.byte(0x12)
            output.spanID(header.spanID)
            if let traceState = rest.text(EntryType.traceState) { output.field(0x1A, text: traceState) }
            list.write(rest, tag: 0x22, source, &output)
            writeCount(header.droppedAttributes, tag: 0x28, &output)
            output.reserve(16)
            output.byte(0x35)
            output.fixed32(header.flags)
            output.endMessage(link)
        }
    }

    // MARK: Attributes

    private func writeHeapDelta(_ bytes: Int64, _ output: inout Output) {
        let attribute = output.beginMessage(0x4A)
        output.field(
            0x0A,
            UnsafeRawBufferPointer(
                start: HeapAttribute.key.utf8Start,
                count: HeapAttribute.key.utf8CodeUnitCount
            )
        )
        let value = output.beginMessage(0x12)
        output.reserve(16)
        output.byte(0x18)
        output.varint(UInt64(bitPattern: bytes))
        output.endMessage(value)
        output.endMessage(attribute)
    }
}
