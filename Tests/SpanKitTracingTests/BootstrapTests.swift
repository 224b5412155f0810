import Percentiles
import Recording
import SpanKit
import SpanKitTracing
import Testing
import Tracing

/// There is one InstrumentationSystem in a process, so this is one test.
@Suite("Bootstrapping, once for a process")
struct BootstrapTests {
    @Test("the first call puts withSpan to work; the second says one line and changes nothing")
    func twice() throws {
        var configuration = TelemetryConfiguration()
        configuration.exporters = []
        configuration.shutsDownAtExit = false
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
                "error: Telemetry.bootstrap() was called before; the first call stays in force, this one is ignored"
            ]
        )
    }
}
