import CSpanKitZlib

/// Counts the spans or log records of OTLP requests without decoding them.
enum SpanCount {
    /// The number of spans or log records in a body of JSON or protobuf, uncompressed or gzipped; nil if the body has another format.
    static func spans(in body: [UInt8]) -> Int? {
        guard let plain = body.starts(with: [0x1F, 0x8B]) ? inflated(body) : body else { return nil }
        guard let first = plain.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else { return 0 }
        return first == UInt8(ascii: "{") ? spans(inJSON: plain) : spans(inProtobuf: plain)
    }

    // MARK: JSON

    /// Counts the objects in arrays with the key `spans` or `logRecords`. The contents of strings are skipped.
    private static func spans(inJSON bytes: [UInt8]) -> Int? {
        let keys = [Array("spans".utf8), Array("logRecords".utf8)]
        var count = 0
        // For each open object or array, whether it is an array of spans.
        var open: [Bool] = []
        var text: Range<Int>?
        var isKey = false
        var place = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                let start = place + 1
                place = start
                while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
                    place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
                }
                guard place < bytes.count else { return nil }
                text = start..<place
            case UInt8(ascii: ":"):
                isKey = text.map { text in keys.contains { bytes[text].elementsEqual($0) } } ?? false
            case UInt8(ascii: "{"):
                if open.last == true { count += 1 }
                open.append(false)
                isKey = false
            case UInt8(ascii: "["):
                open.append(isKey)
                isKey = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard open.popLast() != nil else { return nil }
            case UInt8(ascii: ","):
                isKey = false
            default: break
            }
            place += 1
        }
        return open.isEmpty ? count : nil
    }

    // MARK: Protobuf

    /// Counts the fields 2 (`spans`) of the fields 2 (`scope_spans`) of the fields 1 (`resource_spans`). Those of log records have the
    /// same numbers.
    private static func spans(inProtobuf bytes: [UInt8]) -> Int? {
        var count = 0
        let isWhole = forEachMessage(1, bytes[...]) { resourceSpans in
            forEachMessage(2, resourceSpans) { scopeSpans in
                forEachMessage(2, scopeSpans) { _ in
                    count += 1
                    return true
                }
            }
        }
        return isWhole ? count : nil
    }

    /// - Returns: false if the bytes are not a protobuf message, or if `body` returned false.
    private static func forEachMessage(_ field: UInt64, _ bytes: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) -> Bool)
        -> Bool
    {
        var rest = bytes
        func varint() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                guard let byte = rest.popFirst() else { return nil }
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
            }
            return nil
        }
        while !rest.isEmpty {
            guard let tag = varint() else { return false }
            switch tag & 7 {
            case 0:
                guard varint() != nil else { return false }
            case 1, 5:
                let length = tag & 7 == 1 ? 8 : 4
                guard rest.count >= length else { return false }
                rest = rest.dropFirst(length)
            case 2:
                guard let length = varint(), length <= UInt64(rest.count) else { return false }
                if tag >> 3 == field, !body(rest.prefix(Int(length))) { return false }
                rest = rest.dropFirst(Int(length))
            default:
                return false
            }
        }
        return true
    }

    // MARK: gzip

    /// The content of a gzip body, which may have several members. Nil if it is damaged.
    private static func inflated(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard spankit_inflate_init(&stream) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var bytes = bytes
        let isWhole = bytes.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            while true {
                let status = buffer.withUnsafeMutableBufferPointer { output in
                    stream.next_out = output.baseAddress
                    stream.avail_out = UInt32(output.count)
                    return inflate(&stream, Z_NO_FLUSH)
                }
                content += buffer[..<(buffer.count - Int(stream.avail_out))]
                switch status {
                case Z_OK: continue
                case Z_STREAM_END:
                    if stream.avail_in == 0 { return true }
                    guard inflateReset(&stream) == Z_OK else { return false }
                default: return false
                }
            }
        }
        return isWhole ? content : nil
    }
}
