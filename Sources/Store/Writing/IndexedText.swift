import SpanKitOTLP

/// The words of a span or a log record that the full-text index contains: names, the keys of attributes, text and whole numbers in
/// attributes, events, links and bodies, and the message of a status. ``SpanText`` searches the same texts.
///
/// The text is a function of the body alone, because removing a row from an index without content needs the same text again.
package struct IndexedText {
    /// At most this many bytes of a body are indexed, so that one long prompt does not delay others.
    static let limit = 64 * 1_024
    /// Values that are nested deeper are not indexed.
    private static let deepest = 64

    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Replaces the text with that of a `Span` message.
    package mutating func read(span message: ArraySlice<UInt8>) {
        bytes.removeAll(keepingCapacity: true)
        for field in ProtobufFields(message) where field.wire == 2 {
            switch field.number {
            case 5: add(field.content)
            case 9: attribute(field.content)
            case 11: group(field.content, text: 2, attributes: 3)
            case 13: group(field.content, text: 0, attributes: 4)
            case 15: group(field.content, text: 2, attributes: 0)
            default: break
            }
        }
    }

    /// Replaces the text with that of a `LogRecord` message.
    mutating func read(record message: ArraySlice<UInt8>) {
        bytes.removeAll(keepingCapacity: true)
        for field in ProtobufFields(message) where field.wire == 2 {
            switch field.number {
            case 3, 12: add(field.content)
            case 5: value(field.content, depth: 0)
            case 6: attribute(field.content)
            default: break
            }
        }
    }

    /// Adds a text field and the attributes of an event, a link or a status.
    private mutating func group(_ message: ArraySlice<UInt8>, text: Int, attributes: Int) {
        for field in ProtobufFields(message) where field.wire == 2 {
            if field.number == text { add(field.content) }
            if field.number == attributes { attribute(field.content) }
        }
    }

    private mutating func attribute(_ message: ArraySlice<UInt8>, depth: Int = 0) {
        for field in ProtobufFields(message) where field.wire == 2 {
            switch field.number {
            case 1: add(field.content)
            case 2: value(field.content, depth: depth)
            default: break
            }
        }
    }

    private mutating func value(_ message: ArraySlice<UInt8>, depth: Int) {
        guard depth < Self.deepest, bytes.count < Self.limit else { return }
        for field in ProtobufFields(message) {
            switch (field.number, field.wire) {
            case (1, 2): add(field.content)
            case (3, 0): add(ArraySlice("\(Int64(bitPattern: field.integer))".utf8))
            case (5, 2), (6, 2):
                for element in ProtobufFields(field.content) where element.number == 1 && element.wire == 2 {
                    if field.number == 5 {
                        value(element.content, depth: depth + 1)
                    } else {
                        attribute(element.content, depth: depth + 1)
                    }
                }
            default: break
            }
        }
    }

    private mutating func add(_ text: ArraySlice<UInt8>) {
        bytes += text.prefix(max(0, Self.limit - bytes.count))
        bytes.append(UInt8(ascii: " "))
    }
}
