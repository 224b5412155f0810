import SpanKitRecording

/// Writes log records as OTLP/JSON objects, directly from the log.
struct JSONLogWriter: ~Copyable {
    private var code = CodeAttributes(.json)
    private var clock = DecimalClock()
    private var list: JSONAttributeWriter
    /// The trace id of the previous record. If the id is the same again, the compressor's match continues over the
    /// bytes that follow the id.
    private var lastTraceID: (high: UInt64, low: UInt64) = (0, 0)

    init(givesHints: Bool) {
        list = JSONAttributeWriter(givesHints: givesHints)
    }

    /// Call this before writing the first record of a part of a body.
    mutating func begin() { lastTraceID = (0, 0) }

    /// Exchanges the hints with those of another part of the body.
    mutating func swapHints(_ hints: inout RepeatHints) { swap(&list.hints, &hints) }

    /// Call this when the last record was removed from the body.
    mutating func truncateHints(to position: Int) { list.hints.truncate(to: position) }

    /// Call this before writing records from another source.
    mutating func forgetTexts() {
        code.forgetTexts()
        list.forgetTexts()
    }

    /// The slots of hints, for what follows a part of a record.
    private enum Slot {
        static let time = 0
        static let severity = 1
        static let body = 2
        static let attributes = 3
        static let flags = 4
        static let spanID = 5
        static let eventName = 6
        static let end = 7
    }

    mutating func write(_ record: LogRecordView, from source: any LogRecordSource, to output: inout Output) {
        let header = record.header
        let times = header.unixTimes(record.anchor)
        output.reserve(512)
        output.fragment("{\"timeUnixNano\":\"")
        list.hints.add(Slot.time, at: output.count)
        clock.write(UInt64(max(0, times.time)), to: &output)
        output.fragment("\",\"observedTimeUnixNano\":\"")
        list.hints.add(Slot.time, at: output.count)
        clock.write(UInt64(max(0, times.observed)), to: &output)
        list.hints.add(after: 0, before: UInt32(header.severity), at: output.count)
        output.byte(0x22)
        writeSeverity(record, source, &output)
        writeBody(record, &output)
        writeAttributes(record, source, &output)
        if header.droppedAttributes != 0 {
            output.write(",\"droppedAttributesCount\":")
            output.write(UInt64(header.droppedAttributes))
        }
        writeContext(header, &output)
        writeEventName(record, source, &output)
        list.hints.add(Slot.end, at: output.count)
        output.reserve(8)
        output.byte(0x7D)
    }

    // MARK: Parts of a record

    private mutating func writeSeverity(
        _ record: LogRecordView,
        _ source: any LogRecordSource,
        _ output: inout Output
    ) {
        if record.header.severity != 0 {
            output.fragment(",\"severityNumber\":")
            output.decimal(UInt64(record.header.severity))
        }
        writeText(record, .severityText, ",\"severityText\":\"", source, &output)
    }

    private mutating func writeEventName(
        _ record: LogRecordView,
        _ source: any LogRecordSource,
        _ output: inout Output
    ) {
        list.hints.add(Slot.eventName, at: output.count)
        writeText(record, .eventName, ",\"eventName\":\"", source, &output)
    }

    /// Writes a member with a text of the record, or nothing if the record does not have that text.
    private func writeText(
        _ record: LogRecordView,
        _ field: LogRecordField,
        _ before: StaticString,
        _ source: any LogRecordSource,
        _ output: inout Output
    ) {
        let text = record.text(field, texts: source.text)
        guard !text.isEmpty else { return }
        output.write(before)
        output.json(text: text)
        output.write("\"")
    }

    private mutating func writeBody(_ record: LogRecordView, _ output: inout Output) {
        guard let body = record.body, body.header.type != EntryType.null else { return }
        output.reserve(64)
        output.fragment(",\"body\":")
        // The text begins after `{"stringValue":"`.
        if body.header.type == EntryType.string { list.hints.add(text: body.data, at: output.count &+ 16) }
        output.json(value: body, isStrict: true)
    }

    private mutating func writeAttributes(
        _ record: LogRecordView,
        _ source: any LogRecordSource,
        _ output: inout Output
    ) {
        let code = code.bytes(of: record, source)
        guard record.header.attributeCount > 0 || !code.isEmpty else { return }
        output.reserve(128)
        list.hints.add(Slot.attributes, at: output.count)
        var place = JSONAttributeWriter.Place(text: record.header[.severityText], end: output.count)
        output.fragment(",\"attributes\":[")
        list.write(record.attributes, source, &place, &output, isStrict: true)
        if !code.isEmpty {
            list.hints.add(after: place.text, before: CodeAttributes.identity(record.header), at: place.end)
            if !place.isFirst { output.write(",") }
            output.append(code)
        }
        output.write("]")
    }

    private mutating func writeContext(_ header: LogRecordHeader, _ output: inout Output) {
        guard header.traceIDHigh | header.traceIDLow != 0 else { return }
        output.reserve(128)
        list.hints.add(Slot.flags, at: output.count)
        if header.traceFlags != 0 {
            output.fragment(",\"flags\":")
            output.decimal(UInt64(header.traceFlags))
        }
        output.fragment(",\"traceId\":\"")
        if header.traceIDLow != lastTraceID.low || header.traceIDHigh != lastTraceID.high {
            lastTraceID = (header.traceIDHigh, header.traceIDLow)
            list.hints.add(value: header.traceIDLow, at: output.count)
        }
        output.hexadecimal(header.traceIDHigh)
        output.hexadecimal(header.traceIDLow)
        list.hints.add(Slot.spanID, at: output.count)
        output.byte(0x22)
        guard header.spanID != 0 else { return }
        output.fragment(",\"spanId\":\"")
        list.hints.add(value: header.spanID, at: output.count)
        output.hexadecimal(header.spanID)
        output.byte(0x22)
    }
}
