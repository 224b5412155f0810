import SpanKitPlatform

/// Reads and writes the header `X-Amzn-Trace-Id` of AWS X-Ray: `Root=1-<8 digits>-<24 digits>;Parent=<16 digits>;Sampled=<1 or 0>`.
///
/// The two parts of `Root` form the trace id. The fields may be in any order, and unknown fields are ignored. A header without
/// `Parent` has no parent. X-Ray reads the first 8 digits of a trace id as the start time of the trace, in seconds since 1970. It may
/// refuse a trace whose id gives another time.
public enum XRayPropagator {
    static let header = "x-amzn-trace-id"

    /// Reads the parent from a request; returns nil if there is no valid one.
    /// - Parameter values: Returns all values of the header with the given name, as for ``TraceContextPropagator/extract(_:)``.
    public static func extract(_ values: (_ header: String) -> [String]) -> SpanContext? {
        let found = values(header)
        guard found.count == 1 else { return nil }
        var root: HeaderText.Bytes?
        var parent: HeaderText.Bytes?
        var flags: TraceFlags = []
        for field in Array(found[0].utf8).split(separator: UInt8(ascii: ";")) {
            let (name, value) = field.split(atFirst: UInt8(ascii: "="))
            guard let value = value?.trimmingOptionalWhitespace else { continue }
            switch String(decoding: name.trimmingOptionalWhitespace, as: UTF8.self).lowercased() {
            case "root": root = value
            case "parent": parent = value
            case "sampled": if value.elementsEqual("1".utf8) { flags = .sampled }
            default: break
            }
        }
        guard let root, let parent, parent.count == 16 else { return nil }
        let parts = root.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual("1".utf8), parts[1].count == 8, parts[2].count == 24 else {
            return nil
        }
        return SpanContext(traceDigits: (Array(parts[1]) + parts[2])[...], spanDigits: parent, flags)
    }

    /// Injects a span context into the headers of a request. The receiver's spans become children of that span. An invalid context
    /// is not written.
    /// - Parameter set: Sets a header, replacing existing headers with the same name.
    public static func inject(_ context: SpanContext, _ set: (_ header: String, _ value: String) -> Void) {
        guard context.isValid else { return }
        let id = context.traceID.description
        let sampled = context.traceFlags.contains(.sampled) ? 1 : 0
        set(header, "Root=1-\(id.prefix(8))-\(id.dropFirst(8));Parent=\(context.spanID);Sampled=\(sampled)")
    }
}

extension SpanContext {
    /// A span of another process whose ids are hexadecimal digits in upper or lower case. Leading zeros may be missing.
    /// Nil if the ids are not digits or not valid.
    init?(traceDigits trace: ArraySlice<UInt8>, spanDigits span: ArraySlice<UInt8>, _ flags: TraceFlags) {
        guard let high = UInt64(anyHexadecimalDigits: trace.dropLast(16)),
            let low = UInt64(anyHexadecimalDigits: trace.suffix(16)), let id = UInt64(anyHexadecimalDigits: span)
        else { return nil }
        self.init(
            traceID: TraceID(high: high, low: low),
            spanID: SpanID(rawValue: id),
            traceFlags: flags,
            isRemote: true
        )
        guard isValid else { return nil }
    }
}

extension UInt64 {
    /// Reads at most sixteen hexadecimal digits in upper or lower case. Without digits, the number is 0.
    init?(anyHexadecimalDigits digits: ArraySlice<UInt8>) {
        guard digits.count <= 16 else { return nil }
        self = 0
        for digit in digits {
            guard let value = digit.hexadecimalValue else { return nil }
            self = self << 4 | UInt64(value)
        }
    }
}
