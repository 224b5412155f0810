import Foundation
import SpanKitMetrics
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

/// A reader whose metrics a test changes.
private final class ReaderRun: Sendable {
    let reader: MetricReader
    let metrics: Locked<[Metric]>
    private let lines = Locked<[String]>([])

    init(
        _ exporter: MetricExporter,
        _ metrics: [Metric],
        _ configure: (inout MetricReaderConfiguration) -> Void = { _ in }
    ) {
        var configuration = MetricReaderConfiguration(exporter, interval: .seconds(3_600))
        configure(&configuration)
        let metrics = Locked(metrics)
        self.metrics = metrics
        let lines = self.lines
        reader = MetricReader(
            configuration,
            resource: Resource(attributes: [Attribute("service.name", "test")]),
            scope: InstrumentationScope(name: "tests"),
            log: ProfilerLog { level, line in lines.withLock { $0.append("\(level): \(line)") } }
        ) { _ in metrics.withLock { $0 } }
    }

    convenience init(
        to server: FaultServer,
        _ metrics: [Metric],
        bodyBytes: Int = 4 << 20,
        _ configure: (inout MetricReaderConfiguration) -> Void = { _ in }
    ) {
        var exporter = OTLPExporter(to: server, "v1/metrics")
        exporter.bodyBytes = bodyBytes
        self.init(.otlp(exporter), metrics, configure)
    }

    var log: [String] { lines.withLock { $0 } }

    func flush() { MetricReader.flush([reader], until: .now.advanced(by: .generous)) }

    func shutdown(_ duration: Duration = .generous) -> ShippingAccount.Destination {
        let deadline = ContinuousClock.now.advanced(by: duration)
        MetricReader.beginShutdown([reader], until: deadline)
        MetricReader.awaitShutdown([reader], until: deadline)
        return reader.account
    }
}

private func counter(_ name: String, _ values: Int64..., attributes: [Attribute] = []) -> Metric {
    Metric(
        name,
        description: "",
        unit: "",
        kind: .sum(isMonotonic: true),
        points: values.enumerated().map { number, value in
            Metric.Point(.int(value), attributes: attributes + [Attribute("n", .int(Int64(number)))], start: 1)
        }
    )
}

private func gauge(_ name: String) -> Metric {
    Metric(name, description: "", unit: "", kind: .gauge, points: [Metric.Point(.int(1))])
}

extension ReceivedRequest {
    fileprivate var plain: String { String(decoding: decodedBody ?? [], as: UTF8.self) }
}

@Suite("Metric readers")
struct MetricReaderTests {
    @Test("an outage loses no delta, and only the newest cumulative values are sent after it")
    func outage() async throws {
        let server = try FaultServer { _, number in number < 3 ? .unavailable() : .ok }
        defer { server.stop() }
        let run = ReaderRun(
            to: server,
            [],
            { configuration in
                configuration.temporality = .delta
                configuration.interval = .milliseconds(10)
            }
        )
        for step in 1...50 {
            let upDown = Metric(
                "u",
                description: "",
                unit: "",
                kind: .sum(isMonotonic: false),
                points: [Metric.Point(.int(Int64(step)), start: 1)]
            )
            run.metrics.withLock { $0 = [counter("c", Int64(step * 10)), upDown] }
            if step == 10 { _ = try await server.requests(atLeast: 2) }
        }
        let account = run.shutdown()
        let bodies = server.requests.dropFirst(3).map(\.plain)
        let sums = bodies.flatMap { body in
            body.matches(of: /"asInt":"(\d+)"\}\],"aggregationTemporality":1/).compactMap { Int($0.output.1) }
        }
        #expect(sums.reduce(0, +) == 500, "\(sums)")
        let last = bodies.last { $0.contains(#""name":"u""#) }
        #expect(last?.contains(#""asInt":"50""#) == true)
        #expect(account.undelivered == 0 && account.droppedCount == account.dropped[.superseded, default: 0])
        #expect(run.log.contains { $0.hasPrefix("warning: ") && $0.contains("trying again") })
        #expect(run.log.contains { $0.contains("delivering again") })
    }

    @Test(
        "an outage costs nothing of series that end meanwhile",
        arguments: [TemporalityPreference.cumulative, .delta]
    )
    func ends(temporality: TemporalityPreference) throws {
        let isDown = Locked(true)
        let accepted = Locked<[ReceivedRequest]>([])
        let server = try FaultServer { request, _ in
            guard !isDown.withLock({ $0 }) else { return .unavailable() }
            accepted.withLock { $0.append(request) }
            return .ok
        }
        defer { server.stop() }
        let meter = TelemetryMeter(log: .silent)
        let collector = meter.makeCollector(takesExemplars: false)
        var exporter = OTLPExporter(to: server, "v1/metrics")
        // So little that no deltas are made while one body waits.
        exporter.waitingBytes = 1
        var configuration = MetricReaderConfiguration(.otlp(exporter), interval: .milliseconds(10))
        configuration.temporality = temporality
        let readings = Locked(0)
        let reader = MetricReader(
            configuration,
            resource: Resource(),
            scope: InstrumentationScope(),
            log: .silent
        ) { takesEnds in
            readings.withLock { $0 += 1 }
            return meter.collect(for: collector, takesEnds: takesEnds)
        }
        for round in 1...20 {
            let series = meter.counter("c").with(["a": 1])
            series.add(1)
            series.remove()
            let before = readings.withLock { $0 }
            try eventually("another reading", readings.withLock { $0 }) { $0 > before }
            if round == 15 { isDown.withLock { $0 = false } }
        }
        meter.counter("c").with(["a": 1]).add(100)
        collector.finish()
        let deadline = ContinuousClock.now.advanced(by: .generous)
        MetricReader.beginShutdown([reader], until: deadline)
        MetricReader.awaitShutdown([reader], until: deadline)
        #expect(reader.account.undelivered == 0)
        #expect(try ReceivedCounts(accepted.withLock { $0 }, ["c"]).totals == ["c 1": 120])
    }

    @Test("one bad metric does not affect the others, and is reported once", arguments: [400, 500, 422])
    func badMetric(status: Int) throws {
        let server = try FaultServer { request, _ in
            request.plain.contains(#""name":"bad""#) ? .status(status) : .ok
        }
        defer { server.stop() }
        let good = (0..<40).map { counter("good\($0)", 1) }
        let run = ReaderRun(to: server, Array(good[..<17]) + [counter("bad", 1, 2)] + good[17...])
        run.flush()
        let first = server.requests.count
        #expect((5...15).contains(first), "halves: \(first)")
        for metric in good {
            let name = "\"name\":\"\(metric.name)\""
            #expect(server.requests.contains { $0.plain.contains(name) && !$0.plain.contains(#""name":"bad""#) })
        }
        run.flush()
        #expect(server.requests.count == first + 2, "the bad one is sent apart")
        let account = run.shutdown()
        #expect(account.dropped == [.status(status): 6], "two points in three readings")
        #expect(account.exported == 120)
        #expect(run.log.filter { $0.contains("refuses the metric 'bad'") }.count == 1)
    }

    @Test("a refused metric that is accepted later is sent with the others again")
    func recovered() throws {
        let refuses = Locked(true)
        let server = try FaultServer { request, _ in
            request.plain.contains(#""name":"bad""#) && refuses.withLock { $0 } ? .status(400) : .ok
        }
        defer { server.stop() }
        let run = ReaderRun(to: server, [counter("good", 1), counter("bad", 1)])
        run.flush()
        refuses.withLock { $0 = false }
        run.flush()
        let before = server.requests.count
        run.flush()
        #expect(server.requests.count == before + 1)
        #expect(run.shutdown().dropped == [.status(400): 1])
    }

    @Test("a receiver that refuses everything gets few requests", arguments: Transport.allCases)
    func refusesAll(transport: Transport) throws {
        let server = try FaultServer(transport, .status(500))
        defer { server.stop() }
        let run = ReaderRun(to: server, (0..<1_000).map { counter("c\($0)", 1) })
        run.flush()
        #expect(server.requests.count <= 130)
        let first = server.requests.count
        for _ in 0..<5 { run.flush() }
        #expect(server.requests.count == first + 5)
        let account = run.shutdown()
        #expect(account.dropped == [.status(500): 7_000] && account.exported == 0)
        #expect(run.log.count < 120)
    }

    @Test("other refusals are not divided", arguments: [401, 403, 404], Transport.allCases)
    func refused(status: Int, transport: Transport) throws {
        let server = try FaultServer(transport, .status(status))
        defer { server.stop() }
        let run = ReaderRun(to: server, [counter("a", 1), counter("b", 1)])
        run.flush()
        #expect(server.requests.count == 1)
        #expect(run.shutdown().dropped == [.status(status): 4])
    }

    @Test("a body that is too large is divided down to single points", arguments: Transport.allCases)
    func tooLarge(transport: Transport) throws {
        let server = try FaultServer(transport) { request, _ in
            (request.decodedBody ?? []).count > 700 ? .status(413) : .ok
        }
        defer { server.stop() }
        let many = counter("many", 1, 2, 3, 4, 5, 6, 7, 8)
        let big = counter("big", 1, attributes: [Attribute("text", .string(String(repeating: "x", count: 800)))])
        let run = ReaderRun(to: server, [many, big, counter("small", 1)])
        let account = run.shutdown()
        #expect(account.dropped == [.tooLarge: 1] && account.exported == 9)
        #expect(run.log.contains { $0.contains("1 data point dropped (too_large") })
    }

    @Test("bodies keep to the size limit, and no point is missing", arguments: Transport.allCases)
    func sizes(transport: Transport) throws {
        let server = try FaultServer(transport, .ok)
        defer { server.stop() }
        let run = ReaderRun(to: server, (0..<30).map { counter("c\($0)", 1, 2, 3, 4, 5) }, bodyBytes: 2_000)
        #expect(run.shutdown().exported == 150)
        #expect(server.requests.count > 2)
        #expect(server.requests.allSatisfy { ($0.decodedBody ?? []).count <= 2_000 })
    }

    @Test("rejected data points are counted", arguments: [Answer.BodyType.json, .protobuf])
    func partialSuccess(type: Answer.BodyType) throws {
        let server = try FaultServer(
            .status(
                200,
                headers: [("Content-Type", type == .json ? "application/json" : "application/x-protobuf")],
                body: type == .json
                    ? Array(#"{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"too old"}}"#.utf8)
                    : [0x0A, 0x0B, 0x08, 3, 0x12, 7] + Array("too old".utf8)
            )
        )
        defer { server.stop() }
        let run = ReaderRun(to: server, [counter("c", 1, 2, 3, 4, 5)])
        let account = run.shutdown()
        #expect(account.exported == 2 && account.dropped == [.rejected: 3])
        #expect(run.log.contains { $0.contains("3 data points dropped (rejected: too old)") })
    }

    @Test("points that receivers would refuse are left out, counted and named once")
    func invalid() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let contradiction = Metric(
            "contradiction",
            description: "",
            unit: "",
            kind: .exponentialHistogram,
            points: [
                .init(.distribution(ExponentialDistribution(scale: 0, zeroCount: 1, count: 2, sum: 0))),
                .init(
                    .distribution(ExponentialDistribution(scale: 0, zeroCount: 2, count: 2, sum: 0)),
                    attributes: [Attribute("a", 1)]
                ),
            ]
        )
        let bounds = ExplicitHistogram(bounds: [1, .infinity], cumulativeCounts: [0, 0], count: 0, sum: 0)
        let metrics = [
            contradiction,
            Metric("bounds", description: "", unit: "", kind: .histogram, points: [.init(.histogram(bounds))]),
            Metric("kind", description: "", unit: "", kind: .gauge, points: [.init(.histogram(bounds))]),
            counter("", 1), counter("good", 1),
        ]
        let run = ReaderRun(to: server, metrics)
        run.flush()
        let account = run.shutdown()
        #expect(account.exported == 4 && account.dropped == [.invalid: 8])
        #expect(run.log.filter { $0.contains("is left out") }.count == 4)
    }

    @Test("distributions have at most 160 buckets for each sign with exact counts, and the lower scale is logged once")
    func buckets() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        var histogram = ExponentialHistogram()
        for exponent in 0..<40 { for step in 0..<50 { histogram.record(nanoseconds: 1 << exponent + UInt64(step)) } }
        let metric = Metric(
            "d",
            description: "",
            unit: "s",
            kind: .exponentialHistogram,
            points: [.init(.exponentialHistogram(histogram))]
        )
        let run = ReaderRun(to: server, [metric])
        run.flush()
        let account = run.shutdown()
        #expect(account.exported == 2)
        let body = try #require(server.requests.first?.plain)
        let counts = try #require(body.firstMatch(of: /"bucketCounts":\[([^\]]*)\]/)).output.1
        let numbers = counts.split(separator: ",").compactMap { UInt64($0.dropFirst().dropLast()) }
        #expect((80...160).contains(numbers.count) && numbers.reduce(0, +) + histogram.zeroCount == 2_000)
        #expect(body.contains(#""scale":1,"#) || body.contains(#""scale":2,"#))
        #expect(run.log.filter { $0.hasPrefix("info") && $0.contains("at scale 8") }.count == 1)
    }

    @Test("no data point is lost if the clock is set back")
    func clock() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        var metric = counter("c", 7)
        metric.points[0].start = .max
        let run = ReaderRun(to: server, [metric])
        #expect(run.shutdown().exported == 1)
        #expect(server.requests.first?.plain.contains(#""startTimeUnixNano":"9223372036854775807""#) == false)
        #expect(run.log.filter { $0.contains("clock was set back") }.count == 1)
    }

    @Test(
        "a hanging receiver does not hold up the shutdown, and its data points are still waiting then",
        arguments: Transport.allCases
    )
    func hanging(transport: Transport) throws {
        let server = try FaultServer(transport, .neverAnswer)
        defer { server.stop() }
        let run = ReaderRun(to: server, [counter("c", 1)]) { $0.interval = .milliseconds(10) }
        _ = run.shutdown(.milliseconds(50))
        #expect(run.reader.account.undelivered > 0)
    }

    @Test("lines and text are written to a file", arguments: [TemporalityPreference.cumulative, .delta])
    func file(preference: TemporalityPreference) throws {
        let folder = TemporaryFolder("metrics")
        defer { folder.remove() }
        let path = folder.path("metrics.jsonl")
        let run = ReaderRun(.linesFile(LinesFileConfiguration(path: path)), [counter("c", 5)]) {
            $0.temporality = preference
        }
        run.flush()
        let account = run.shutdown()
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        // The second delta is empty.
        #expect(lines.count == (preference == .delta ? 1 : 2))
        #expect(lines.allSatisfy { $0.hasPrefix(#"{"resourceMetrics":"#) && $0.contains(#""asInt":"5""#) })
        #expect(account.exported == UInt64(lines.count))
    }

    @Test("a file that cannot be written is reported, and its points are counted")
    func brokenFile() {
        let run = ReaderRun(.linesFile(LinesFileConfiguration(path: "/nonexistent/metrics.jsonl")), [gauge("g")])
        let account = run.shutdown()
        #expect(account.dropped == [.file: 1])
        #expect(run.log.contains { $0.contains("1 data point dropped (file: no such file or directory)") })
    }

    @Test("text for people has one line for each point")
    func text() {
        let exemplar = Exemplar(.int(7), time: 1, traceID: TraceID(high: 1, low: 2), spanID: SpanID(rawValue: 3))
        let histogram = ExplicitHistogram(
            bounds: [1],
            cumulativeCounts: [1],
            count: 2,
            sum: 2.5,
            minimum: 0.5,
            maximum: 2
        )
        let metrics = [
            Metric(
                "a.b",
                description: "",
                unit: "By",
                kind: .sum(isMonotonic: true),
                temporality: .delta,
                points: [.init(.int(7), attributes: [Attribute("k", "v w")], time: 0, exemplars: [exemplar])]
            ),
            Metric(
                "h\u{1B}",
                description: "",
                unit: "s",
                kind: .histogram,
                points: [.init(.histogram(histogram), time: 0)]
            ),
        ]
        #expect(
            MetricLines.text(of: metrics) == """
                1970-01-01T00:00:00.000Z  a.b  k="v w"  7 By  (delta)  exemplar=7 trace=00000000000000010000000000000002 \
                span=0000000000000003
                1970-01-01T00:00:00.000Z  h\u{FFFD}  count=2 sum=2.5 min=0.5 max=2.0 s
                """
        )
    }
}
