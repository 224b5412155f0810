import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Custom exporters", .generousTimeLimit)
struct CustomExporterTests {
    private struct Refusal: Error {
        let secret = "password=hunter2"
    }

    /// The batches that an exporter got, and its results, the last of which repeats.
    private final class Calls: Sendable {
        private let state: Locked<(results: [Result<ExportResult, Refusal>], spans: [[RecordedSpan]])>

        init(_ results: Result<ExportResult, Refusal>...) {
            state = Locked((results, []))
        }

        var spans: [[RecordedSpan]] { state.withLock { $0.spans } }

        func answer(_ batch: SpanBatch) throws -> ExportResult {
            try state.withLock { state in
                state.spans.append(batch.spans)
                return try (state.results.count > 1 ? state.results.removeFirst() : state.results[0]).get()
            }
        }
    }

    private func run(_ exporter: CustomExporter, _ others: SpanExporter...) throws -> ShippingRun {
        try ShippingRun([.custom(exporter)] + others, batch: .onDemand)
    }

    @Test("a closure gets copies of the spans, with resource and scope")
    func spans() async throws {
        let batches = Locked<[SpanBatch]>([])
        let run = try run(
            CustomExporter("mine") { (batch: SpanBatch) in
                batches.withLock { $0.append(batch) }
                return .accepted
            }
        )
        run.record(3)
        let account = await run.ended()
        let batch = try #require(batches.withLock { $0 }.first)
        #expect(batches.withLock { $0.count } == 1)
        #expect(batch.resource.attributes.contains(Attribute("service.name", "test")))
        #expect(batch.scope.name == "tests")
        #expect(batch.spans.map { $0["number"] } == [.int(0), .int(1), .int(2)])
        #expect(account.destinations.map(\.exported) == [3])
        #expect(account.destinations.first?.name == "traces → mine")
        #expect(account.destinations.first?.componentType == "custom_span_exporter")
        #expect(account.isBalanced)
    }

    @Test(
        "a closure gets ready requests in the wanted encoding",
        arguments: Encoding.allCases,
        [Compression.none, .gzip()]
    )
    func bodies(encoding: Encoding, compression: Compression) async throws {
        let bodies = Locked<[ExportBody]>([])
        let run = try run(
            CustomExporter("mine", encoding: encoding, compression: compression) { body in
                bodies.withLock { $0.append(body) }
                return .accepted
            }
        )
        run.record(100)
        let account = await run.ended()
        let body = try #require(bodies.withLock { $0 }.first)
        #expect(body.itemCount == 100)
        #expect(body.path == "v1/traces")
        #expect(body.isCompressed == (compression != .none))
        #expect(body.headers.first == HTTPHeader(name: "Content-Type", value: encoding.contentType))
        #expect((body.headers.last?.name == "Content-Encoding") == body.isCompressed)
        let plain = Body(body.bytes, encoding, isCompressed: body.isCompressed, spanCount: 100).plainBytes() ?? []
        #expect(BodySplitter.halves(of: plain, encoding).reduce(0) { $0 + $1.spanCount } == 100)
        #expect(account.destinations.map(\.exported) == [100])
    }

    @Test("each result has its effect on the account, which is balanced")
    func results() async throws {
        let calls = Calls(
            .success(.partlyAccepted(rejected: 1, reason: "one\nis bad")),
            .success(.refused(reason: "not today")),
            .success(.accepted)
        )
        let run = try run(CustomExporter("mine") { (batch: SpanBatch) in try calls.answer(batch) })
        for spans in [3, 4, 5] {
            run.record(spans)
            _ = await run.flushed()
        }
        let account = await run.ended()
        #expect(calls.spans.map(\.count) == [3, 4, 5])
        #expect(account.destinations.map(\.exported) == [7])
        #expect(account.destinations.map(\.dropped) == [[.rejected: 5]])
        #expect(account.isBalanced)
        #expect(run.log.contains { $0.contains("one\\nis bad") })
    }

    @Test(
        "a batch is passed again, the same spans, after an error or on request; nothing is lost, and the log has no secret"
    )
    func retries() async throws {
        let calls = Calls(.failure(Refusal()), .success(.retry(reason: "busy")), .success(.accepted))
        let run = try run(CustomExporter("mine") { (batch: SpanBatch) in try calls.answer(batch) })
        run.record(3)
        let account = await run.ended()
        #expect(calls.spans.count == 3)
        #expect(Set(calls.spans).count == 1)
        #expect(account.destinations.map(\.exported) == [3])
        #expect(account.destinations.map(\.possiblyDuplicated) == [0])
        #expect(run.log.contains { $0.contains("traces → mine: the exporter threw") && $0.contains("Refusal") })
        #expect(run.log.contains { $0.contains("delivering again") })
        #expect(!run.log.joined().contains("hunter2"))
    }

    @Test("a delay that the closure asks for is kept by a flush, which returns at once if it is too long")
    func delay() async throws {
        let calls = Calls(.success(.retry(after: .seconds(3_600), reason: "closed")))
        let run = try run(CustomExporter("mine") { (batch: SpanBatch) in try calls.answer(batch) })
        run.record(2)
        let account = await run.ended()
        #expect(calls.spans.count == 1)
        #expect(account.destinations.map(\.waiting.memory) == [2])
        #expect(account.isBalanced)
    }

    @Test("a closure that hangs is cancelled and delays no other destination; its spans are counted")
    func hanging() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let isCancelled = Locked(false)
        let calls = Locked(0)
        let end = Monitor(false)
        var exporter = CustomExporter("hangs") { (_: SpanBatch) in
            calls.withLock { $0 += 1 }
            // A closure that ignores its cancellation.
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    _ = Thread("hangs") {
                        _ = end.wait(until: .now.advanced(by: .generous)) { $0 ? true : nil }
                        continuation.resume()
                    }
                }
            } onCancel: {
                isCancelled.withLock { $0 = true }
            }
            return .accepted
        }
        exporter.timeout = .milliseconds(20)
        let run = try run(exporter, .otlp(OTLPExporter(url: "\(server.url)/v1/traces")))
        run.record(3)
        _ = await run.flushed(.milliseconds(200))
        try await eventually("its task is cancelled", isCancelled.withLock { $0 }) { $0 }
        run.record(4)
        try await eventually(
            "the receiver gets all spans",
            await run.flushed(.milliseconds(100)).destinations[1].exported
        ) {
            $0 == 7
        }
        var account = run.shipper.account()
        #expect(account.destinations[0].failure == "the exporter has not returned")
        #expect(account.destinations[0].inFlight == 3)
        #expect(account.isBalanced)
        #expect(calls.withLock { $0 } == 1, "there is one call at a time")
        account = await run.ended(.milliseconds(100))
        #expect(account.destinations[0].unacknowledged == 3)
        #expect(account.destinations[0].waiting.memory == 4)
        #expect(account.isBalanced)
        end.change { $0 = true }
        #expect(run.log.count { $0.contains("the exporter has not returned within 20") } == 1)
    }

    @Test("a slow closure that returns after its cancellation delivers its batch once")
    func late() async throws {
        let exported = Locked<[Int]>([])
        var exporter = CustomExporter("late") { (batch: SpanBatch) in
            while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
            exported.withLock { $0.append(batch.spans.count) }
            return .accepted
        }
        exporter.timeout = .milliseconds(20)
        let run = try run(exporter)
        run.record(3)
        let account = await run.ended()
        #expect(exported.withLock { $0 } == [3])
        #expect(account.destinations.map(\.exported) == [3])
        #expect(account.isBalanced)
    }

    @Test("many spans pass in several batches, each once, within the memory limit")
    func backlog() async throws {
        let numbers = Locked<[AttributeValue?]>([])
        var exporter = CustomExporter("mine") { (batch: SpanBatch) in
            numbers.withLock { $0 += batch.spans.map { $0["number"] } }
            return .accepted
        }
        exporter.waitingBytes = 1_024 * 1_024
        exporter.bodyBytes = 256 * 1_024
        let run = try run(exporter)
        run.record(20_000)
        let account = await run.ended()
        #expect(numbers.withLock { $0 } == (0..<20_000).map { .int($0) })
        #expect(account.destinations.map(\.exported) == [20_000])
        #expect((account.destinations.first?.requests ?? 0) > 20)
    }

    @Test("metrics: a closure with an encoding gets requests; one that takes spans refuses and says why")
    func metrics() async throws {
        let bodies = Locked<[ExportBody]>([])
        let lines = Locked<[String]>([])
        let log = ProfilerLog { _, line in lines.withLock { $0.append(line) } }
        let exporters = [
            CustomExporter("mine", encoding: .protobuf) { body in
                bodies.withLock { $0.append(body) }
                return .accepted
            },
            CustomExporter("spans") { (_: SpanBatch) in .accepted },
        ]
        let readers = exporters.map { exporter in
            MetricReader(
                MetricReaderConfiguration(.custom(exporter), interval: .seconds(3_600)),
                resource: Resource(),
                scope: InstrumentationScope(name: "tests"),
                log: log
            ) { _ in
                [
                    Metric(
                        "requests",
                        description: "",
                        unit: "",
                        kind: .sum(isMonotonic: true),
                        points: [.init(.count(7), attributes: [])]
                    )
                ]
            }
        }
        MetricReader.beginShutdown(readers, until: .now.advanced(by: .generous))
        await offPool { MetricReader.awaitShutdown(readers, until: .now.advanced(by: .generous)) }
        #expect(bodies.withLock { $0.map(\.path) } == ["v1/metrics"])
        #expect(bodies.withLock { $0.map(\.itemCount) } == [1])
        #expect(readers[0].account.exported == 1)
        #expect(readers[0].account.componentType == "custom_metric_exporter")
        #expect(readers[1].account.dropped == [.settings: 1])
        #expect(lines.withLock { $0.contains { $0.contains("the exporter takes spans") } })
    }
}

// A custom exporter and a header provider run on Swift's thread pool, which may have one thread. So a test must not block it.
private func offPool<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        OperatingSystemThread.start { continuation.resume(returning: body()) }
    }
}

extension ShippingRun {
    /// Flushes without blocking a thread of the pool.
    func flushed(_ duration: Duration = .generous) async -> ShippingAccount {
        await offPool { self.flush(duration) }
    }

    /// Shuts down without blocking a thread of the pool.
    func ended(_ duration: Duration = .generous) async -> ShippingAccount {
        await offPool { self.shutdown(duration) }
    }
}
