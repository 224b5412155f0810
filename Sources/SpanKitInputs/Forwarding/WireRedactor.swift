import SpanKitOTLP
import SpanKitRecording

/// Redacts messages. Unknown fields are removed, because it is not known which of their bytes are text.
package struct WireRedactor {
    private let redactor: Redactor
    /// The number of unknown fields that were removed.
    package private(set) var removedCount = 0
    /// The number of trace states that were removed.
    package private(set) var removedTraceStateCount = 0

    package init(_ redaction: Redaction) {
        redactor = Redactor(redaction)
    }

    mutating func redacted(_ message: WireMessage) -> WireMessage { redacted(message, key: "") }

    /// - Parameter key: The key of the attribute that contains the message; empty outside attributes.
    private mutating func redacted(_ message: WireMessage, key: String) -> WireMessage {
        removedCount += message.unknown.count
        var result = WireMessage(message.type)
        var key = key
        if message.type == .attribute, case .text(let own) = message[1], key.isEmpty || redactor.hasRule(for: own) {
            key = own
        }
        for member in message.members {
            switch (member.value, message.type, member.number) {
            // A trace state is removed instead of replaced, because the replacement would not be a valid one.
            case (.text(let text), .span, 3), (.text(let text), .link, 3):
                if redactor.text(text) == text { result.members.append(member) } else { removedTraceStateCount += 1 }
            case (_, .value, 1...4), (_, .value, 7):
                result.members += WireMessage.value(redactor.value(message.scalar, key: key)).members
            case (.text(let text), _, _): result.add(member.number, .text(redactor.text(text)))
            case (.message(let inner), _, _): result.add(member.number, .message(redacted(inner, key: key)))
            default: result.members.append(member)
            }
        }
        return result
    }
}

extension WireMessage {
    /// The scalar in an `AnyValue`; null if it has none.
    fileprivate var scalar: AttributeValue {
        guard let member = members.last else { return .null }
        return switch (member.number, member.value) {
        case (1, .text(let text)): .string(text)
        case (2, .integer(let bits)): .bool(bits != 0)
        case (3, .integer(let bits)): .int(Int64(bitPattern: bits))
        case (4, .integer(let bits)): .double(Double(bitPattern: bits))
        case (7, .bytes(let bytes)): .bytes(bytes)
        default: .null
        }
    }
}
