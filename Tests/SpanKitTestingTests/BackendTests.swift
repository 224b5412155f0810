import Logging
import Metrics
import SpanKitServer
import SpanKitTestSupport
import SpanKitTesting
import Testing
import Tracing

/// A process has one backend of each kind, so each test has a process of its own.
@Suite("Backends of the process", .generousTimeLimit)
struct BackendTests {
    @Test("a backend that the test installed itself is reported, and spans that are missing for it say so")
    func others() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            InstrumentationSystem.bootstrap(SpanKitTracer(PerformanceProfiler(.on)))
            LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }
            MetricsSystem.bootstrap(OtherMetrics())
            SpanRecorder.record { recorder in
                withSpan("theirs") { _ in }
                Counter(label: "theirs").increment()
                #expect(recorder.metrics.value("theirs") == nil)
                recorder.profiler.profile("ours") {}
                #expect(recorder.spans.map(\.name) == ["ours"])
                let error = #expect(throws: SpanExpectationError.self) { try recorder.spans.single("theirs") }
                #expect(error?.description.contains("InstrumentationSystem has the backend SpanKitTracer") == true)
            }
        }
        let errors = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
        #expect(errors.contains("spankit: warning: spans of withSpan are not recorded, because InstrumentationSystem"))
        #expect(
            errors.contains("log lines are not recorded, because LoggingSystem has the backend SwiftLogNoOpLogHandler")
        )
        #expect(
            errors.contains(
                "metrics of swift-metrics are not recorded, because MetricsSystem has the backend OtherMetrics"
            )
        )
    }

    @Test("SpanKitTesting works beside other backends")
    func beside() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            InstrumentationSystem.bootstrap(MultiplexInstrument([SpanRecorder.routingTracer]))
            LoggingSystem.bootstrap {
                MultiplexLogHandler([SpanRecorder.routingLogHandler($0), SwiftLogNoOpLogHandler()])
            }
            MetricsSystem.bootstrap(
                MultiplexMetricsHandler(factories: [OtherMetrics(), SpanRecorder.routingMetricsFactory])
            )
            SpanRecorder.record { recorder in
                withSpan("work") { _ in Logger(label: "test").info("line") }
                Counter(label: "counted").increment()
                #expect(recorder.metrics.value("counted") == 1)
                #expect(recorder.spans.map(\.name) == ["work"])
                #expect(recorder.logs.map(\.message) == ["line"])
            }
        }
        #expect(result?.standardErrorContent.isEmpty == true)
    }

    @Test("what belongs to no test and what was left open is reported once, and log lines are written as usual")
    func reports() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            let span = await SpanRecorder.record { _ in
                await Task.detached {
                    for _ in 0..<3 { withSpan("alone") { _ in Logger(label: "test").info("a line outside") } }
                    for _ in 0..<3 { Counter(label: "outside").increment() }
                    Logger(label: "test").debug("a detail outside")
                }.value
                return startSpan("left open")
            }
            span.end()
            #expect(SpanRecorder.unassigned.spans.map(\.name) == ["alone", "alone", "alone"])
        }
        let errors = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
        let lines = errors.split(separator: "\n")
        #expect(lines.count { $0.contains("the span 'alone' started outside of SpanRecorder.record") } == 1)
        #expect(lines.count { $0.contains("SpanRecorder.record ended while 1 span ('left open') had not ended") } == 1)
        #expect(lines.count { $0.contains("the metric 'outside' measured something outside of SpanRecorder") } == 1)
        #expect(lines.count { $0.contains("a line outside") } == 3)
        #expect(!errors.contains("not exported"), "a test exports nothing on purpose")
        #expect(!errors.contains("a detail outside"))
    }

    @Test("spans for which there is no room are reported")
    func lost() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            var configuration = TelemetryConfiguration()
            configuration.recording.logBytes = 64 * 1_024
            SpanRecorder.record(configuration) { recorder in
                for _ in 0..<5_000 { recorder.profiler.profile("work") {} }
                #expect(recorder.spans.count < 5_000)
            }
        }
        let errors = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
        #expect(errors.contains("of this test are missing in the recorder; raise recording.logBytes"))
    }
}

/// A backend of swift-metrics that does nothing.
private struct OtherMetrics: MetricsFactory {
    private var nothing: NOOPMetricsHandler { .instance }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { nothing }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        nothing
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { nothing }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
