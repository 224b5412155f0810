import Logging
import ServiceLifecycle
import ServiceLifecycleTestKit
import SpanKitRecording
import SpanKitServer
import SpanKitTestSupport
import Synchronization
import Testing
import Tracing

@Suite("Telemetry as a service", .generousTimeLimit)
struct ServiceTelemetryTests {
    private func telemetry(_ server: FaultServer, _ more: [String: String] = [:]) -> Telemetry {
        let environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": server.url].merging(more) { $1 }
        var configuration = TelemetryConfiguration.environment(environment)
        configuration.shutsDownAtExit = false
        return Telemetry.start(configuration, log: .silent)
    }

    private final class Worker: Service {
        let tracer: SpanKitTracer
        let isRunning = Mutex(false)

        init(tracer: SpanKitTracer) { self.tracer = tracer }

        func run() async throws {
            isRunning.withLock { $0 = true }
            try? await gracefulShutdown()
            tracer.withSpan("last words") { _ in }
        }
    }

    @Test("a graceful shutdown sends the last spans of the services that end before it")
    func graceful() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let telemetry = telemetry(server)
        let worker = Worker(tracer: telemetry.tracer)
        await testGracefulShutdown { trigger in
            let group = ServiceGroup(
                services: [TelemetryService(telemetry), worker],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try? await group.run() }
                tasks.addTask {
                    telemetry.tracer.withSpan("work") { _ in }
                    _ = try? await eventually("the worker runs", worker.isRunning.withLock { $0 }) { $0 }
                    trigger.triggerGracefulShutdown()
                }
            }
        }
        let text = server.requests.map(\.text).joined()
        #expect(text.contains("\"work\""))
        #expect(text.contains("last words"))
        #expect(telemetry.account.destinations.first?.exported == 2)
        #expect(telemetry.account.isBalanced)
    }

    @Test("a cancelled task sends the remaining spans")
    func cancelled() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let telemetry = telemetry(server)
        telemetry.tracer.withSpan("before the end") { _ in }
        let task = Task { await TelemetryService(telemetry).run() }
        task.cancel()
        await task.value
        #expect(telemetry.account.destinations.first?.exported == 1)
    }

    @Test("a receiver that never answers does not delay the end beyond the deadline")
    func deadline() async throws {
        let server = try FaultServer(.neverAnswer)
        defer { server.stop() }
        // Waiting for the exporter's timeout would take an hour, longer than the time limit of the suite.
        let telemetry = telemetry(server, ["OTEL_EXPORTER_OTLP_TIMEOUT": "3600000"])
        telemetry.tracer.withSpan("stuck") { _ in }
        let task = Task { await TelemetryService(telemetry, deadline: .milliseconds(300)).run() }
        task.cancel()
        await task.value
        #expect(telemetry.account.isBalanced)
        #expect(telemetry.account.destinations.first?.exported == 0)
    }

    @Test("shut down before it starts, it ends with the others")
    func shutDownBefore() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let telemetry = telemetry(server)
        await telemetry.shutdown(within: .generous)
        telemetry.tracer.withSpan("too late") { span in
            span.attributes["a"] = 1
            telemetry.tracer.forceFlush()
        }
        let task = Task { await TelemetryService(telemetry).run() }
        task.cancel()
        await task.value
        #expect(server.requests.isEmpty)
        #expect(telemetry.profiler.statistics(for: "too late")?.count == 1)
    }

    @Test("a span that ends after the shutdown is counted and not sent")
    func openAtTheEnd() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let telemetry = telemetry(server)
        let span = telemetry.tracer.startSpan("open")
        await telemetry.shutdown(within: .generous)
        span.attributes["late"] = true
        span.end()
        telemetry.tracer.forceFlush()
        #expect(server.requests.isEmpty)
        #expect(telemetry.profiler.statistics(for: "open")?.count == 1)
        #expect(telemetry.account.isBalanced)
    }

    @Test("forceFlush sends the ended spans before it returns")
    func forceFlush() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let telemetry = telemetry(server)
        telemetry.tracer.withSpan("flushed") { _ in }
        telemetry.tracer.forceFlush()
        #expect(server.requests.map(\.text).joined().contains("flushed"))
        await telemetry.shutdown(within: .generous)
    }

    @Test("if telemetry is off, propagation works and nothing is sent")
    func off() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let telemetry = telemetry(server, ["OTEL_SDK_DISABLED": "true", "OTEL_METRICS_EXPORTER": "otlp"])
        let incoming = ["traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]
        var context = ServiceContext.topLevel
        telemetry.tracer.extract(incoming, into: &context, using: Headers())
        var outgoing: [String: String] = [:]
        telemetry.tracer.withSpan("off", context: context) {
            telemetry.tracer.inject($0.context, into: &outgoing, using: Headers())
        }
        #expect(outgoing == incoming)
        telemetry.tracer.forceFlush()
        await telemetry.shutdown(within: .generous)
        #expect(server.connectionCount == 0)
        #expect(telemetry.account.created == 0 && telemetry.profiler.statistics().isEmpty)
    }
}
