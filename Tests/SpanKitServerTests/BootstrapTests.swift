import InMemoryLogging
import InMemoryTracing
import Logging
import Metrics
import MetricsTestKit
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitServer
import Testing
import Tracing

/// There is one InstrumentationSystem and one MetricsSystem in a process, so each test has a process of its own.
@Suite("Bootstrap")
struct BootstrapTests {
    @Test("the first call enables withSpan and the metrics of swift-metrics, and the second only logs an error")
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
            Counter(label: "after bootstrap").increment()
            #expect(first.metrics.collect().first { $0.name == "after bootstrap" }?.points.map(\.value) == [.int(1)])
            #expect(
                lines.withLock { $0.first?.hasPrefix("info: metrics of swift-metrics are counted but not exported") }
                    == true
            )
            lines.withLock { $0 = [] }
            let second = Telemetry.bootstrap(configuration, log: log)
            #expect(second === first)
            #expect(
                lines.withLock { $0 } == [
                    "error: Telemetry.bootstrap() was already called, so this call is ignored; remove one of the two calls"
                ]
            )
        }
    }

    @Test("lines of swift-log become log records, and are written to standard error, redacted")
    func logging() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            var configuration = TelemetryConfiguration()
            configuration.exporters = []
            configuration.shutsDownAtExit = false
            configuration.redaction = .standard
            let telemetry = Telemetry.bootstrap(configuration, log: .silent)
            withSpan("request") { _ in
                Logger(label: "Shop")
                    .warning(
                        "mail to alice@example.com\nsecond line",
                        metadata: ["n": .stringConvertible(3), "to": "bob@example.com", "text": "a b"]
                    )
            }
            Logger(label: "Shop").debug("below the level")
            let records = telemetry.profiler.logRecords()
            #expect(records.map(\.scope) == ["Shop"])
            #expect(records.first?.spanID == telemetry.profiler.recordedSpans().first?.context.spanID)
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        let expected = try Regex(
            #"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z  WARN   Shop  mail to \[redacted:email\]  n=3 text="a b" to=\[redacted:email\]  "#
                + #"trace=[0-9a-f]{32} span=[0-9a-f]{16}\n    second line\n"#
        )
        #expect(text.contains(expected), "\(text)")
        #expect(!text.contains("below the level") && !text.contains("bob"))
    }

    @Test("loggers that are made before the bootstrap keep their backend, and a second bootstrap records no line twice")
    func earlyLoggers() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            var configuration = TelemetryConfiguration()
            configuration.exporters = []
            configuration.shutsDownAtExit = false
            let early = Logger(label: "early")
            let first = Telemetry.bootstrap(configuration, log: .silent)
            let second = Telemetry.bootstrap(configuration, log: .silent)
            early.info("before the bootstrap")
            Logger(label: "late").info("after both")
            #expect(second === first)
            #expect(first.profiler.logRecords().map(\.body) == ["after both"])
            first.shutdownAndWait(within: .seconds(10))
            Logger(label: "late").info("after the shutdown")
            #expect(first.profiler.logRecordAccount.isBalanced)
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        for line in ["before the bootstrap", "after both", "after the shutdown"] {
            #expect(text.components(separatedBy: line).count == 2, "\(line): \(text)")
        }
    }

    @Test("if swift-log has another backend, it stays, and one error is logged")
    func otherLogging() async {
        await #expect(processExitsWith: .success) {
            let other = InMemoryLogHandler()
            LoggingSystem.bootstrap { _ in other }
            var configuration = TelemetryConfiguration()
            configuration.exporters = []
            configuration.shutsDownAtExit = false
            let lines = Locked<[String]>([])
            let telemetry = Telemetry.bootstrap(
                configuration,
                log: ProfilerLog { _, line in lines.withLock { $0.append(line) } }
            )
            Logger(label: "theirs").info("theirs")
            #expect(other.entries.map { "\($0.message)" } == ["theirs"])
            #expect(telemetry.profiler.logRecords().isEmpty)
            #expect(lines.withLock { $0.filter { $0.contains("LoggingSystem already has the backend") }.count } == 1)
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

    @Test("with another backend of swift-metrics, one error names it, and tracing works")
    func anotherMetricsBackend() async {
        await #expect(processExitsWith: .success) {
            MetricsSystem.bootstrap(TestMetrics())
            var configuration = TelemetryConfiguration()
            configuration.exporters = []
            let lines = Locked<[String]>([])
            let telemetry = Telemetry.bootstrap(
                configuration,
                log: ProfilerLog { _, line in lines.withLock { $0.append(line) } }
            )
            #expect(lines.withLock { $0.count } == 1)
            #expect(
                lines.withLock { $0.first?.contains("MetricsSystem already has the backend TestMetrics") } == true
            )
            withSpan("ours") { _ in Counter(label: "theirs").increment() }
            #expect(telemetry.profiler.recordedSpans().map(\.name) == ["ours"])
            #expect(telemetry.metrics.collect().isEmpty)
        }
    }

    @Test("in a task that has a backend of its own, the process gets one nevertheless")
    func inTask() async {
        await #expect(processExitsWith: .success) {
            var configuration = TelemetryConfiguration()
            configuration.exporters = []
            let telemetry = withMetricsFactory(TestMetrics()) { Telemetry.bootstrap(configuration, log: .silent) }
            Counter(label: "ours").increment()
            #expect(telemetry.metrics.collect().map(\.name) == ["ours"])
        }
        // The task's backend does nothing, but the process has one.
        await #expect(processExitsWith: .success) {
            MetricsSystem.bootstrap(TestMetrics())
            var configuration = TelemetryConfiguration()
            configuration.exporters = []
            let lines = Locked<[String]>([])
            _ = withMetricsFactory(NOOPMetricsHandler.instance) {
                Telemetry.bootstrap(configuration, log: ProfilerLog { _, line in lines.withLock { $0.append(line) } })
            }
            #expect(lines.withLock { $0.count } == 1)
        }
    }

    @Test("together with another backend of swift-metrics, by MultiplexMetricsHandler")
    func multiplexed() async {
        await #expect(processExitsWith: .success) {
            var configuration = TelemetryConfiguration()
            configuration.exporters = []
            let telemetry = Telemetry.start(configuration, log: .silent)
            let other = TestMetrics()
            MetricsSystem.bootstrap(MultiplexMetricsHandler(factories: [other, telemetry.metricsFactory]))
            let counters = [Counter(label: "both"), Counter(label: "both")]
            for counter in counters { counter.increment() }
            Timer(label: "work", preferredDisplayUnit: .hours).recordSeconds(1)
            let theirs = try other.expectCounter("both")
            #expect(theirs.totalValue == 2)
            #expect(telemetry.metrics.collect().map(\.name) == ["both", "work"])
            #expect(telemetry.metrics.collect().first?.points.map(\.value) == [.int(2)])
            counters[0].destroy()
            #expect(telemetry.metrics.collect().count == 2)
            counters[1].destroy()
            #expect(telemetry.metrics.collect().map(\.name) == ["work"])
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
