import Foundation

extension ReceivedRequest {
    /// The values of the attribute `number` of all spans in an OTLP body, in order.
    public var numbers: [Int] {
        SpanNumbers.read(decodedBody ?? [], isProtobuf: isProtobuf)
    }
}

/// Reads the attribute `number` of spans.
public enum SpanNumbers {
    /// The values of all spans in an OTLP body, in order.
    public static func read(_ body: [UInt8], isProtobuf: Bool) -> [Int] {
        if isProtobuf { return ProtobufMessage(body).numbers }
        guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
            let resources = object["resourceSpans"] as? [[String: Any]]
        else { return [] }
        let scopes = resources.flatMap { $0["scopeSpans"] as? [[String: Any]] ?? [] }
        let spans = scopes.flatMap { $0["spans"] as? [[String: Any]] ?? [] }
        return spans.flatMap { $0["attributes"] as? [[String: Any]] ?? [] }.compactMap { attribute in
            guard attribute["key"] as? String == "number" else { return nil }
            let value = attribute["value"] as? [String: Any]
            return Int(value?["intValue"] as? String ?? "") ?? -1
        }
    }
}

/// The fields of a protobuf message in their order: as much of the wire format as the numbers of spans need.
private struct ProtobufMessage {
    private var messages: [(field: Int, bytes: [UInt8])] = []
    private var integers: [(field: Int, value: UInt64)] = []

    init(_ bytes: [UInt8]) {
        var place = 0
        func varint() -> UInt64 {
            var (value, shift) = (UInt64(0), UInt64(0))
            while place < bytes.count {
                let byte = bytes[place]
                place += 1
                value |= UInt64(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            return value
        }
        while place < bytes.count {
            let tag = varint()
            switch tag & 7 {
            case 0: integers.append((Int(tag >> 3), varint()))
            case 1: place += 8
            case 2:
                let count = Int(varint())
                messages.append((Int(tag >> 3), Array(bytes[place..<place + count])))
                place += count
            default: place += 4
            }
        }
    }

    private func all(_ field: Int) -> [ProtobufMessage] {
        messages.filter { $0.field == field }.map { ProtobufMessage($0.bytes) }
    }

    /// Of an `ExportTraceServiceRequest`.
    var numbers: [Int] {
        all(1).flatMap { $0.all(2) }.flatMap { $0.all(2) }.flatMap { $0.all(9) }.compactMap { attribute in
            guard attribute.messages.first?.bytes == Array("number".utf8) else { return nil }
            return attribute.all(2).first?.integers.first { $0.field == 3 }.map { Int($0.value) }
        }
    }
}

extension FaultServer {
    /// The numbers of all spans that arrived in whole requests.
    public var numbers: [Int] { requests.filter(\.isComplete).flatMap(\.numbers) }
}
