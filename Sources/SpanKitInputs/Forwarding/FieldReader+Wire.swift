import Foundation
import SpanKitPlatform
import SpanKitRecording

extension FieldReader {
    /// Messages nested deeper than this are left out, because no receiver reads them.
    static let deepestMessage = 100

    /// Reads an object as a message.
    mutating func message(_ type: WireType, depth: Int = 0) throws(Failure) -> WireMessage {
        var message = WireMessage(type)
        guard try cursor.openObject() else { return message }
        while let key = try cursor.key() { try readMember(key, of: &message, depth: depth) }
        return message
    }

    /// Reads the value after a key. An invalid value is left out, and a note is added.
    mutating func readMember(_ key: JSONToken, of message: inout WireMessage, depth: Int = 0) throws(Failure) {
        let name = key.string
        guard let field = message.type.field(named: name) else { return try readUnknown(name, of: &message) }
        // A null is a field that is not set, so it replaces none of the others.
        if message.type == .value, cursor.peek() == UInt8(ascii: "n") { return try cursor.skip() }
        // As in any JSON object, the last member with a name is used. Of a value's fields, only one can be set.
        message.members.removeAll { $0.number == field.number || message.type == .value }
        if !field.isRepeated {
            message.members += try members(of: field, depth: depth)
        } else {
            message.members += try tolerating([], "it is left out") { (fields) throws(Failure) in
                var members: [WireMessage.Member] = []
                guard try fields.cursor.openList() else { return members }
                while try fields.cursor.element() { members += try fields.members(of: field, depth: depth) }
                return members
            }
        }
    }

    private mutating func readUnknown(_ name: String, of message: inout WireMessage) throws(Failure) {
        _ = cursor.peek()
        let start = cursor.place
        try cursor.skip()
        let value = cursor.text(from: start)
        // Skipping is lenient; a receiver that reads the value may not be. Each of the two parsers accepts what the other refuses.
        guard JSONValue(Array(value.utf8)) != nil,
            (try? JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)) != nil
        else {
            return note("the unknown field \(name.quoted) is not JSON; it is left out", at: start)
        }
        message.unknown.append(.json(Array("\(name.jsonQuoted):\(value)".utf8)))
    }

    /// The value at the cursor as a member; empty if the value is null or invalid.
    private mutating func members(of field: WireField, depth: Int) throws(Failure) -> [WireMessage.Member] {
        try tolerating([], "it is left out") { (fields) throws(Failure) in
            let place = fields.cursor.place
            guard let value = try fields.wireValue(of: field, depth: depth) else { return [] }
            if case .message(let link) = value, link.type == .link, !link.hasIDs {
                fields.note("a link has no valid ids; it is left out", at: place)
                return []
            }
            // A number that does not fit becomes a text or a double, which are other fields.
            if case .message(let scalar) = value, scalar.type == .value, !field.isMessage { return scalar.members }
            return [WireMessage.Member(number: field.number, value: value)]
        }
    }

    private mutating func wireValue(of field: WireField, depth: Int) throws(Failure) -> WireValue? {
        if case .message(let type) = field.kind {
            if type == .value, ![UInt8(ascii: "{"), UInt8(ascii: "[")].contains(cursor.peek()) {
                return .message(.value(Self.plain(try cursor.scalar())))
            }
            if cursor.peek() == UInt8(ascii: "n") {
                _ = try cursor.scalar()
                return nil
            }
            guard depth < Self.deepestMessage else {
                throw Failure(reason: "nested more than \(Self.deepestMessage) levels deep", place: cursor.place)
            }
            return .message(try message(type, depth: depth + 1))
        }
        switch field.kind {
        case .fixed64: return .integer(try unsigned())
        case .fixed32, .varint: return .integer(try unsigned(atMost: UInt64(UInt32.max)))
        case .int: return .message(.value(try int()))
        case .double: return .message(.value(try double()))
        case .bytes: return .message(.value(try bytes()))
        case .text, .id, .bool, .choice, .message: break
        }
        let place = cursor.place
        let token = try cursor.scalar()
        guard !token.isNull else { return nil }
        switch field.kind {
        case .id(let count):
            let numbers = count == 16 ? [token.traceID.high, token.traceID.low] : [token.spanID.rawValue]
            let id = WireValue(id: numbers)
            // Zeros mean that there is no id.
            if id == nil, !token.string.allSatisfy({ $0 == "0" }) {
                note("\(token.string.quoted) is not a valid id; it is left out", at: place)
            }
            return id
        case .bool: return .integer(bool(token, at: place) ? 1 : 0)
        case .choice(let prefix, let names):
            if let number = token.unsigned, number <= Int32.max { return .integer(number) }
            let name = token.string
            if name.hasPrefix(prefix), let number = names.firstIndex(of: String(name.dropFirst(prefix.count))) {
                return .integer(UInt64(number))
            }
            note("\(name.quoted) is not a value of \(field.name); it is left out", at: place)
            return nil
        default:
            if token.withBytes({ String(validating: $0, as: UTF8.self) }) == nil {
                note("a text is not UTF-8; its invalid bytes become U+FFFD", at: place)
            }
            return .text(token.string)
        }
    }
}

extension WireField {
    var isMessage: Bool { if case .message = kind { true } else { false } }
}

extension WireValue {
    /// Creates an id from numbers; `nil` for zeros, which mean that there is no id.
    init?(id numbers: [UInt64]) {
        guard numbers.contains(where: { $0 != 0 }) else { return nil }
        self = .bytes(
            numbers.flatMap { number in (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }
        )
    }
}

extension TraceReader {
    /// Reads the spans of a resource as they were written.
    mutating func forwardResourceSpans(_ deliver: (DecodedSpan) throws(Failure) -> Void) throws(Failure) {
        var resource = WireMessage(.resourceSpans)
        var scopes: [(scope: WireMessage, spans: [Int])] = []
        var failure: Failure?
        do {
            guard try fields.cursor.openObject() else { return }
            while let key = try fields.cursor.key() {
                switch key {
                case "scopeSpans", "scope_spans", "instrumentationLibrarySpans", "instrumentation_library_spans":
                    try eachElement { (reader) throws(Failure) in try reader.findForwarded(&scopes) }
                default: try fields.readMember(key, of: &resource)
                }
            }
        } catch {
            // The part before a syntax error is still valid.
            failure = error
        }
        let end = fields.cursor.place
        for (scope, lists) in scopes {
            let head = WireHead(resource: resource, scope: scope)
            for place in lists {
                fields.cursor.move(to: place)
                try eachElement { (reader) throws(Failure) in
                    let start = reader.fields.cursor.place
                    let span = try reader.fields.message(.span)
                    guard span.hasIDs else {
                        let name = if case .text(let name) = span[5] { name } else { "" }
                        return reader.fields.note("the span \(name.quoted) has no valid ids; it is left out", at: start)
                    }
                    try deliver(DecodedSpan(WireSpan(head: head, span: span)))
                }
            }
        }
        if let failure { throw failure }
        fields.cursor.move(to: end)
    }

    private mutating func findForwarded(_ scopes: inout [(scope: WireMessage, spans: [Int])]) throws(Failure) {
        var found = (scope: WireMessage(.scopeSpans), spans: [Int]())
        defer { scopes.append(found) }
        guard try fields.cursor.openObject() else { return }
        while let key = try fields.cursor.key() {
            if "spans" ~= key {
                found.spans.append(fields.cursor.place)
                try fields.cursor.skip()
            } else {
                try fields.readMember(key, of: &found.scope)
            }
        }
    }
}
