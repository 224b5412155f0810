import SpanKitRecording

/// The attributes that name the place in the source code that made a log record (`code.file.path`, `code.function.name` and
/// `code.line.number` of the semantic conventions), encoded once for each place.
///
/// They are fields of a record, so that recording it copies no text. An attribute of the record with the same key wins. Only one
/// thread at a time may use it.
struct CodeAttributes {
    private struct Place {
        var file: UInt32
        var function: UInt32
        var line: UInt32
        var bytes: [UInt8]
    }

    private static let keys = ["code.file.path", "code.function.name", "code.line.number"]
    private static let capacity = 256

    private let encoding: Encoding
    /// The place that was encoded last, by a part of the hash of its numbers.
    private var places: [Place?] = Array(repeating: nil, count: Self.capacity)
    /// For each key in the source's string table, by number: 0 if it was not compared yet, 1 if it is not one of
    /// ``keys``, 2 if it is.
    private var facts: [UInt8] = []

    init(_ encoding: Encoding) {
        self.encoding = encoding
    }

    /// Call this before encoding records from another source.
    mutating func forgetTexts() {
        places = Array(repeating: nil, count: Self.capacity)
        facts.removeAll(keepingCapacity: true)
    }

    /// A number that is the same for the same place.
    static func identity(_ header: LogRecordHeader) -> UInt32 {
        (header[.file] &* 0x9E37_79B9) ^ (header[.function] &* 0x85EB_CA6B) ^ (header.line &* 0xC2B2_AE35)
    }

    /// The encoded attributes: elements of a JSON list without the commas around them, or fields of a protobuf message. Empty if the
    /// record names no place.
    mutating func bytes(of record: LogRecordView, _ source: any LogRecordSource) -> [UInt8] {
        let header = record.header
        let (file, function) = (header[.file], header[.function])
        let own = header.attributeCount > 0 ? ownKeys(record.attributes, source) : []
        guard file != 0, function != 0, own.isEmpty else { return encoded(record, source, without: own) }
        let index = Int(Self.identity(header) >> 24)
        if let place = places[index], place.file == file, place.function == function, place.line == header.line {
            return place.bytes
        }
        let bytes = encoded(record, source, without: [])
        places[index] = Place(file: file, function: function, line: header.line, bytes: bytes)
        return bytes
    }

    private func encoded(
        _ record: LogRecordView,
        _ source: any LogRecordSource,
        without own: [String]
    ) -> [UInt8] {
        var attributes = Self.attributes(
            file: String(decoding: record.text(.file, texts: source.text), as: UTF8.self),
            function: String(decoding: record.text(.function, texts: source.text), as: UTF8.self),
            line: record.header.line
        )
        attributes.removeAll { own.contains($0.key) }
        var output = Output(capacity: 256)
        switch encoding {
        case .json: output.jsonAttributeList(attributes)
        case .protobuf: output.protobufAttributes(attributes, tag: 0x32)
        }
        return Array(output.bytes)
    }

    fileprivate static func attributes(file: String, function: String, line: UInt32) -> [Attribute] {
        var attributes: [Attribute] = []
        // `place(order:)` as the compiler names it; the conventions want no parameters.
        let function = function.prefix { $0 != "(" }
        if !file.isEmpty { attributes.append(Attribute(keys[0], .string(file))) }
        if !function.isEmpty { attributes.append(Attribute(keys[1], .string(String(function)))) }
        if line != 0 { attributes.append(Attribute(keys[2], .int(Int64(line)))) }
        return attributes
    }

    /// Returns the keys out of ``keys`` that the record's own attributes also have.
    private mutating func ownKeys(_ attributes: Entries, _ source: any LogRecordSource) -> [String] {
        var own: [String] = []
        var entries = attributes
        while let entry = entries.next() {
            guard EntryType.isAttribute(entry.header.type) else { continue }
            let number = Int(entry.header.key)
            if number > 0, number < facts.count, facts[number] == 1 { continue }
            let text = number == 0 ? entry.key : source.text(of: entry.header.key)
            let key = Self.keys.first { text.elementsEqual($0.utf8) }
            if number > 0, number <= FragmentCache.largestNumber {
                while facts.count <= number { facts.append(0) }
                facts[number] = key == nil ? 1 : 2
            }
            if let key { own.append(key) }
        }
        return own
    }
}

extension LogRecord {
    /// The place in the source code as attributes of the semantic conventions.
    package var codeAttributes: [Attribute] {
        CodeAttributes.attributes(file: file, function: function, line: line)
    }
}
