import SpanKitPlatform

/// A field of a protobuf message.
package struct ProtobufField {
    package var number: Int
    /// The wire type: 0 for a varint, 1 for eight bytes, 2 for length-delimited, 5 for four bytes.
    package var wire: UInt64
    /// The value of a varint, or of four or eight bytes.
    package var integer: UInt64 = 0
    /// The content of a length-delimited field.
    package var content: ArraySlice<UInt8>
    /// All bytes of the field, including its tag.
    package var whole: ArraySlice<UInt8>

    /// The fields of a message in order; nil if the bytes are not a message.
    package static func all(in bytes: ArraySlice<UInt8>) -> [ProtobufField]? {
        var reader = ProtobufFieldReader(bytes)
        var fields: [ProtobufField] = []
        while let field = reader.next() { fields.append(field) }
        return reader.damage == nil ? fields : nil
    }
}

/// Reads the fields of a protobuf message one by one, up to the end of the message or the first damage.
///
/// Every access is bounds-checked. Complexity: O(1) for each field; nothing is copied.
package struct ProtobufFieldReader {
    /// The reason why the bytes at an index are not a field.
    package struct Damage: Equatable, Sendable {
        package var reason: String
        /// The index of the first byte of the damaged field.
        package var place: Int
    }

    /// The index at which the next field starts.
    package private(set) var place: Int
    /// The damage at which ``next()`` stopped; `nil` if there was none.
    package private(set) var damage: Damage?
    /// The field that extends beyond the end of the message, with its bytes up to the end; nil if every field is complete.
    package private(set) var cut: ProtobufField?
    private let bytes: ArraySlice<UInt8>

    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    /// Continues at an index after the damage.
    package mutating func resume(at place: Int) {
        self.place = place
        damage = nil
        cut = nil
    }

    /// Returns the next field; `nil` at the end of the message and at damage.
    package mutating func next() -> ProtobufField? {
        guard damage == nil, place < bytes.endIndex else { return nil }
        let start = place
        guard let tag = varint() else { return fail("a field ends too early", start) }
        let number = tag >> 3
        guard 1..<1 << 29 ~= number else { return fail("the field number \(number) is not valid", start) }
        var integer: UInt64 = 0
        var content = bytes[place..<place]
        switch tag & 7 {
        case 0:
            guard let value = varint() else { return fail("a number ends too early", start) }
            integer = value
        case 1, 5:
            let count = tag & 7 == 1 ? 8 : 4
            guard bytes.endIndex - place >= count else { return fail("a number ends too early", start) }
            for index in (place..<place + count).reversed() { integer = integer << 8 | UInt64(bytes[index]) }
            place += count
        case 2:
            guard let length = varint() else { return fail("a length ends too early", start) }
            guard length <= UInt64(bytes.endIndex - place) else {
                cut = ProtobufField(
                    number: Int(number),
                    wire: 2,
                    content: bytes[place...],
                    whole: bytes[start...]
                )
                return fail("a field of \(length == 1 ? "1 byte" : "\(length) bytes") ends too early", start)
            }
            content = bytes[place..<place + Int(length)]
            place += Int(length)
        default: return fail("the wire type \(tag & 7) is not valid", start)
        }
        return ProtobufField(
            number: Int(number),
            wire: tag & 7,
            integer: integer,
            content: content,
            whole: bytes[start..<place]
        )
    }

    private mutating func varint() -> UInt64? { try? Varint.read(bytes, at: &place) }

    private mutating func fail(_ reason: String, _ place: Int) -> ProtobufField? {
        damage = Damage(reason: reason, place: place)
        return nil
    }
}
