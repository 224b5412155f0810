import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Ids as OTLP/JSON writes them: hexadecimal, in either case. Some exporters write base64 instead.
enum HexID {
    /// Invalid for what is neither form, and for zeros.
    static func traceID(_ token: JSONToken) -> TraceID {
        token.withBytes { bytes in
            if bytes.count == 32, let high = number(bytes[..<16]), let low = number(bytes[16...]) {
                return TraceID(high: high, low: low)
            }
            guard let raw = Base64.decode(bytes), raw.count == 16 else { return .invalid }
            return TraceID(high: bigEndian(raw[..<8]), low: bigEndian(raw[8...]))
        }
    }

    /// Invalid for what is neither form, and for zeros.
    static func spanID(_ token: JSONToken) -> SpanID {
        token.withBytes { bytes in
            if bytes.count == 16, let number = number(bytes[...]) { return SpanID(rawValue: number) }
            guard let raw = Base64.decode(bytes), raw.count == 8 else { return .invalid }
            return SpanID(rawValue: bigEndian(raw[...]))
        }
    }

    private static func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
        var value: UInt64 = 0
        for byte in digits {
            guard let digit = byte.hexadecimalValue else { return nil }
            value = value << 4 | UInt64(digit)
        }
        return value
    }

    private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// Base64 (RFC 4648), with either alphabet, padded or not.
enum Base64 {
    /// Nil for bytes that are not base64.
    static func decode(_ characters: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count / 4 * 3 + 3)
        var group: UInt32 = 0
        var count = 0
        for character in characters {
            let value: UInt8
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
            case UInt8(ascii: "="): continue
            default: return nil
            }
            group = group << 6 | UInt32(value)
            count += 1
            if count == 4 {
                bytes.append(UInt8(group >> 16 & 0xFF))
                bytes.append(UInt8(group >> 8 & 0xFF))
                bytes.append(UInt8(group & 0xFF))
                (group, count) = (0, 0)
            }
        }
        switch count {
        case 0: break
        case 2: bytes.append(UInt8(group >> 4 & 0xFF))
        case 3:
            bytes.append(UInt8(group >> 10 & 0xFF))
            bytes.append(UInt8(group >> 2 & 0xFF))
        default: return nil
        }
        return bytes
    }
}
