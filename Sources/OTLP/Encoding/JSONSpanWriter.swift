import SpanKitRecording

/// Writes spans as OTLP/JSON objects, directly from the log.
struct JSONSpanWriter: ~Copyable {
    private var keys = FragmentCache()
    private var names = FragmentCache()
    private var clock = DecimalClock()
    /// Where the body has bytes that occur often.
    private(set) var hints: RepeatHints
    /// The ids of the span before, and their digits. What follows them in a body is found by the same match.
    private var lastTraceID: (high: UInt64, low: UInt64) = (0, 0)
    private var traceDigits = (Output.hexadecimalDigits(0), Output.hexadecimalDigits(0))
    private var lastParentID: UInt64 = 0
    private var parentDigits = Output.hexadecimalDigits(0)
    /// Whether the body has these ids.
    private var hasLast = false

    /// - Parameter givesHints: whether ``hints`` are wanted.
    init(givesHints: Bool) {
        hints = RepeatHints(areWanted: givesHints)
    }

    /// Call this before writing the first span of a body.
    mutating func begin() {
        hints.removeAll()
        hasLast = false
    }

    /// Call this when the last span was removed from the body.
    mutating func truncateHints(to position: Int) { hints.truncate(to: position) }

    /// Frees the memory that one large body needed.
    mutating func shrink() {
        hints.removeAll()
        hints.shrink(to: 16 * 1_024)
    }

    /// Call this before writing spans from another source.
    mutating func forgetTexts() {
        keys.removeAll()
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
            hints.add(value: header.traceIDLow, at: output.count)
        }
        output.store(traceDigits.0)
        output.store(traceDigits.1)
        if isOtherTrace { hint(Slot.spanID, output) }
        output.fragment("\",\"spanId\":\"")
        hints.add(value: header.spanID, at: output.count)
        output.hexadecimal(header.spanID)
        if header.parentSpanID != 0 {
            hint(Slot.parentSpanID, output)
            output.fragment("\",\"parentSpanId\":\"")
            if header.parentSpanID != lastParentID {
                lastParentID = header.parentSpanID
                parentDigits = Output.hexadecimalDigits(header.parentSpanID)
                hints.add(value: header.parentSpanID, at: output.count)
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
    private mutating func hint(_ slot: Int, _ output: borrowing Output) {
        hints.add(slot, at: output.count)
    }

    /// Texts shorter than eight bytes are not worth a hint.
    @inline(__always)
    private mutating func hint(value text: UnsafeRawBufferPointer, _ output: borrowing Output) {
        guard text.count >= 8 else { return }
        hints.add(value: text.loadUnaligned(as: UInt64.self) &+ UInt64(text.count), at: output.count)
    }

    /// Writes the name and the key of the kind, which follows it.
    @inline(__always)
    private mutating func writeName(
        _ record: SpanRecord,
        _ source: any SpanSource,
        _ output: inout Output
    ) {
        let number = record.header.name
        hints.add(after: 0, before: number, at: output.count)
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
            hint(value: description, output)
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
            writeAttributes(attributes, source, &output)
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
            hints.add(value: link.traceIDLow, at: output.count)
            output.hexadecimal(link.traceIDHigh)
            output.hexadecimal(link.traceIDLow)
            hint(Slot.spanID, output)
            output.fragment("\",\"spanId\":\"")
            hints.add(value: link.spanID, at: output.count)
            output.hexadecimal(link.spanID)
            output.byte(0x22)
            if let traceState = rest.text(EntryType.traceState) {
                writeText(",\"traceState\":\"", traceState, &output)
            }
            writeAttributes(rest, source, &output)
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
        var place = ListPlace(text: record.header.name, end: output.count)
        output.byte(0x22)
        guard record.header.attributeCount > 0 || tracksHeap else {
            return hints.add(after: place.text, before: 0, at: place.end)
        }
        output.reserve(128)
        output.fragment(",\"attributes\":[")
        writeList(Entries(record.payload), source, &place, &output)
        if tracksHeap {
            output.reserve(128)
            hints.add(Slot.heapBytes, at: place.end)
            if !place.isFirst { output.byte(0x2C) }
            place = ListPlace(text: 0, end: output.count, isFirst: false)
            output.fragment("{\"key\":\"")
            output.fragment(HeapAttribute.key)
            output.fragment("\",\"value\":{\"intValue\":\"")
            output.decimal(record.header.heapBytes)
            place.end = output.count
            output.fragment("\"}}")
        }
        hints.add(after: place.text, before: 0, at: place.end)
        output.reserve(8)
        output.byte(0x5D)
    }

    /// Writes the attributes of an event or a link.
    private mutating func writeAttributes(
        _ entries: Entries,
        _ source: any SpanSource,
        _ output: inout Output
    ) {
        let before = output.count
        output.reserve(64)
        output.fragment(",\"attributes\":[")
        var place = ListPlace(text: 0, end: before)
        writeList(entries, source, &place, &output)
        if place.isFirst { return output.truncate(to: before) }
        hints.add(after: place.text, before: 0, at: place.end)
        output.reserve(8)
        output.byte(0x5D)
    }

    /// A place in a list of attributes.
    private struct ListPlace {
        /// The key of the attribute before, or the name of the span.
        var text: UInt32
        /// Where the value before ends, or the span's times.
        var end: Int
        /// Whether there is no attribute yet.
        var isFirst = true
    }

    /// Writes the attributes among the entries.
    ///
    /// Typical attributes, a number or a text whose key has a number, are read in place: making an ``Entries/Entry`` for each would
    /// take as long as writing it.
    @inline(__always)
    private mutating func writeList(
        _ entries: Entries,
        _ source: any SpanSource,
        _ place: inout ListPlace,
        _ output: inout Output
    ) {
        var rest = entries.bytes
        while rest.count >= EntryHeader.bytes, let start = rest.baseAddress {
            let word = start.loadUnaligned(as: UInt64.self)
            let number = UInt32(truncatingIfNeeded: word)
            let type = UInt8(truncatingIfNeeded: word >> 32)
            let isText = type == EntryType.string
            guard number != 0, isText || type >= EntryType.bool && type <= EntryType.double else {
                rest = writeOther(rest, source, &place, &output)
                continue
            }
            let value = start.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            let text = isText ? Int(UInt32(truncatingIfNeeded: value)) : 0
            guard EntryHeader.bytes + text <= rest.count else { break }
            let fragment = keys.fragment(of: number) { $0.json(key: source.text(of: number)) }
            output.reserve(fragment.count + Output.padding + 64)
            hints.add(after: place.text, before: number, at: place.end)
            if !place.isFirst { output.byte(0x2C) }
            output.fragment(padded: fragment)
            let data = UnsafeRawBufferPointer(start: start + EntryHeader.bytes, count: text)
            // The text begins after `{"stringValue":"`.
            if isText, text >= 8 {
                hints.add(value: data.loadUnaligned(as: UInt64.self) &+ UInt64(text), at: output.count &+ 16)
            }
            output.json(type, value, data, endsAttribute: true)
            // A text or an integer ends with `"}}`, a floating-point number with `}}`.
            let end = output.count &- (type == EntryType.double ? 2 : 3)
            place = ListPlace(text: number, end: end, isFirst: false)
            let total = min(rest.count, EntryHeader.bytes + EntryHeader.padded(text))
            rest = UnsafeRawBufferPointer(start: start + total, count: rest.count - total)
        }
    }

    /// Writes the first entry if it is an attribute.
    /// - Returns: the entries after it.
    @inline(never)
    private mutating func writeOther(
        _ rest: UnsafeRawBufferPointer,
        _ source: any SpanSource,
        _ place: inout ListPlace,
        _ output: inout Output
    ) -> UnsafeRawBufferPointer {
        var entries = Entries(rest)
        guard let entry = entries.next() else { return .empty }
        guard EntryType.isAttribute(entry.header.type) else { return entries.bytes }
        output.reserve(8)
        hints.add(after: place.text, before: entry.header.key, at: place.end)
        if !place.isFirst { output.byte(0x2C) }
        hint(Slot.otherKey, output)
        output.json(key: entry.header.key != 0 ? source.text(of: entry.header.key) : entry.key)
        output.json(value: entry)
        output.reserve(8)
        place = ListPlace(text: entry.header.key, end: output.count, isFirst: false)
        output.byte(0x7D)
        return entries.bytes
    }
}
