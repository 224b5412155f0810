import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitStore

/// Redacts the protobuf of requests of any signal before they are stored (`--redact`).
///
/// Unknown fields that may contain text are removed. So are trace states in which something is found, because the rest would not be
/// valid.
struct RequestRedactor: Sendable {
    /// Messages that are nested deeper are removed.
    private static let deepest = 100
    private let redactor: Redactor

    init(_ redaction: Redaction) { redactor = Redactor(redaction) }

    /// The request without what the rules replace; nil if it is damaged.
    func redacted(_ body: [UInt8], _ signal: Signal) -> [UInt8]? {
        message(body[...], signal.rawValue, key: "", depth: 0)
    }

    /// - Parameter key: The key of the attribute that contains the message; empty outside attributes.
    private func message(_ content: ArraySlice<UInt8>, _ name: String, key: String, depth: Int) -> [UInt8]? {
        guard let fields = ProtobufField.all(in: content) else { return nil }
        if name == "Value", let scalar = Self.scalar(fields) { return Self.encoded(redactor.value(scalar, key: key)) }
        var key = key
        if name == "KeyValue", let own = fields.last(where: { $0.number == 1 && $0.wire == 2 }) {
            let text = String(decoding: own.content, as: UTF8.self)
            if key.isEmpty || redactor.hasRule(for: text) { key = text }
        }
        let places = TextPlaces.of(name)
        var output: [UInt8] = []
        for field in fields {
            guard field.wire == 2 else {
                output += field.whole
                continue
            }
            switch places[field.number] {
            case .other: output += field.whole
            case .text, .traceState:
                let text = String(decoding: field.content, as: UTF8.self)
                let redacted = redactor.text(text)
                if text.hasSameBytes(as: redacted) {
                    output += field.whole
                } else if case .text = places[field.number] {
                    OTLPAssembly.append(field.number, Array(redacted.utf8), to: &output)
                }
            case .message(let inner):
                guard depth < Self.deepest else { continue }
                guard let content = message(field.content, inner, key: key, depth: depth + 1) else { return nil }
                OTLPAssembly.append(field.number, content, to: &output)
            case nil: break
            }
        }
        return output
    }

    /// The scalar in an `AnyValue`; nil for lists and maps, and without a value.
    private static func scalar(_ fields: [ProtobufField]) -> AttributeValue? {
        guard let field = fields.last else { return nil }
        return switch (field.number, field.wire) {
        case (1, 2): .string(String(decoding: field.content, as: UTF8.self))
        case (2, 0): .bool(field.integer != 0)
        case (3, 0): .int(Int64(bitPattern: field.integer))
        case (4, 1): .double(Double(bitPattern: field.integer))
        case (7, 2): .bytes(Array(field.content))
        default: nil
        }
    }

    private static func encoded(_ value: AttributeValue) -> [UInt8] {
        var output: [UInt8] = []
        switch value {
        case .string(let text): OTLPAssembly.append(1, Array(text.utf8), to: &output)
        case .bool(let flag): output += [0x10, flag ? 1 : 0]
        case .int(let number):
            output.append(0x18)
            Varint.append(UInt64(bitPattern: number), to: &output)
        case .double(let number):
            output.append(0x21)
            withUnsafeBytes(of: number.bitPattern.littleEndian) { output.append(contentsOf: $0) }
        case .bytes(let bytes): OTLPAssembly.append(7, bytes, to: &output)
        default: break
        }
        return output
    }
}
