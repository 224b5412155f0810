import CSpanKitAllocations
import SpanKitRecording
import SpanKitServer
import Tracing

/// Spans of swift-distributed-tracing compared with a tracer that does nothing.
enum TracingBenchmarks {
    private static let count = 20_000

    static func rows() -> [BenchmarkRow] {
        let recorded = SpanKitTracer(PerformanceProfiler(.on, log: .silent))
        var recording = RecordingConfiguration()
        recording.sampler = AlwaysOffSampler()
        let unsampled = SpanKitTracer(PerformanceProfiler(.on, recording: recording, log: .silent))
        return [
            global("global withSpan, 3 attributes / no-op withSpan", bar: 4.5, recorded, setAttributes),
            global("global withSpan, no attribute / no-op withSpan", bar: nil, recorded) { _, _ in },
            global(
                "global withSpan, 3 attributes, unsampled / no-op withSpan",
                bar: 2.5,
                reason:
                    "1.75 without attributes; assigning three to a dictionary of the API alone is 0.56 of the no-op, "
                    + "and calls through its protocols and the mirror of the attributes 0.33",
                unsampled,
                setAttributes
            ),
            global("global withSpan, 3 fast attributes / no-op withSpan", bar: nil, recorded) { span, index in
                span.set("number", index)
                span.set("flag", true)
                span.set("ratio", 0.5)
            },
            typed("typed withSpan, 3 attributes / no-op withSpan", bar: 3.5) { index in
                recorded.withSpan("benchmark_typed") { setAttributes($0, index) }
            },
            typed("typed withSpan, 3 fast attributes / no-op withSpan", bar: 2) { index in
                recorded.withSpan("benchmark_typed") { span in
                    span.set("number", index)
                    span.set("flag", true)
                    span.set("ratio", 0.5)
                }
            },
            typed("inject and extract / no-op withSpan", bar: nil, propagation(recorded)),
            BenchmarkRow.compare(
                "propagate 32 tracestate members, 64 baggage entries / 4, 8",
                bar: 9,
                units: count / 10,
                measured: { repeated(propagation(recorded, members: 32, entries: 64), count / 10) },
                reference: { repeated(propagation(recorded, members: 4, entries: 8), count / 10) }
            ),
            allocations("allocations per global withSpan, 3 attributes", recorded, bar: 0.05),
            allocations("allocations per global withSpan, unsampled", unsampled, bar: 0.05),
        ]
    }

    private static func setAttributes(_ span: any Tracing.Span, _ index: Int) {
        span.attributes["number"] = index
        span.attributes["flag"] = true
        span.attributes["ratio"] = 0.5
    }

    private static func setAttributes(_ span: TracedSpan, _ index: Int) {
        span.attributes["number"] = index
        span.attributes["flag"] = true
        span.attributes["ratio"] = 0.5
    }

    private static func global(
        _ name: String,
        bar: Double?,
        reason: String? = nil,
        _ tracer: SpanKitTracer,
        _ body: @escaping (any Tracing.Span, Int) -> Void
    ) -> BenchmarkRow {
        BenchmarkRow.compare(
            name,
            bar: bar,
            units: count,
            reason: reason,
            measured: {
                withTracer(tracer) { repeated { index in withSpan("benchmark_global") { body($0, index) } } }
            },
            reference: reference
        )
    }

    private static func typed(_ name: String, bar: Double?, _ body: @escaping (Int) -> Void) -> BenchmarkRow {
        BenchmarkRow.compare(name, bar: bar, units: count, measured: { repeated(body) }, reference: reference)
    }

    private static func reference() {
        withTracer(NoOpTracer()) { repeated { _ in withSpan("benchmark_no_op") { _ in } } }
    }

    /// Injects a context into headers and extracts it again.
    /// - Parameters:
    ///   - members: The number of members of `tracestate`.
    ///   - entries: The number of entries of `baggage`.
    private static func propagation(_ tracer: SpanKitTracer, members: Int = 0, entries: Int = 0) -> (Int) -> Void {
        var parent = ServiceContext.topLevel
        let given = [
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03",
            "tracestate": (0..<members).map { "vendor\($0)=value\($0)" }.joined(separator: ","),
            "baggage": (0..<entries).map { "key\($0)=some%20value\($0)" }.joined(separator: ","),
        ]
        if members > 0 { tracer.extract(given, into: &parent, using: Headers()) }
        let span = tracer.startSpan("benchmark_propagation", context: parent)
        span.end()
        return { _ in
            var headers: [String: String] = [:]
            tracer.inject(span.context, into: &headers, using: Headers())
            var context = ServiceContext.topLevel
            tracer.extract(headers, into: &context, using: Headers())
        }
    }

    /// The allocations per span after a warm-up, compared with one allocation.
    private static func allocations(_ name: String, _ tracer: SpanKitTracer, bar: Double?) -> BenchmarkRow {
        func run() {
            withTracer(tracer) { repeated { index in withSpan("benchmark_global") { setAttributes($0, index) } } }
        }
        run()
        let before = spankit_allocation_count()
        run()
        let allocated = spankit_allocation_count() - before
        return BenchmarkRow(
            "\(name) / one",
            measured: Double(allocated) / Double(count),
            reference: 1,
            unit: .allocations,
            bar: bar
        )
    }

    @inline(__always)
    private static func repeated(_ body: (Int) -> Void, _ count: Int = count) {
        for index in 0..<count { body(index) }
    }

    private struct Headers: Extractor, Injector {
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    }
}
