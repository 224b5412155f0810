import SpanKitPlatform

/// Reads and writes the header `uber-trace-id` of Jaeger's former clients: `<trace id>:<span id>:<parent>:<flags>`.
///
/// The ids are hexadecimal and may lack leading zeros. `<parent>` is ignored, and sent as 0. Flag 1 means sampled, and flag 2 means
/// debug. The baggage headers `uberctx-…` are neither read nor sent: their names vary, and `extract` can only read headers whose names it
/// knows. Use the propagator `baggage` instead.
public enum JaegerPropagator {
    static let header = "uber-trace-id"

    /// Reads the parent from a request; returns nil if there is no valid one.
    /// - Parameter values: Returns all values of the header with the given name, as for ``TraceContextPropagator/extract(_:)``.
    public static func extract(_ values: (_ header: String) -> [String]) -> SpanContext? {
        let found = values(header)
        // Some clients encode the colons.
        guard found.count == 1, let text = PercentCoding.decode(Array(found[0].utf8)[...]) else { return nil }
        let parts = text[...].trimmingOptionalWhitespace.split(
            separator: UInt8(ascii: ":"),
            omittingEmptySubsequences: false
        )
        guard parts.count == 4, (1...32).contains(parts[0].count), (1...16).contains(parts[1].count),
            (1...2).contains(parts[3].count), let bits = UInt64(anyHexadecimalDigits: parts[3])
        else { return nil }
        var flags: TraceFlags = []
        if bits & 1 != 0 { flags.insert(.sampled) }
        if bits & 2 != 0 { flags.formUnion([.sampled, .debug]) }
        return SpanContext(traceDigits: parts[0], spanDigits: parts[1], flags)
    }

    /// Injects a span context into the headers of a request. The receiver's spans become children of that span. An invalid context
    /// is not written.
    /// - Parameter set: Sets a header, replacing existing headers with the same name.
    public static func inject(_ context: SpanContext, _ set: (_ header: String, _ value: String) -> Void) {
        guard context.isValid else { return }
        let flags = (context.traceFlags.contains(.sampled) ? 1 : 0) | (context.traceFlags.contains(.debug) ? 3 : 0)
        set(header, "\(context.traceID):\(context.spanID):0:\(flags)")
    }
}
