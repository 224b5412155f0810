import SpanKitPlatform

// Spans, metrics and log records have the same outer fields. What a scope contains shows in its elements.

extension ProtobufTraceReader {
    /// What an element of a scope is.
    enum ElementKind {
        case span, metric, log, other

        var name: String {
            switch self {
            case .metric: "metric"
            case .log: "log record"
            case .span, .other: "span"
            }
        }
    }

    /// The kind of a scope's elements. The first of them may be damaged or empty.
    static func kind(of elements: [ArraySlice<UInt8>]) -> ElementKind {
        for element in elements.prefix(3) { if let kind = kind(of: element) { return kind } }
        return .span
    }

    /// The kind of an element; `nil` if it is damaged or empty.
    ///
    /// Field 1 is the trace id of a span, the name of a metric, or the time of a log record.
    private static func kind(of element: ArraySlice<UInt8>) -> ElementKind? {
        var hasID = false
        var hasName = false
        var hasData = false
        var hasBody = false
        var count = 0
        var reader = ProtobufFieldReader(element)
        while let field = reader.next() {
            count += 1
            switch (field.number, field.wire) {
            case (1, 2):
                hasName = field.content.count != 16 || isReadable(field.content)
                if !hasName { hasID = true }
            case (2, 2) where field.content.count == 8 && !isReadable(field.content): hasID = true
            case (7, 1), (8, 1): return .span
            // The times, the severity, the attributes and the flags of a log record.
            case (1, 1), (11, 1), (2, 0), (6, 2), (8, 5): return .log
            case (5, 2):
                hasData = true
                hasBody = isValue(field.content)
            case (let number, 2) where MetricParts.kind(ofField: number) != nil: hasData = true
            default: break
            }
        }
        if hasName, hasData { return .metric }
        if hasID { return .span }
        if reader.damage != nil || count == 0 { return nil }
        return hasBody && !hasName ? .log : .other
    }

    /// Whether a message is an attribute value, as the body of a log record is. Field 5 of a span is its name.
    private static func isValue(_ message: ArraySlice<UInt8>) -> Bool {
        var reader = ProtobufFieldReader(message)
        guard let field = reader.next(), reader.next() == nil, reader.damage == nil else { return false }
        switch (field.number, field.wire) {
        case (1, 2), (2, 0), (3, 0), (4, 1), (5, 2), (6, 2), (7, 2): return true
        default: return false
        }
    }

    private static func isReadable(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.allSatisfy { 0x20..<0x7F ~= $0 } }

    /// The index of the next element that begins with its ids, or with its time if it is a log record, as all known encoders write it.
    static func nextElement(in message: ArraySlice<UInt8>, behind place: Int, isLog: Bool) -> Int? {
        guard place < message.endIndex else { return nil }
        let head = isLog ? 10 : 28
        return message[(place + 1)...].indices.first { start in
            guard message[start] == 0x12 else { return false }
            var content = start + 1
            guard let length = try? Varint.read(message, at: &content), content + head <= message.endIndex,
                UInt64(head)...UInt64(message.endIndex - content) ~= length
            else { return false }
            return isLog ? beginsLog(message[content...]) : beginsSpan(message[content...])
        }
    }

    private static func beginsSpan(_ bytes: ArraySlice<UInt8>) -> Bool {
        let start = bytes.startIndex
        return bytes[start] == 0x0A && bytes[start + 1] == 16 && bytes[start + 18] == 0x12 && bytes[start + 19] == 8
    }

    /// Whether a log record begins here with a time from 2001 to 2128. The time is followed by another of its fields.
    private static func beginsLog(_ bytes: ArraySlice<UInt8>) -> Bool {
        let start = bytes.startIndex
        guard bytes[start] == 0x09, 0x0E..<0x45 ~= bytes[start + 8] else { return false }
        return [0x10, 0x1A, 0x2A, 0x32, 0x4A, 0x59].contains(bytes[start + 9])
    }
}
