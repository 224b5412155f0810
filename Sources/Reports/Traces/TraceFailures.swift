import SpanKitPlatform
import SpanKitRecording

/// The failed spans of a trace, without those that only pass on the failure of a child.
package struct TraceFailures: Sendable {
    let id: TraceID
    let spans: [TraceSpan]

    package init(_ trace: Trace) {
        id = trace.id
        spans = trace.spans.indices.filter { place in
            trace.spans[place].isError && !trace.children(of: place).contains { trace.spans[$0].isError }
        }
        .map { trace.spans[$0] }
    }
}

extension TraceList<TraceFailures> {
    /// Every failed span of the kept traces.
    package func errors(names: NameTable) -> Listing {
        var listing = Listing([
            .init("name", "Operation", .name), .init("details", "What", .text),
            .init("durationNanoseconds", "Time", .duration),
            .init("traceId", "Trace", .text, priority: 1), .init("spanId", "Span", .text, priority: 2),
        ])
        for trace in traces {
            for span in trace.spans {
                listing.rows.append([
                    .text(names[span.name], .bad), .text(span.details ?? ""), Listing.whole(span.duration),
                    .text("\(trace.id)"), .text(span.spanID.hexadecimalDigits),
                ])
            }
        }
        return listing
    }
}
