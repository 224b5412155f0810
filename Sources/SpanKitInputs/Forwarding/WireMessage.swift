import SpanKitRecording

/// An OTLP message as it was written: all fields, known or unknown, without interpretation.
///
/// A ``RecordedSpan`` contains what SpanKit records. Forwarding needs what other programs record as well, such as reserved
/// flags and fields of newer versions.
package struct WireMessage: Sendable, Equatable {
    struct Member: Sendable, Equatable {
        var number: Int
        var value: WireValue
    }

    let type: WireType
    /// The known fields in the order of the input. A repeated field has one member for each element.
    var members: [Member] = []
    /// The fields that the schema does not have.
    var unknown: [UnknownField] = []

    init(_ type: WireType) {
        self.type = type
    }

    /// The last value of a field.
    subscript(_ number: Int) -> WireValue? { members.last { $0.number == number }?.value }

    mutating func add(_ number: Int, _ value: WireValue) { members.append(Member(number: number, value: value)) }

    /// Adds a message. If the field has a message already, merges both, as protobuf does.
    mutating func merge(_ number: Int, _ inner: WireMessage) {
        guard let place = members.firstIndex(where: { $0.number == number }),
            case .message(var known) = members[place].value
        else { return add(number, .message(inner)) }
        known.members += inner.members
        known.unknown += inner.unknown
        members[place].value = .message(known)
    }

    /// Whether a span or a link has a trace id and a span id.
    var hasIDs: Bool { self[1] != nil && self[2] != nil }

    /// An `AnyValue` with a scalar. The null value has no member.
    static func value(_ value: AttributeValue) -> WireMessage {
        var message = WireMessage(.value)
        switch value {
        case .string(let text): message.add(1, .text(text))
        case .bool(let bool): message.add(2, .integer(bool ? 1 : 0))
        case .int(let int): message.add(3, .integer(UInt64(bitPattern: int)))
        case .double(let double): message.add(4, .integer(double.bitPattern))
        case .bytes(let bytes): message.add(7, .bytes(bytes))
        case .array, .map, .null: break
        }
        return message
    }
}

/// The value of a field. The field's type says what its bits mean.
enum WireValue: Sendable, Equatable {
    case text(String)
    case bytes([UInt8])
    /// A number, a boolean, or the bits of a double.
    case integer(UInt64)
    case message(WireMessage)
}

/// A field that the schema does not have, in the encoding of the input.
enum UnknownField: Sendable, Equatable {
    /// A member of an object: `"name":value`, valid JSON.
    case json([UInt8])
    /// A field with its tag.
    case protobuf([UInt8])
}

/// The resource and the scope of spans, as they were written. Spans of the same list share one head.
package final class WireHead: Sendable {
    let resource: WireMessage
    let scope: WireMessage

    init(resource: WireMessage, scope: WireMessage) {
        self.resource = resource
        self.scope = scope
    }
}

/// A span in OTLP with all fields, including unknown ones, for forwarding.
package struct WireSpan: Sendable, Hashable {
    package let head: WireHead
    package let span: WireMessage

    package static func == (left: WireSpan, right: WireSpan) -> Bool {
        left.span == right.span
            && (left.head === right.head
                || left.head.resource == right.head.resource && left.head.scope == right.head.scope)
    }

    package func hash(into hasher: inout Hasher) {
        if case .bytes(let id) = span[2] { hasher.combine(id) }
    }
}

extension DecodedSpan {
    /// Creates a span from its forwarded form. Its other properties stay empty.
    init(_ wire: WireSpan) {
        func number(_ field: Int, _ range: Range<Int>) -> UInt64 {
            guard case .bytes(let id) = wire.span[field], id.count >= range.upperBound else { return 0 }
            return id[range].reduce(0) { $0 << 8 | UInt64($1) }
        }
        let context = SpanContext(
            traceID: TraceID(high: number(1, 0..<8), low: number(1, 8..<16)),
            spanID: SpanID(rawValue: number(2, 0..<8))
        )
        self.init(
            resource: .init(),
            scope: .init(),
            span: RecordedSpan(name: "", context: context, startUnixNanoseconds: 0, endUnixNanoseconds: 0)
        )
        self.wire = wire
    }
}
