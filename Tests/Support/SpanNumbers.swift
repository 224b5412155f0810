import Foundation

extension ReceivedRequest {
    /// The values of the attribute `number` of all spans in an OTLP body, in order.
    public var numbers: [Int] {
        SpanNumbers.read(decodedBody ?? [], isProtobuf: isProtobuf)
    }

    /// The values of the attribute `number` of all log records in an OTLP body, in order.
    public var logNumbers: [Int] {
        SpanNumbers.readLogs(decodedBody ?? [], isProtobuf: isProtobuf)
    }
}

/// Reads the attribute `number` of spans and log records.
public enum SpanNumbers {
    /// The values of all spans in an OTLP body, in order.
    public static func read(_ body: [UInt8], isProtobuf: Bool) -> [Int] {
        if isProtobuf { return ProtobufMessage(body).numbers(attributes: 9) }
        return read(body, "resourceSpans", "scopeSpans", "spans")
    }

    /// The values of all log records in an OTLP body, in order.
    public static func readLogs(_ body: [UInt8], isProtobuf: Bool) -> [Int] {
        if isProtobuf { return ProtobufMessage(body).numbers(attributes: 6) }
        return read(body, "resourceLogs", "scopeLogs", "logRecords")
    }

    private static func read(_ body: [UInt8], _ resources: String, _ scopes: String, _ records: String) -> [Int] {
        guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
            let resources = object[resources] as? [[String: Any]]
        else { return [] }
        let scopes = resources.flatMap { $0[scopes] as? [[String: Any]] ?? [] }
        let records = scopes.flatMap { $0[records] as? [[String: Any]] ?? [] }
        return records.flatMap { $0["attributes"] as? [[String: Any]] ?? [] }.compactMap { attribute in
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
                let count = Int(truncatingIfNeeded: varint())
                // A damaged message has no more numbers.
                guard count >= 0, count <= bytes.count - place else { return }
                messages.append((Int(tag >> 3), Array(bytes[place..<place + count])))
                place += count
            default: place += 4
            }
        }
    }

    private func all(_ field: Int) -> [ProtobufMessage] {
        messages.filter { $0.field == field }.map { ProtobufMessage($0.bytes) }
    }

    /// Of an `ExportTraceServiceRequest` or an `ExportLogsServiceRequest`.
    /// - Parameter attributes: the field of a span or log record with its attributes.
    func numbers(attributes: Int) -> [Int] {
        all(1).flatMap { $0.all(2) }.flatMap { $0.all(2) }.flatMap { $0.all(attributes) }.compactMap { attribute in
            guard attribute.messages.first?.bytes == Array("number".utf8) else { return nil }
            return attribute.all(2).first?.integers.first { $0.field == 3 }.map { Int($0.value) }
        }
    }
}

extension FaultServer {
    /// The numbers of all spans that arrived in whole requests.
    public var numbers: [Int] { requests.filter(\.isComplete).flatMap(\.numbers) }

    /// The numbers of all log records that arrived in whole requests.
    public var logNumbers: [Int] { requests.filter(\.isComplete).flatMap(\.logNumbers) }
}
