import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

// Log records in binary OTLP (`opentelemetry/proto/logs/v1/logs.proto`). They become the same as those of JSON.

extension ProtobufTraceReader {
    mutating func readLog(_ message: ArraySlice<UInt8>, _ resource: Resource, _ scope: InstrumentationScope) {
        var log = DecodedLog()
        (log.resource, log.scope) = (resource, scope)
        var attributes = UniqueAttributes()
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 1): log.timeUnixNanoseconds = time(field)
            case (2, 0): log.severityNumber = severity(field)
            case (3, 2): log.severityText = text(field)
            case (5, 2): log.body = value(field.content, depth: 1)
            case (6, 2): if let attribute = attribute(field.content, depth: 1) { attributes.set(attribute) }
            case (7, 0): log.droppedAttributeCount = UInt32(clamping: field.integer)
            case (8, 5): log.traceFlags = TraceFlags(rawValue: UInt8(truncatingIfNeeded: field.integer))
            case (9, 2):
                let id = traceID(field)
                log.traceID = id.isValid ? id : nil
                if !id.isValid { noteUnlessZeros(field, "trace") }
            case (10, 2):
                let id = spanID(field)
                log.spanID = id.isValid ? id : nil
                if !id.isValid { noteUnlessZeros(field, "span") }
            case (11, 1): log.observedUnixNanoseconds = time(field)
            case (12, 2): log.eventName = text(field)
            default: unknownFieldCount += 1
            }
        }
        guard isWhole(reader, "a log record", "it is left out") else { return }
        log.attributes = attributes.list
        logs.append(log)
    }

    private mutating func severity(_ field: ProtobufField) -> UInt8 {
        if field.integer <= SeverityName.largest { return UInt8(field.integer) }
        note("'\(field.integer)' is not a severity; it is read as not specified", at: field.whole.startIndex)
        return 0
    }

    private mutating func noteUnlessZeros(_ field: ProtobufField, _ noun: String) {
        guard field.content.contains(where: { $0 != 0 }) else { return }
        let bytes = field.content.count == 1 ? "1 byte" : "\(field.content.count) bytes"
        note("a \(noun) id has \(bytes); the log record is read without it", at: field.whole.startIndex)
    }
}
