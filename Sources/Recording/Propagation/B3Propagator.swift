import SpanKitPlatform

/// Reads and writes the headers of B3, the format of Zipkin (github.com/openzipkin/b3-propagation).
///
/// | Form | Headers |
/// |---|---|
/// | single | `b3: <trace id>-<span id>-<1, 0 or d>` |
/// | multiple | `X-B3-TraceId`, `X-B3-SpanId`, `X-B3-Sampled`, `X-B3-Flags` |
///
/// `extract` reads both forms, and prefers a valid `b3` header. If a trace id has 16 digits, they become the lower half of the id, and the
/// upper half is 0. B3 lets a caller leave the sampling decision to the receiver. OpenTelemetry has no such state, so the parent then counts
/// as not sampled. B3's `ParentSpanId`, the id of the parent's parent, is neither read nor sent. B3 has no `tracestate`.
public enum B3Propagator {
    static let header = "b3"
    static let traceHeader = "x-b3-traceid"
    static let spanHeader = "x-b3-spanid"
    static let sampledHeader = "x-b3-sampled"
    static let flagsHeader = "x-b3-flags"

    /// Reads the parent from a request; returns nil if there is no valid one, or if the caller sent only a sampling decision.
    /// - Parameter values: Returns all values of the header with the given name, as for ``TraceContextPropagator/extract(_:)``.
    public static func extract(_ values: (_ header: String) -> [String]) -> SpanContext? {
        if let text = only(values(header)), let context = single(text) { return context }
        guard let trace = only(values(traceHeader)), let span = only(values(spanHeader)) else { return nil }
        var flags: TraceFlags = []
        switch only(values(sampledHeader)).map({ String(decoding: $0, as: UTF8.self).lowercased() }) {
        case "1", "true": flags = .sampled
        default: break
        }
        if let debug = only(values(flagsHeader)), debug.elementsEqual("1".utf8) { flags = [.sampled, .debug] }
        return context(trace: trace, span: span, flags)
    }

    /// Injects a span context into the header `b3` of a request. The receiver's spans become children of that span. An invalid
    /// context is not written.
    /// - Parameter set: Sets a header, replacing existing headers with the same name.
    public static func inject(_ context: SpanContext, _ set: (_ header: String, _ value: String) -> Void) {
        guard context.isValid else { return }
        let flags = context.traceFlags
        let state = flags.contains(.debug) ? "d" : flags.contains(.sampled) ? "1" : "0"
        set(header, "\(context.traceID)-\(context.spanID)-\(state)")
    }

    /// Injects a span context into the headers `X-B3-…` of a request. The receiver's spans become children of that span. An invalid
    /// context is not written.
    /// - Parameter set: Sets a header, replacing existing headers with the same name.
    public static func injectMultiple(_ context: SpanContext, _ set: (_ header: String, _ value: String) -> Void) {
        guard context.isValid else { return }
        set(traceHeader, "\(context.traceID)")
        set(spanHeader, "\(context.spanID)")
        // Debug implies sampled, and B3 does not allow both headers.
        if context.traceFlags.contains(.debug) {
            set(flagsHeader, "1")
        } else {
            set(sampledHeader, context.traceFlags.contains(.sampled) ? "1" : "0")
        }
    }

    private static func single(_ text: HeaderText.Bytes) -> SpanContext? {
        let parts = text.split(separator: UInt8(ascii: "-"), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 2 else { return nil }
        let flags: TraceFlags
        switch parts.dropFirst(2).first.map({ String(decoding: $0, as: UTF8.self) }) {
        case nil, "0": flags = []
        case "1": flags = .sampled
        case "d": flags = [.sampled, .debug]
        default: return nil
        }
        return context(trace: parts[0], span: parts[1], flags)
    }

    private static func context(
        trace: HeaderText.Bytes,
        span: HeaderText.Bytes,
        _ flags: TraceFlags
    ) -> SpanContext? {
        guard trace.count == 16 || trace.count == 32, span.count == 16 else { return nil }
        return SpanContext(traceDigits: trace, spanDigits: span, flags)
    }

    /// The value of a header that occurs once.
    private static func only(_ values: [String]) -> HeaderText.Bytes? {
        values.count == 1 ? Array(values[0].utf8)[...].trimmingOptionalWhitespace : nil
    }
}
