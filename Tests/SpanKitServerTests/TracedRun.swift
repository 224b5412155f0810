import SpanKitRecording
import SpanKitServer
import Testing
import Tracing

/// A tracer with a profiler of its own, and what came of its spans.
struct TracedRun {
    let profiler: PerformanceProfiler
    let tracer: SpanKitTracer

    init(_ recording: RecordingConfiguration = RecordingConfiguration(), propagators: Propagators = .default) {
        profiler = PerformanceProfiler(.on, recording: recording, log: .silent)
        tracer = SpanKitTracer(profiler, propagators: propagators)
    }

    var spans: [RecordedSpan] { profiler.recordedSpans() }

    /// The one ended span of a name.
    func span(_ name: String, _ location: SourceLocation = #_sourceLocation) throws -> RecordedSpan {
        let found = spans.filter { $0.name == name }
        #expect(found.count == 1, "\(name)", sourceLocation: location)
        return try #require(found.first, "\(name)", sourceLocation: location)
    }

    /// Says that all `children` hang directly below `parent`, in one trace.
    func expect(_ children: [String], below parent: String, _ location: SourceLocation = #_sourceLocation) throws {
        let parent = try span(parent, location)
        for child in children {
            let child = try span(child, location)
            #expect(child.parentSpanID == parent.context.spanID, "\(child.name)", sourceLocation: location)
            #expect(child.context.traceID == parent.context.traceID, "\(child.name)", sourceLocation: location)
        }
    }
}

/// Headers of a request, by name.
struct Headers: Extractor, Injector {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
}
