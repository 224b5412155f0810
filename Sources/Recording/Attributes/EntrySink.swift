/// A destination that entries (``EntryHeader``) are written to, one after the other.
package protocol EntrySink {
    mutating func write(_ header: EntryHeader)
    /// Writes bytes and their padding to a multiple of 16.
    mutating func write(_ bytes: UnsafeRawBufferPointer)
}

extension EntrySink {
    /// Writes an attribute, or an element of an array if there is neither a number nor a text.
    /// - Parameters:
    ///   - key: The key's number in the string table. If it is 0, `text` is written instead.
    ///   - text: The key; ignored if it has a number.
    mutating func write(key: UInt32, text: String, _ value: AttributeValue) {
        let keyBytes = EntryHeader.keyBytes(of: text, number: key)
        let (type, bits) = value.entry
        var header = EntryHeader(
            key: key,
            type,
            keyBytes: keyBytes,
            value.encodedDataBytes,
            elements: value.elementCount
        )
        if let bits { header.value = bits }
        write(header)
        write(text, bytes: keyBytes)
        switch value {
        case .string(let string):
            string.withUTF8Bytes { write($0) }
        case .bytes(let bytes):
            bytes.withUnsafeBytes { write($0) }
        case .array(let elements):
            for element in elements { write(key: 0, text: "", element) }
        case .map(let elements):
            for element in elements { write(key: 0, text: element.key, element.value) }
        case .bool, .int, .double, .null:
            break
        }
    }

    /// Writes attributes with their keys.
    package mutating func write(_ attributes: [Attribute]) {
        for attribute in attributes { write(key: 0, text: attribute.key, attribute.value) }
    }

    /// Writes an event.
    /// - Parameter number: The name's number in the string table. If it is 0, the name itself is written.
    package mutating func write(_ event: EventHeader, name: String, number: UInt32 = 0, _ attributes: AttributeList) {
        let keyBytes = EntryHeader.keyBytes(of: name, number: number)
        let dataBytes = EventHeader.bytes + attributes.bytes
        let count = attributes.elements.count
        write(EntryHeader(key: number, EntryType.event, keyBytes: keyBytes, dataBytes, elements: count))
        write(name, bytes: keyBytes)
        withUnsafeBytes(of: event) { write($0) }
        write(attributes)
    }

    /// Writes a link.
    package mutating func write(linkTo context: SpanContext, _ attributes: AttributeList) {
        let dataBytes = LinkHeader.bytes + LinkHeader.traceStateBytes(context) + attributes.bytes
        write(EntryHeader(key: 0, EntryType.link, keyBytes: 0, dataBytes, elements: attributes.elements.count))
        withUnsafeBytes(of: LinkHeader(context, dropped: attributes.dropped)) { write($0) }
        if !context.traceState.isEmpty { write(text: context.traceState, type: EntryType.traceState) }
        write(attributes)
    }

    /// Writes a text that has no key.
    /// - Parameter type: `EntryType.name`, `statusDescription` or `traceState`.
    package mutating func write(text: String, type: UInt8) {
        write(EntryHeader(key: 0, type, keyBytes: 0, text.utf8.count, elements: 0))
        text.withUTF8Bytes { write($0) }
    }

    private mutating func write(_ attributes: AttributeList) {
        for (number, attribute) in attributes.elements { write(key: number, text: attribute.key, attribute.value) }
    }

    private mutating func write(_ key: String, bytes: Int) {
        if bytes > 0 { key.withUTF8Bytes { write(UnsafeRawBufferPointer(rebasing: $0.prefix(bytes))) } }
    }
}

/// The attributes of an event or a link, and the number of attributes that were dropped.
package struct AttributeList {
    /// An element whose number is 0 is written with its key.
    private(set) var elements: [(number: UInt32, attribute: Attribute)] = []
    private(set) var dropped: UInt32 = 0

    /// Creates a list of all attributes as they are.
    package init(_ attributes: [Attribute], dropped: UInt32) {
        elements = attributes.map { (0, $0) }
        self.dropped = dropped
    }

    /// Creates a list without duplicate keys, within the limits.
    init(_ attributes: Attributes, limit: Int, _ limits: SpanLimits, _ strings: StringTable) {
        for var attribute in attributes.elements {
            attribute.value = attribute.value.limited(to: limits)
            if let same = elements.firstIndex(where: { $0.attribute.key == attribute.key }) {
                elements[same].attribute.value = attribute.value
            } else if elements.count < limit, !attribute.key.isEmpty {
                elements.append((strings.number(of: attribute.key), attribute))
            } else {
                dropped += 1
            }
        }
    }

    /// Bytes that the attributes take as entries.
    var bytes: Int { elements.reduce(0) { $0 + $1.attribute.entryBytes(number: $1.number) } }
}

/// Entries in an array.
package struct EntryBytes: EntrySink {
    package var storage: [UInt8] = []

    package init() {}

    package mutating func write(_ header: EntryHeader) {
        withUnsafeBytes(of: header) { storage.append(contentsOf: $0) }
    }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) {
        storage.append(contentsOf: bytes)
        storage.append(contentsOf: repeatElement(0, count: EntryHeader.padded(bytes.count) - bytes.count))
    }

    /// Calls `body` with attributes as entries, which are valid during the call only.
    package static func withEntries(of attributes: [Attribute], _ body: (Entries) -> Void) {
        var bytes = EntryBytes()
        bytes.write(attributes)
        bytes.storage.withUnsafeBytes { body(Entries($0)) }
    }
}
