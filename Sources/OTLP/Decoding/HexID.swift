import Platform
import Recording

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
