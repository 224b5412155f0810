import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Writes messages in one encoding.
///
/// Known fields are written in either encoding. Unknown fields are copied if the input had the same encoding: their types are not
/// known, so they cannot be translated.
package struct WireWriter {
    let encoding: Encoding
    /// The number of unknown fields that could not be written.
    package private(set) var leftOutCount = 0

    package init(_ encoding: Encoding) {
        self.encoding = encoding
    }

    /// A message without the braces or the length around it.
    mutating func content(of message: WireMessage) -> [UInt8] {
        var output: [UInt8] = []
        switch encoding {
        case .json: writeJSON(message, to: &output)
        case .protobuf: writeProtobuf(message, to: &output)
        }
        return output
    }

    // MARK: JSON

    private mutating func writeJSON(_ message: WireMessage, to output: inout [UInt8]) {
        let start = output.count
        func name(_ field: WireField) {
            if output.count > start { output.append(UInt8(ascii: ",")) }
            output += "\"\(field.name)\":".utf8
        }
        for field in message.type.fields {
            guard field.isRepeated else {
                guard let value = message[field.number] else { continue }
                name(field)
                writeJSON(value, field, to: &output)
                continue
            }
            var isFirst = true
            for member in message.members where member.number == field.number {
                if isFirst { name(field) }
                output.append(UInt8(ascii: isFirst ? "[" : ","))
                isFirst = false
                writeJSON(member.value, field, to: &output)
            }
            if !isFirst {
                output.append(UInt8(ascii: "]"))
            } else if field.isRequired {
                // Some receivers refuse an object without its list.
                name(field)
                output += "[]".utf8
            }
        }
        for field in message.unknown {
            guard case .json(let member) = field else {
                leftOutCount += 1
                continue
            }
            if output.count > start { output.append(UInt8(ascii: ",")) }
            output += member
        }
    }

    private mutating func writeJSON(_ value: WireValue, _ field: WireField, to output: inout [UInt8]) {
        switch value {
        case .text(let text): output += text.jsonQuoted.utf8
        case .bytes(let bytes):
            let text = if case .id = field.kind { bytes.hexadecimalDigits } else { Data(bytes).base64EncodedString() }
            output += "\"\(text)\"".utf8
        case .integer(let bits):
            switch field.kind {
            case .fixed64: output += "\"\(bits)\"".utf8
            case .int: output += "\"\(Int64(bitPattern: bits))\"".utf8
            case .bool: output += (bits == 0 ? "false" : "true").utf8
            case .choice: output += "\(Int32(truncatingIfNeeded: bits))".utf8
            case .double:
                let double = Double(bitPattern: bits)
                output +=
                    (double.isNaN
                    ? "\"NaN\"" : double.isFinite ? "\(double)" : double < 0 ? "\"-Infinity\"" : "\"Infinity\"").utf8
            default: output += "\(bits)".utf8
            }
        case .message(let message):
            output.append(UInt8(ascii: "{"))
            writeJSON(message, to: &output)
            output.append(UInt8(ascii: "}"))
        }
    }

    // MARK: Protobuf

    private mutating func writeProtobuf(_ message: WireMessage, to output: inout [UInt8]) {
        for member in message.members {
            guard let field = message.type.field(member.number) else { continue }
            Self.varint(UInt64(field.number) << 3 | field.kind.wire, to: &output)
            switch member.value {
            case .text(let text):
                Self.varint(UInt64(text.utf8.count), to: &output)
                output += text.utf8
            case .bytes(let bytes):
                Self.varint(UInt64(bytes.count), to: &output)
                output += bytes
            case .integer(let bits):
                switch field.kind.wire {
                case 0: Self.varint(bits, to: &output)
                case 5: Self.little(bits, count: 4, to: &output)
                default: Self.little(bits, count: 8, to: &output)
                }
            case .message(let inner):
                var content: [UInt8] = []
                writeProtobuf(inner, to: &content)
                Self.varint(UInt64(content.count), to: &output)
                output += content
            }
        }
        for field in message.unknown {
            if case .protobuf(let whole) = field { output += whole } else { leftOutCount += 1 }
        }
    }

    static func varint(_ value: UInt64, to output: inout [UInt8]) {
        var value = value
        while value >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        output.append(UInt8(value))
    }

    private static func little(_ value: UInt64, count: Int, to output: inout [UInt8]) {
        for byte in 0..<count { output.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))) }
    }
}

extension WireField {
    /// Whether the field is written even if the list is empty.
    fileprivate var isRequired: Bool { name == "values" }
}
