import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

extension ProtobufTraceReader {
    /// Reads a span; `nil` if it is damaged or has no valid ids.
    mutating func readSpan(_ message: ArraySlice<UInt8>) -> RecordedSpan? {
        var span = RecordedSpan(
            name: "",
            context: SpanContext(traceID: .invalid, spanID: .invalid),
            startUnixNanoseconds: 0,
            endUnixNanoseconds: 0
        )
        var attributes = UniqueAttributes()
        var flags: UInt64 = 0
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 2): span.context.traceID = traceID(field)
            case (2, 2): span.context.spanID = spanID(field)
            case (3, 2): span.context.traceState = text(field)
            case (4, 2):
                let parent = spanID(field)
                span.parentSpanID = parent.isValid ? parent : nil
            case (5, 2): span.name = text(field)
            case (6, 0): span.kind = RecordedSpan.Kind(rawValue: UInt8(clamping: field.integer)) ?? .internal
            case (7, 1): span.startUnixNanoseconds = time(field)
            case (8, 1): span.endUnixNanoseconds = time(field)
            case (9, 2): if let attribute = attribute(field.content, depth: 1) { attributes.set(attribute) }
            case (10, 0): span.droppedAttributeCount = UInt32(clamping: field.integer)
            case (11, 2): if let event = readEvent(field.content) { span.events.append(event) }
            case (12, 0): span.droppedEventCount = UInt32(clamping: field.integer)
            case (13, 2): if let link = readLink(field.content) { span.links.append(link) }
            case (14, 0): span.droppedLinkCount = UInt32(clamping: field.integer)
            case (15, 2): span.status = readStatus(field.content)
            case (16, 5): flags = field.integer
            default: unknownFieldCount += 1
            }
        }
        guard isWhole(reader, "the span \(span.name.quoted)", "it is left out") else { return nil }
        guard span.context.isValid else {
            note("the span \(span.name.quoted) has no valid ids; it is left out", at: message.startIndex)
            return nil
        }
        span.attributes = attributes.list
        span.setFlags(flags)
        if let reason = span.endNoEarlierThanStart() { note(reason, at: message.startIndex) }
        return span
    }

    private mutating func readEvent(_ message: ArraySlice<UInt8>) -> RecordedSpan.Event? {
        var event = RecordedSpan.Event(name: "", unixNanoseconds: 0)
        var attributes = UniqueAttributes()
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 1): event.unixNanoseconds = time(field)
            case (2, 2): event.name = text(field)
            case (3, 2): if let attribute = attribute(field.content, depth: 1) { attributes.set(attribute) }
            case (4, 0): event.droppedAttributeCount = UInt32(clamping: field.integer)
            default: unknownFieldCount += 1
            }
        }
        event.attributes = attributes.list
        return isWhole(reader, "an event", "it is left out") ? event : nil
    }

    private mutating func readLink(_ message: ArraySlice<UInt8>) -> RecordedSpan.Link? {
        var link = RecordedSpan.Link(context: SpanContext(traceID: .invalid, spanID: .invalid))
        var attributes = UniqueAttributes()
        var flags: UInt64 = 0
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 2): link.context.traceID = traceID(field)
            case (2, 2): link.context.spanID = spanID(field)
            case (3, 2): link.context.traceState = text(field)
            case (4, 2): if let attribute = attribute(field.content, depth: 1) { attributes.set(attribute) }
            case (5, 0): link.droppedAttributeCount = UInt32(clamping: field.integer)
            case (6, 5): flags = field.integer
            default: unknownFieldCount += 1
            }
        }
        guard isWhole(reader, "a link", "it is left out") else { return nil }
        guard link.context.isValid else {
            note("a link has no valid ids; it is left out", at: message.startIndex)
            return nil
        }
        link.attributes = attributes.list
        link.setFlags(flags)
        return link
    }

    private mutating func readStatus(_ message: ArraySlice<UInt8>) -> RecordedSpan.Status {
        var description = ""
        var code: UInt64 = 0
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (2, 2): description = text(field)
            case (3, 0): code = field.integer
            default: unknownFieldCount += 1
            }
        }
        guard isWhole(reader, "a status", "it is read as unset") else { return .unset }
        switch code {
        case 1: return .ok
        case 2: return .error(description)
        default: return .unset
        }
    }

    // MARK: Attributes

    /// Deeper lists and maps are read as null. The recorder has the same limit (OpenTelemetry SDK, attribute value
    /// depth).
    private static let deepest = SpanLimits().attributeValueDepth

    /// Reads an attribute; nil if it is damaged.
    mutating func attribute(_ message: ArraySlice<UInt8>, depth: Int) -> Attribute? {
        var attribute = Attribute("", .null)
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 2): attribute.key = text(field)
            case (2, 2): attribute.value = value(field.content, depth: depth)
            default: unknownFieldCount += 1
            }
        }
        return isWhole(reader, "an attribute", "it is left out") ? attribute : nil
    }

    /// Reads a value; null if it is damaged.
    mutating func value(_ message: ArraySlice<UInt8>, depth: Int) -> AttributeValue {
        var value = AttributeValue.null
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 2): value = .string(text(field))
            case (2, 0): value = .bool(field.integer != 0)
            case (3, 0): value = .int(Int64(bitPattern: field.integer))
            case (4, 1): value = .double(Double(bitPattern: field.integer))
            case (5, 2), (6, 2): value = nested(field, depth: depth)
            case (7, 2): value = .bytes(Array(field.content))
            default: unknownFieldCount += 1
            }
        }
        return isWhole(reader, "a value", "it is read as null") ? value : .null
    }

    /// A list (field 5) or a map (field 6).
    private mutating func nested(_ list: ProtobufField, depth: Int) -> AttributeValue {
        guard depth <= Self.deepest else {
            note(
                "the value is nested more than \(Self.deepest) levels deep; the rest is read as null",
                at: list.content.startIndex
            )
            return .null
        }
        var values: [AttributeValue] = []
        var attributes = UniqueAttributes()
        var reader = ProtobufFieldReader(list.content)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 2) where list.number == 5: values.append(value(field.content, depth: depth + 1))
            case (1, 2):
                if let attribute = attribute(field.content, depth: depth + 1) { attributes.set(attribute) }
            default: unknownFieldCount += 1
            }
        }
        _ = isWhole(reader, "a list", "what was read before that is kept")
        return list.number == 5 ? .array(values) : .map(attributes.list)
    }

    // MARK: Scalars

    /// The text of a field. Bytes that are not UTF-8 become U+FFFD.
    func text(_ field: ProtobufField) -> String { String(decoding: field.content, as: UTF8.self) }

    mutating func time(_ field: ProtobufField) -> Int64 {
        if let time = Int64(exactly: field.integer) { return time }
        note(
            "'\(field.integer)' is not a number from 0 to \(Int64.max); it is read as \(Int64.max)",
            at: field.whole.startIndex
        )
        return .max
    }

    func traceID(_ field: ProtobufField) -> TraceID {
        guard field.content.count == 16 else { return .invalid }
        return TraceID(high: bigEndian(field.content.prefix(8)), low: bigEndian(field.content.suffix(8)))
    }

    func spanID(_ field: ProtobufField) -> SpanID {
        field.content.count == 8 ? SpanID(rawValue: bigEndian(field.content)) : .invalid
    }

    private func bigEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
