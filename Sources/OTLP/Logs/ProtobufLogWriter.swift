import SpanKitRecording

/// Writes log records as protobuf messages, directly from the log, with the fields in the order of their numbers.
///
/// Tags are those of `opentelemetry/proto/logs/v1/logs.proto`.
struct ProtobufLogWriter: ~Copyable {
    private var list = ProtobufAttributeWriter()
    private var code = CodeAttributes(.protobuf)

    /// Call this before writing records from another source.
    mutating func forgetTexts() {
        list.forgetTexts()
        code.forgetTexts()
    }

    /// Writes a record as an element of a repeated field.
    mutating func write(
        _ record: LogRecordView,
        tag: UInt8,
        from source: any LogRecordSource,
        to output: inout Output
    ) {
        let header = record.header
        let times = header.unixTimes(record.anchor)
        let message = output.beginMessage(tag, lengthBytes: 2)
        output.reserve(64)
        output.byte(0x09)
        output.fixed64(UInt64(max(0, times.time)))
        if header.severity != 0 {
            output.byte(0x10)
            output.varint(UInt64(header.severity))
        }
        let severityText = record.text(.severityText, texts: source.text)
        if !severityText.isEmpty { output.field(0x1A, text: severityText) }
        if let body = record.body { output.protobuf(value: body, tag: 0x2A) }
        list.write(record.attributes, tag: 0x32, source, &output)
        output.append(code.bytes(of: record, source))
        output.reserve(64)
        if header.droppedAttributes != 0 {
            output.byte(0x38)
            output.varint(UInt64(header.droppedAttributes))
        }
        if header.traceFlags != 0 {
            output.byte(0x45)
            output.fixed32(UInt32(header.traceFlags))
        }
        if header.traceIDHigh | header.traceIDLow != 0 {
            output.byte(0x4A)
            output.traceID(header.traceIDHigh, header.traceIDLow)
        }
        if header.spanID != 0 {
            output.byte(0x52)
            output.spanID(header.spanID)
        }
        output.byte(0x59)
        output.fixed64(UInt64(max(0, times.observed)))
        let eventName = record.text(.eventName, texts: source.text)
        if !eventName.isEmpty { output.field(0x62, text: eventName) }
        output.endMessage(message)
    }
}
