import InMemoryTracing
import SpanKitPlatform
import SpanKitRecording
import SpanKitServer
import Testing
import Tracing

/// There is one InstrumentationSystem in a process, so each test has a process of its own.
@Suite("Bootstrap")
struct BootstrapTests {
    @Test("the first call enables withSpan, and the second only logs an error")
    func twice() async {
        await #expect(processExitsWith: .success) {
            var configuration = TelemetryConfiguration()
            configuration.exporters = []
            configuration.shutsDownAtExit = false
            configuration.warnThreshold = .seconds(3_600)
            let lines = Locked<[String]>([])
            let log = ProfilerLog { level, line in lines.withLock { $0.append("\(level.rawValue): \(line)") } }
            let first = Telemetry.bootstrap(configuration, log: log)
            #expect(lines.withLock { $0 } == [])
            withSpan("after bootstrap") { $0.attributes["a"] = 1 }
            #expect(first.profiler.recordedSpans().contains { $0.name == "after bootstrap" && $0["a"] == 1 })
            let second = Telemetry.bootstrap(configuration, log: log)
            #expect(second === first)
            #expect(
                lines.withLock { $0 } == [
                    "error: Telemetry.bootstrap() was already called, so this call is ignored; remove one of the two calls"
                ]
            )
        }
    }

    @Test("with another backend, one error is logged, and the profiler works")
    func anotherBackend() async {
        await #expect(processExitsWith: .success) {
            let other = InMemoryTracer()
            InstrumentationSystem.bootstrap(other)
            var configuration = TelemetryConfiguration()
            configuration.exporters = []
            configuration.warnThreshold = .seconds(3_600)
            let lines = Locked<[String]>([])
            let telemetry = Telemetry.bootstrap(
                configuration,
                log: ProfilerLog { _, line in lines.withLock { $0.append(line) } }
            )
            withSpan("theirs") { _ in telemetry.profiler.profile("ours") {} }
            #expect(lines.withLock { $0.count } == 1)
            #expect(lines.withLock { $0.first?.contains("InstrumentationSystem already has a backend") } == true)
            #expect(other.finishedSpans.map(\.operationName) == ["theirs"])
            #expect(telemetry.profiler.recordedSpans().map(\.name) == ["ours"])
        }
    }

    @Test("together with another instrument, by MultiplexInstrument")
    func together() async {
        await #expect(processExitsWith: .success) {
            var configuration = TelemetryConfiguration()
            configuration.exporters = []
            let telemetry = Telemetry.start(configuration, log: .silent)
            InstrumentationSystem.bootstrap(MultiplexInstrument([telemetry.tracer]))
            withSpan("work") { _ in }
            #expect(telemetry.profiler.recordedSpans().map(\.name) == ["work"])
        }
    }
}
