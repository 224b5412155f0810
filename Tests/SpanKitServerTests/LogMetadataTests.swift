import InMemoryLogging
import Logging
import SpanKitRecording
import SpanKitServer
import Testing
import Tracing

@Suite("Log lines contain the current span")
struct LogMetadataTests {
    let run = TracedRun()
    private let handler = InMemoryLogHandler()

    private func logger() -> Logger {
        Logger(label: "test") { [handler] _ in
            var handler = handler
            handler.metadataProvider = .spanKit
            return handler
        }
    }

    @Test("the metadata is that of either API, and empty outside of spans")
    func lines() throws {
        let logger = logger()
        logger.info("outside")
        run.tracer.withSpan("request") { _ in
            logger.info("request")
            run.profiler.profile("step") { logger.info("step") }
        }
        let lines = handler.entries
        #expect(lines.map { "\($0.message)" } == ["outside", "request", "step"])
        #expect(lines[0].metadata["trace_id"] == nil)
        for line in lines.dropFirst() {
            let span = try run.span("\(line.message)")
            #expect(line.metadata["trace_id"] == "\(span.context.traceID)")
            #expect(line.metadata["span_id"] == "\(span.context.spanID)")
            #expect(line.metadata["trace_flags"] == "03")
        }
    }
}
