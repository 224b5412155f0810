import SpanKitRecording

/// Writes spans as OTLP/JSON objects, directly from the log.
struct JSONSpanWriter: ~Copyable {
    private var names = FragmentCache()
    private var clock = DecimalClock()
    private var list: JSONAttributeWriter
    /// The ids of the previous span, and their digits. If an id is the same again, the compressor's match continues
    /// over the bytes that follow the id.
    private var lastTraceID: (high: UInt64, low: UInt64) = (0, 0)
    private var traceDigits = (Output.hexadecimalDigits(0), Output.hexadecimalDigits(0))
    private var lastParentID: UInt64 = 0
    private var parentDigits = Output.hexadecimalDigits(0)
    /// Whether the body has these ids.
    private var hasLast = false

    /// - Parameter givesHints: whether ``hints`` are wanted.
    init(givesHints: Bool) {
        list = JSONAttributeWriter(givesHints: givesHints)
    }

    /// Where the body has bytes that occur often; valid until the next change.
    var hints: UnsafeBufferPointer<RepeatHint> { list.hints.all }

    /// Call this before writing the first span of a body.
    mutating func begin() {
        list.hints.removeAll()
        hasLast = false
    }

    /// Adds the hints of spans that another writer wrote elsewhere and that are copied to a position of the body.
    mutating func add(hintsOf other: borrowing JSONSpanWriter, offset: Int) {
        list.hints.add(other.list.hints, offset: offset)
    }

    /// Call this when the last span was removed from the body.
    mutating func truncateHints(to position: Int) { list.hints.truncate(to: position) }

    /// Frees the memory that one large body needed.
    mutating func shrink() {
        list.hints.removeAll()
        list.hints.shrink(to: 16 * 1_024)
    }

    /// Call this before writing spans from another source.
    mutating func forgetTexts() {
        list.forgetTexts()
        names.removeAll()
    }

    mutating func write(_ record: SpanRecord, from source: any SpanSource, to output: inout Output) {
        let header = record.header
        let times = header.unixTimes(record.anchor)
        output.reserve(512)
        output.fragment("{\"traceId\":\"")
        let isOtherTrace = !hasLast || header.traceIDLow != lastTraceID.low || header.traceIDHigh != lastTraceID.high
        if isOtherTrace {
            hasLast = true
            lastTraceID = (header.traceIDHigh, header.traceIDLow)
            traceDigits = (
                Output.hexadecimalDigits(header.traceIDHigh), Output.hexadecimalDigits(header.traceIDLow)
            )
            lastParentID = 0
            list.hints.add(value: header.traceIDLow, at: output.count)
        }
        output.store(traceDigits.0)
        output.store(traceDigits.1)
        if isOtherTrace { hint(Slot.spanID, output) }
        output.fragment("\",\"spanId\":\"")
        list.hints.add(value: header.spanID, at: output.count)
        output.hexadecimal(header.spanID)
        if header.parentSpanID != 0 {
            hint(Slot.parentSpanID, output)
            output.fragment("\",\"parentSpanId\":\"")
            if header.parentSpanID != lastParentID {
                lastParentID = header.parentSpanID
                parentDigits = Output.hexadecimalDigits(header.parentSpanID)
                list.hints.add(value: header.parentSpanID, at: output.count)
            }
            output.store(parentDigits)
        }
        writeName(record, source, &output)
        output.reserve(256)
        output.byte(0x30 + min(header.kind, 9))
        hint(Slot.startTime, output)
        output.fragment(",\"startTimeUnixNano\":\"")
        clock.write(UInt64(max(0, times.start)), to: &output)
        hint(Slot.endTime, output)
        output.fragment("\",\"endTimeUnixNano\":\"")
        clock.write(UInt64(max(0, times.end)), to: &output)
        writeAttributes(record, source, &output)
        writeCount(header.droppedAttributes, ",\"droppedAttributesCount\":", &output)
        if header.eventCount > 0 { writeEvents(record, source, &output) }
        writeCount(header.droppedEvents, ",\"droppedEventsCount\":", &output)
        if header.linkCount > 0 { writeLinks(record, source, &output) }
        writeCount(header.droppedLinks, ",\"droppedLinksCount\":", &output)
        if header.status != .unset { writeStatus(record, &output) }
        if header.traceState != 0, let traceState = Entries(record.payload).text(EntryType.traceState) {
            hint(Slot.traceState, output)
            writeText(",\"traceState\":\"", traceState, &output)
        }
        output.reserve(32)
        hint(Slot.flags, output)
        output.fragment(",\"flags\":")
        output.decimal(UInt64(header.flags))
        output.byte(0x7D)
    }

    // MARK: Parts of a span

    private typealias Slot = RepeatHints.Slot

    @inline(__always)
    private mutating func hint(_ slot: Int, _ output: borrowing Output) { list.hints.add(slot, at: output.count) }

    /// Writes the name and the key of the kind, which follows it.
    @inline(__always)
    private mutating func writeName(
        _ record: SpanRecord,
        _ source: any SpanSource,
        _ output: inout Output
    ) {
        let number = record.header.name
        list.hints.add(after: 0, before: number, at: output.count)
        if number != 0 {
            let fragment = names.fragment(of: number) { Self.writeNameAndKind(source.text(of: number), &$0) }
            output.reserve(fragment.count + Output.padding)
            output.fragment(padded: fragment)
        } else {
            Self.writeNameAndKind(Entries(record.payload).text(EntryType.name) ?? .empty, &output)
        }
    }

    private static func writeNameAndKind(_ name: UnsafeRawBufferPointer, _ output: inout Output) {
        output.reserve(32)
        output.fragment("\",\"name\":\"")
        output.json(text: name)
        output.reserve(32)
        output.fragment("\",\"kind\":")
    }

    private mutating func writeStatus(_ record: SpanRecord, _ output: inout Output) {
        output.reserve(64)
        hint(Slot.status, output)
        output.fragment(",\"status\":{")
        let status = record.header.status
        if status == .error, let description = Entries(record.payload).text(EntryType.statusDescription) {
            output.fragment("\"message\":\"")
            list.hints.add(text: description, at: output.count)
            output.json(text: description)
            output.reserve(32)
            output.fragment("\",")
        }
        output.fragment("\"code\":")
        output.byte(0x30 + min(status.rawValue, 2))
        output.byte(0x7D)
    }

    private func writeText(_ before: StaticString, _ text: UnsafeRawBufferPointer, _ output: inout Output) {
        output.write(before)
        output.json(text: text)
        output.write("\"")
    }

    @inline(__always)
    private func writeCount(_ count: UInt32, _ before: StaticString, _ output: inout Output) {
        guard count != 0 else { return }
        output.write(before)
        output.write(UInt64(count))
    }

    private mutating func writeEvents(
        _ record: SpanRecord,
        _ source: any SpanSource,
        _ output: inout Output
    ) {
        var separator: StaticString = ",\"events\":["
        var entries = Entries(record.payload)
        while let (entry, event, attributes) = entries.next(EntryType.event, EventHeader.self) {
            output.reserve(128)
            hint(Slot.events, output)
            output.fragment(separator)
            separator = ","
            hint(Slot.event, output)
            output.fragment("{\"timeUnixNano\":\"")
            output.decimal(UInt64(max(0, event.unixNanoseconds(record.anchor))))
            hint(Slot.eventName, output)
            output.fragment("\",\"name\":\"")
            output.json(text: entry.header.key == 0 ? entry.key : source.text(of: entry.header.key))
            output.write("\"")
            list.writeMember(attributes, source, &output)
            writeCount(event.droppedAttributes, ",\"droppedAttributesCount\":", &output)
            output.write("}")
        }
        if separator.utf8CodeUnitCount == 1 { output.write("]") }
    }

    private mutating func writeLinks(
        _ record: SpanRecord,
        _ source: any SpanSource,
        _ output: inout Output
    ) {
        var separator: StaticString = ",\"links\":["
        var entries = Entries(record.payload)
        while let (_, link, rest) = entries.next(EntryType.link, LinkHeader.self) {
            output.reserve(160)
            hint(Slot.links, output)
            output.fragment(separator)
            separator = ","
            hint(Slot.link, output)
            output.fragment("{\"traceId\":\"")
            list.hints.add(value: link.traceIDLow, at: output.count)
            output.hexadecimal(link.traceIDHigh)
            output.hexadecimal(link.traceIDLow)
            hint(Slot.spanID, output)
            output.fragment("\",\"spanId\":\"")
            list.hints.add(value: link.spanID, at: output.count)
            output.hexadecimal(link.spanID)
            output.byte(0x22)
            if let traceState = rest.text(EntryType.traceState) {
                writeText(",\"traceState\":\"", traceState, &output)
            }
            list.writeMember(rest, source, &output)
            writeCount(link.droppedAttributes, ",\"droppedAttributesCount\":", &output)
            output.reserve(64)
            output.fragment(",\"flags\":")
            output.decimal(UInt64(link.flags))
            output.byte(0x7D)
        }
        if separator.utf8CodeUnitCount == 1 { output.write("]") }
    }

    // MARK: Attributes

    @inline(__always)
    private mutating func writeAttributes(
        _ record: SpanRecord,
        _ source: any SpanSource,
        _ output: inout Output
    ) {
        let tracksHeap = record.header.bits.contains(.tracksHeap)
        var place = JSONAttributeWriter.Place(text: record.header.name, end: output.count)
        output.byte(0x22)
        guard record.header.attributeCount > 0 || tracksHeap else {
            return list.hints.add(after: place.text, before: 0, at: place.end)
        }
        output.reserve(128)
        output.fragment(",\"attributes\":[")
        list.write(Entries(record.payload), source, &place, &output)
        if tracksHeap {
            output.reserve(128)
            list.hints.add(Slot.heapBytes, at: place.end)
            if !place.isFirst { output.byte(0x2C) }
            place = JSONAttributeWriter.Place(text: 0, end: output.count, isFirst: false)
            output.fragment("{\"key\":\"")
            output.fragment(HeapAttribute.key)
            output.fragment("\",\"value\":{\"intValue\":\"")
            output.decimal(record.header.heapBytes)
            place.end = output.count
            output.fragment("\"}}")
        }
        list.hints.add(after: place.text, before: 0, at: place.end)
        output.reserve(8)
        output.byte(0x5D)
    }
}
