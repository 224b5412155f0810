import SpanKitRecording

extension RecordedSpan {
    /// The span of `trace_minimal.json`.
    package static let smallest = RecordedSpan(
        name: "op",
        context: SpanContext(
            traceID: TraceID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10),
            spanID: SpanID(rawValue: 0xA1A2_A3A4_A5A6_A7A8),
            traceFlags: [.sampled, .random]
        ),
        kind: .internal,
        startUnixNanoseconds: 1_700_000_000_000_000_001,
        endUnixNanoseconds: 1_700_000_000_500_000_002
    )

    /// The span of `trace_full.json`: every field, every type of value.
    package static var everything: RecordedSpan {
        var span = RecordedSpan(
            name: "chat modèle",
            context: SpanContext(
                traceID: TraceID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10),
                spanID: SpanID(rawValue: 0xA1A2_A3A4_A5A6_A7A8),
                traceFlags: .sampled,
                traceState: "ot=th:8"
            ),
            parentSpanID: SpanID(rawValue: 0xB1B2_B3B4_B5B6_B7B8),
            parentIsRemote: true,
            kind: .client,
            startUnixNanoseconds: 1,
            endUnixNanoseconds: .max
        )
        span.status = .error("boom")
        span.attributes = [
            Attribute("str", "a\"b\\c\n\u{1}"), Attribute("empty", ""),
            Attribute("t", true), Attribute("f", false),
            Attribute("i", .int(.min)), Attribute("z", 0),
            Attribute("d", 0.1), Attribute("d0", 0.0),
            Attribute("nan", .double(.nan)), Attribute("inf", .double(.infinity)),
            Attribute("ninf", .double(-.infinity)),
            Attribute("b", .bytes([0, 0xFF, 0xFE])),
            Attribute("arr", .array(["x", 2, .null])),
            Attribute("map", .map([Attribute("k", "v")])),
            Attribute("emptyarr", []), Attribute("null", .null),
        ]
        span.droppedAttributeCount = 3
        span.events = [
            Event(
                name: "exception",
                unixNanoseconds: 2,
                attributes: [Attribute("exception.type", "E")],
                droppedAttributeCount: 1
            )
        ]
        span.droppedEventCount = 4
        span.links = [
            Link(
                context: SpanContext(
                    traceID: TraceID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10),
                    spanID: SpanID(rawValue: 0xB1B2_B3B4_B5B6_B7B8),
                    traceState: "a=b"
                ),
                attributes: [Attribute("la", 7)],
                droppedAttributeCount: 1
            )
        ]
        span.droppedLinkCount = 5
        return span
    }
}
