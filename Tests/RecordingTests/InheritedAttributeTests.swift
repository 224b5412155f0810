import SpanKitRecording
import Testing

@Suite("Inherited attributes")
struct InheritedAttributeTests {
    private let profiler = PerformanceProfiler(.on, log: .silent)

    private func spans() -> [String: RecordedSpan] {
        Dictionary(profiler.recordedSpans().map { ($0.name, $0) }) { $1 }
    }

    @Test("all spans within the operation get them, however they are started; spans outside do not")
    func everywhere() async {
        profiler.profile("before") {}
        await InheritedAttributes.with(["conversation": "s"]) {
            await profiler.profile("root") { _ in
                profiler.profile("child") { profiler.profile("grandchild") {} }
                async let task: Void = profiler.profile("async let") {}
                await task
                await Task { profiler.profile("task") {} }.value
                await withTaskGroup { group in group.addTask { [profiler] in profiler.profile("group") {} } }
                profiler.end(profiler.startSpan("by name", parent: .none))
                profiler.end(profiler.start("by hand"))
                await profiler.withSpan("with", attributes: ["own": 1]) { _ in }
            }
        }
        profiler.profile("after") {}
        let spans = spans()
        #expect(spans.count == 11)
        for (name, span) in spans {
            let isInside = name != "before" && name != "after"
            #expect(span.value("conversation") == (isInside ? "s" : nil), "\(name)")
        }
        #expect(spans["child"]?.parentSpanID == spans["root"]?.context.spanID)
        #expect(spans["child"]?.context.traceID == spans["root"]?.context.traceID)
        #expect(spans["with"]?.value("own") == 1)
    }

    @Test("spans with known and new names inherit them and keep their parent", arguments: [true, false])
    func again(isSampled: Bool) {
        var recording = RecordingConfiguration()
        if !isSampled { recording.sampler = AlwaysOffSampler() }
        let profiler = PerformanceProfiler(.on, recording: recording, log: .silent)
        InheritedAttributes.with(["conversation": "s"]) {
            profiler.profile("root") {
                for _ in 0..<3 { profiler.profile("child") { profiler.profile("grandchild") { $0.set("own", 1) } } }
            }
        }
        let spans = profiler.recordedSpans()
        #expect(spans.count == (isSampled ? 7 : 0))
        #expect(profiler.statistics(for: "grandchild")?.count == 3)
        for span in spans {
            #expect(span.value("conversation") == "s", "\(span.name)")
            #expect(span.value("own") == (span.name == "grandchild" ? 1 : nil))
            let parent = spans.first { $0.context.spanID == span.parentSpanID }
            #expect(parent?.name == ["child": "root", "grandchild": "child"][span.name])
        }
    }

    @Test("a span's own attributes override them; inner ones are added and end with their operation")
    func nesting() {
        InheritedAttributes.with(["a": "outer", "b": 1]) {
            InheritedAttributes.with(["a": "inner"]) {
                profiler.profile("both") {}
                profiler.end(profiler.startSpan("own", attributes: ["a": "own"]))
            }
            profiler.profile("outer") {}
        }
        let spans = spans()
        #expect(spans["both"]?.value("a") == "inner" && spans["both"]?.value("b") == 1)
        #expect(spans["own"]?.value("a") == "own")
        #expect(spans["own"]?.attributes.count == 2)
        #expect(spans["outer"]?.value("a") == "outer")
    }

    @Test("the trace state of a remote parent does not change")
    func traceState() {
        let remote = SpanContext(
            traceID: TraceID(high: 1, low: 2),
            spanID: SpanID(rawValue: 3),
            traceFlags: .sampled,
            traceState: "rojo=00f067aa0ba902b7",
            isRemote: true
        )
        InheritedAttributes.with(["a": 1]) {
            let span = profiler.startSpan("remote child", parent: .context(remote))
            #expect(span.context.traceState == "rojo=00f067aa0ba902b7")
            SpanHandle.$current.withValue(span) { profiler.profile("grandchild") {} }
            profiler.end(span)
        }
        let spans = spans()
        #expect(spans.count == 2)
        for span in spans.values {
            #expect(span.context.traceState == "rojo=00f067aa0ba902b7")
            #expect(span.value("a") == 1)
            #expect(span.context.traceID == remote.traceID)
        }
    }
}

extension RecordedSpan {
    fileprivate func value(_ key: String) -> AttributeValue? { attributes.first { $0.key == key }?.value }
}
