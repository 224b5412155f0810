/// One field of a protobuf message, as it is encoded.
package struct ProtobufField {
    package var number: Int
    /// 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes.
    package var wire: UInt64
    /// The value of a varint, and of four or eight bytes.
    package var integer: UInt64
    /// The bytes of a length-delimited field.
    package var content: ArraySlice<UInt8>
    /// With the tag.
    package var whole: ArraySlice<UInt8>

    /// The fields of a message in order; nil if the bytes are not a message.
    package static func all(in bytes: ArraySlice<UInt8>) -> [ProtobufField]? {
        var reader = ProtobufFieldReader(bytes)
        var fields: [ProtobufField] = []
        while let field = reader.next() { fields.append(field) }
        return reader.damage == nil ? fields : nil
    }
}

/// Reads the fields of a protobuf message one by one, up to the end of the message or to the first damage.
///
/// Every access is bounds-checked. Complexity: O(1) for each field, nothing is copied.
package struct ProtobufFieldReader {
    /// Why the bytes from a place on are not a field.
    package struct Damage: Equatable, Sendable {
        package var reason: String
        /// An index of the bytes that are read.
        package var place: Int
    }

    /// An index of the bytes that are read: where the next field starts.
    package private(set) var place: Int
    /// Nil unless ``next()`` stopped before the end of the message.
    package private(set) var damage: Damage?
    /// The field whose length goes beyond the end of the message, with the bytes that are there.
    package private(set) var cut: ProtobufField?
    private let bytes: ArraySlice<UInt8>

    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    /// Reads on at a place behind damage.
    package mutating func resume(at place: Int) {
        self.place = place
        damage = nil
        cut = nil
    }

    /// The next field; nil at the end of the message, and where it is damaged.
    package mutating func next() -> ProtobufField? {
        guard damage == nil, place < bytes.endIndex else { return nil }
        let start = place
        guard let tag = Self.varint(in: bytes, at: &place) else { return fail("a field ends too early", start) }
        let number = tag >> 3
        guard 1..<1 << 29 ~= number else { return fail("there is no field \(number)", start) }
        var integer: UInt64 = 0
        var content = bytes[place..<place]
        switch tag & 7 {
        case 0:
            guard let value = Self.varint(in: bytes, at: &place) else { return fail("a number ends too early", start) }
            integer = value
        case 1, 5:
            let count = tag & 7 == 1 ? 8 : 4
            guard bytes.endIndex - place >= count else { return fail("a number ends too early", start) }
            for index in (place..<place + count).reversed() { integer = integer << 8 | UInt64(bytes[index]) }
            place += count
        case 2:
            guard let length = Self.varint(in: bytes, at: &place) else { return fail("a length ends too early", start) }
            guard length <= UInt64(bytes.endIndex - place) else {
                cut = ProtobufField(
                    number: Int(number),
                    wire: 2,
                    integer: 0,
                    content: bytes[place...],
                    whole: bytes[start...]
                )
                return fail("a field of \(length) bytes ends too early", start)
            }
            content = bytes[place..<place + Int(length)]
            place += Int(length)
        default: return fail("there is no wire type \(tag & 7)", start)
        }
        return ProtobufField(
            number: Int(number),
            wire: tag & 7,
            integer: integer,
            content: content,
            whole: bytes[start..<place]
        )
    }

    /// Reads a varint and moves behind it; nil where it has no end.
    package static func varint(in bytes: ArraySlice<UInt8>, at place: inout Int) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard place < bytes.endIndex else { return nil }
            let byte = bytes[place]
            place += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    private mutating func fail(_ reason: String, _ place: Int) -> ProtobufField? {
        damage = Damage(reason: reason, place: place)
        return nil
    }
}
