import Logging
import SpanKitPlatform
import SpanKitServer
import SpanKitTestSupport
import SpanKitTesting
import Testing
import Tracing

/// Code under test that only knows swift-distributed-tracing and swift-log. Each run has names of its own.
private struct Shop {
    let number: Int

    func order() async {
        await withSpan("order") { span in
            span.attributes["shop"] = number
            Logger(label: "shop").info("order", metadata: ["shop": "\(number)"])
            async let first: Void = item(1)
            async let second: Void = item(2)
            _ = await (first, second)
            await withTaskGroup(of: Void.self) { group in
                for position in 3...4 { group.addTask { await item(position) } }
            }
            await Task { await item(5) }.value
        }
    }

    private func item(_ position: Int) async {
        await withSpan("item of \(number)") { span in
            span.attributes["position"] = position
            await Task.yield()
            Logger(label: "shop").debug("item \(position) of \(number)")
        }
    }

    /// Checks that a recorder has exactly the spans and log lines of this run.
    func check(_ recorder: SpanRecorder) throws {
        #expect(recorder.spans.count == 6)
        let order = try recorder.spans.single("order")
        #expect(order.attributes["shop", as: Int.self] == number)
        #expect(order.parent == nil)
        let positions = order.children.map { $0.attributes["position", as: Int.self] ?? 0 }
        #expect(positions.sorted() == [1, 2, 3, 4, 5])
        #expect(order.children.named("item of \(number)").count == 5)
        let lines = recorder.logs.map(\.description).sorted()
        #expect(lines == (1...5).map { "debug: item \($0) of \(number)" } + ["info: order [shop: \(number)]"])
        #expect(order.logs.map(\.message) == ["order"])
        for item in order.children { #expect(item.logs.count == 1) }
    }
}

@Suite("Spans and log lines of parallel tests", .generousTimeLimit)
struct IsolationTests {
    @Test("each test only sees its own", arguments: 0..<100)
    func parallelTests(_ number: Int) async throws {
        try await SpanRecorder.record { recorder in
            await Shop(number: number).order()
            try Shop(number: number).check(recorder)
        }
    }

    @Test("recorders whose spans are open at the same time do not mix")
    func overlapping() async throws {
        let arrived = Locked(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    try await SpanRecorder.record { recorder in
                        try await withSpan("meeting") { _ in
                            arrived.withLock { $0 += 1 }
                            try await eventually("all meet", arrived.withLock { $0 }) { $0 == 20 }
                            await Shop(number: number).order()
                        }
                        #expect(recorder.spans.count == 7)
                        try #expect(recorder.spans.single("meeting").children.map(\.name) == ["order"])
                        try #expect(recorder.spans.single("order").attributes["shop", as: Int.self] == number)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a synchronous test has a recorder as well", arguments: 0..<20)
    func synchronous(_ number: Int) throws {
        try SpanRecorder.record { recorder in
            withSpan("work") { $0.attributes["number"] = number }
            try #expect(recorder.spans.single("work").attributes["number", as: Int.self] == number)
        }
    }

    @Test("a recorder inside another gets its own spans, as new traces")
    func nested() throws {
        try SpanRecorder.record { outer in
            try withSpan("outside") { _ in
                try outer.profiler.profile("profiled") {
                    try SpanRecorder.record { inner in
                        withSpan("inside") { _ in Logger(label: "test").info("inside") }
                        inner.profiler.profile("inside as well") {}
                        try inner.spans.expectTree("inside\ninside as well")
                        #expect(inner.logs.count == 1)
                    }
                }
            }
            try outer.spans.expectTree(
                """
                outside
                  profiled
                """
            )
            #expect(outer.logs.isEmpty)
        }
    }

    @Test("with the context of a span, detached tasks and threads belong to its test")
    func contextIsPassed() async throws {
        try await SpanRecorder.record { recorder in
            await withSpan("request") { span in
                let context = span.context
                await Task.detached { withSpan("detached", context: context) { _ in } }.value
                await Task.detached {
                    ServiceContext.withValue(context) {
                        withSpan("with the context") { _ in Logger(label: "test").info("detached") }
                    }
                }.value
                OperatingSystemThread.run(1) { withSpan("thread", context: context) { _ in } }
            }
            try recorder.spans.expectTree(
                """
                request
                  detached
                  with the context
                  thread
                """
            )
            #expect(recorder.logs.map(\.message) == ["detached"])
        }
    }

    @Test("spans of a detached task without a context belong to no test, and a missing span says so")
    func detached() async throws {
        await SpanRecorder.record { recorder in
            await Task.detached { withSpan("alone in a detached task") { _ in } }.value
            #expect(recorder.spans.isEmpty)
            #expect(SpanRecorder.unassigned.spans.named("alone in a detached task").count == 1)
            let error = #expect(throws: SpanExpectationError.self) {
                try recorder.spans.single("alone in a detached task")
            }
            #expect(error?.description.contains("outside of any recorder, for example in a detached task:") == true)
            #expect(error?.description.contains("'alone in a detached task'") == true)
        }
    }
}
