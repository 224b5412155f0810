import Logging
import SpanKitTestSupport
import SpanKitTesting
import Testing
import Tracing

@Suite("Waiting for spans", .generousTimeLimit)
struct WaitingTests {
    @Test("a wait ends when the spans have ended", arguments: 0..<20)
    func ends(_ number: Int) async throws {
        try await SpanRecorder.record { recorder in
            for position in 0..<3 {
                Task { withSpan("sent") { $0.attributes["position"] = position } }
                Task { recorder.profiler.profile("profiled") {} }
            }
            let sent = try await recorder.waitForSpans("sent", count: 3, within: .generous)
            #expect(sent.count == 3)
            try await recorder.waitForSpans("profiled", count: 3, within: .generous)
        }
    }

    @Test("a span that has already ended is found at once")
    func ended() async throws {
        try await SpanRecorder.record { recorder in
            withSpan("before") { _ in }
            let found = try await recorder.waitForSpans("before", within: .zero)
            #expect(found.map(\.name) == ["before"])
        }
    }

    @Test("a wait for a condition sees open spans and log lines")
    func condition() async throws {
        try await SpanRecorder.record { recorder in
            let span = startSpan("open")
            #expect(recorder.openSpans == ["open"])
            Task { Logger(label: "test").info("logged") }
            try await recorder.wait(within: .generous) { $0.logs.count == 1 }
            Task { span.end() }
            try await recorder.wait(within: .generous) { $0.openSpans.isEmpty }
            #expect(recorder.spans.map(\.name) == ["open"])
        }
    }

    @Test("several waits of one recorder all end")
    func several() async throws {
        try await SpanRecorder.record { recorder in
            async let first = recorder.waitForSpans("late", within: .generous)
            async let second = recorder.waitForSpans("late", count: 2, within: .generous)
            Task { for _ in 0..<2 { withSpan("late") { _ in } } }
            let counts = try await (first.count, second.count)
            #expect(counts.0 >= 1 && counts.1 == 2)
        }
    }

    @Test("after the limit, the error says what ended and what is open")
    func timeout() async throws {
        await SpanRecorder.record { recorder in
            let open = startSpan("upload")
            withSpan("load") { _ in }
            let error = await #expect(throws: SpanExpectationError.self) {
                try await recorder.waitForSpans("upload", within: .milliseconds(1), fileID: "a", line: 1)
            }
            let start =
                "a:1: waited 1.00 ms for 1 span named 'upload' to end\nrecorded spans:\n  load\nnot ended: 1 span ('upload')"
            #expect(error?.description.hasPrefix(start) == true, "\(error?.description ?? "")")
            open.end()
        }
    }

    @Test("a cancelled task stops waiting")
    func cancelled() async throws {
        await SpanRecorder.record { recorder in
            let waiting = Task { try await recorder.waitForSpans("never", within: .generous) }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }
    }
}
