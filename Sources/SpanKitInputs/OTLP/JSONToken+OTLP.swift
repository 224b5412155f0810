import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Ids of OTLP/JSON: hexadecimal digits in either case or, as some exporters write them, base64.
///
/// An id in any other form is invalid, and so is an id of zeros.
extension JSONToken {
    var traceID: TraceID {
        let digits = withBytes { (bytes) -> TraceID? in
            guard bytes.count == 32, let high = Self.number(bytes[..<16]), let low = Self.number(bytes[16...]) else {
                return nil
            }
            return TraceID(high: high, low: low)
        }
        if let digits { return digits }
        guard let bytes = base64, bytes.count == 16 else { return .invalid }
        return TraceID(high: Self.bigEndian(bytes[..<8]), low: Self.bigEndian(bytes[8...]))
    }

    var spanID: SpanID {
        if let number = withBytes({ $0.count == 16 ? Self.number($0[...]) : nil }) { return SpanID(rawValue: number) }
        guard let bytes = base64, bytes.count == 8 else { return .invalid }
        return SpanID(rawValue: Self.bigEndian(bytes[...]))
    }

    /// The bytes of a base64 text (RFC 4648) in either alphabet, padded or not; `nil` if it is not base64.
    var base64: [UInt8]? { Base64.decode(string) }

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
