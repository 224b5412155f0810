import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitRecording
import SpanKitReports
import SpanKitTestSupport

/// Traces made by hand and by seeded generators.
enum SampleTraces {
    /// The start of the sample traces. A time of 0 would be a missing one.
    static let origin: Int64 = 1_000_000_000

    /// A span of times in microseconds after ``origin``; ids are small numbers.
    static func span(
        _ id: UInt64,
        parent: UInt64 = 0,
        _ name: String,
        _ start: Int64,
        _ end: Int64,
        isError: Bool = false,
        attributes: [Attribute] = [],
        service: String = "coach",
        trace: UInt64 = 1,
        high: UInt64 = 0
    ) -> DecodedSpan {
        var span = RecordedSpan(
            name: name,
            context: SpanContext(traceID: TraceID(high: high, low: trace), spanID: SpanID(rawValue: id)),
            parentSpanID: parent == 0 ? nil : SpanID(rawValue: parent),
            startUnixNanoseconds: origin + start * 1_000,
            endUnixNanoseconds: origin + end * 1_000
        )
        span.attributes = attributes
        if isError { span.status = .error("it broke") }
        let resource = Resource(attributes: [Attribute("service.name", .string(service))])
        return DecodedSpan(resource: resource, scope: InstrumentationScope(), span: span)
    }

    /// A request with two queries one after the other, a call beside them that fails, and work left open.
    static let request: [DecodedSpan] = [
        span(1, "GET /okr", 0, 10_000, attributes: [Attribute("http.response.status_code", 500)]),
        span(2, parent: 1, "load session", 500, 2_500, attributes: [Attribute("db.system.name", "sqlite")]),
        span(3, parent: 2, "query", 600, 1_400),
        span(4, parent: 2, "query", 1_500, 2_300),
        span(
            5,
            parent: 1,
            "chat claude",
            2_600,
            9_500,
            isError: true,
            attributes: [
                Attribute("gen_ai.request.model", "claude"), Attribute("note", "\u{1B}[31mred\n"),
            ]
        ),
        span(6, parent: 1, "audit", 2_700, 3_000, service: "audit"),
        span(7, parent: 1, "send", 9_600, 9_900, attributes: [Attribute("spankit.unfinished", true)]),
    ]

    /// Puts traces together.
    static func assemble(_ spans: [DecodedSpan], spanLimit: Int = .max, details: TraceSpan.DetailLevel = .none) -> (
        [Trace], NameTable
    ) {
        var assembler = TraceAssembler(spanLimit: spanLimit, details: details)
        var traces: [Trace] = []
        for span in spans { assembler.add(span) { trace, _ in traces.append(trace) } }
        assembler.finish { trace, _ in traces.append(trace) }
        return (traces, assembler.names)
    }

    /// The bottlenecks of traces.
    static func analysis(_ spans: [DecodedSpan], source: String? = nil) -> BottleneckAnalysis {
        let (traces, names) = assemble(spans)
        var totals = TraceTotals()
        var patterns = TracePatterns()
        for trace in traces {
            totals.add(trace, names: names)
            patterns.add(trace)
        }
        return BottleneckAnalysis(sources: source.map { [$0] } ?? [], totals, patterns, names: names)
    }

    static func totals(_ spans: [DecodedSpan]) -> TraceTotals {
        let (traces, names) = assemble(spans)
        var totals = TraceTotals()
        for trace in traces { totals.add(trace, names: names) }
        return totals
    }

    /// A tree of spans whose children may overlap, lie outside their parent, have lost it, or name each other.
    static func wild(seed: UInt64, count: Int) -> [TraceSpan] {
        var random = SplitMix64(seed: seed)
        return (1...count).map { id in
            let start = Int64.random(in: 0...1_000, using: &random)
            return TraceSpan(
                spanID: UInt64(id),
                parentSpanID: UInt64.random(in: 0...UInt64(count + count / 8), using: &random),
                start: start,
                end: start + Int64.random(in: 0...500, using: &random),
                name: UInt32.random(in: 0..<5, using: &random)
            )
        }
    }
}
