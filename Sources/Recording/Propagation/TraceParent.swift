import SpanKitPlatform

/// The value of a `traceparent` header (W3C Trace Context level 2, §3.2): `00-<32 digits>-<16 digits>-<2 digits>`.
enum TraceParent {
    /// The length in bytes of a version 00 value. Values of later versions start with a part of the same length and form.
    static let length = 55
    /// Other flags of later versions are unknown, so they are ignored and not sent on.
    static let knownFlags: TraceFlags = [.sampled, .random]

    private static let dash = UInt8(ascii: "-")

    /// Reads a value, with or without spaces and tabs around it; returns nil if the specification requires a new trace.
    static func parse(_ text: String) -> SpanContext? {
        text.withUTF8Bytes { parse(UnsafeRawBufferPointer(rebasing: $0.trimmingOptionalWhitespace)) }
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) -> SpanContext? {
        guard bytes.count >= length, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = byte(bytes[0], bytes[1]), version != 0xFF,
            bytes.count == length || version > 0 && bytes[length] == dash,
            let high = UInt64(hexadecimalDigits: bytes[3..<19]),
            let low = UInt64(hexadecimalDigits: bytes[19..<35]),
            let parent = UInt64(hexadecimalDigits: bytes[36..<52]),
            let flags = byte(bytes[53], bytes[54])
        else { return nil }
        let context = SpanContext(
            traceID: TraceID(high: high, low: low),
            spanID: SpanID(rawValue: parent),
            traceFlags: TraceFlags(rawValue: flags).intersection(knownFlags),
            isRemote: true
        )
        return context.isValid ? context : nil
    }

    /// The value for a context, in version 00.
    static func text(_ context: SpanContext) -> String {
        let flags = context.traceFlags.intersection(knownFlags).rawValue
        return "00-\(context.traceID)-\(context.spanID)-0\(flags)"
    }

    /// The value of two hexadecimal digits; nil for upper case.
    private static func byte(_ high: UInt8, _ low: UInt8) -> UInt8? {
        guard let high = high.lowerCaseHexadecimalValue, let low = low.lowerCaseHexadecimalValue else { return nil }
        return high << 4 | low
    }
}
