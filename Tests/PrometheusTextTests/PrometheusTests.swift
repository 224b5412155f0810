import Foundation
import SpanKitGenAI
import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite("Metrics in a real Prometheus", .generousTimeLimit)
struct PrometheusTests {
    /// A thousand durations of each of three operations: around 30 ms, between 0.5 s and 1.5 s, and of every magnitude.
    static func fill(_ engine: PercentileEngine, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let narrow = engine.operation(named: "narrow")
        let even = engine.operation(named: "even")
        let wide = engine.operation(named: "wide")
        for _ in 0..<1_000 {
            engine.record(narrow, nanoseconds: 30_000_000 + random.next() % 2_000_000)
            engine.record(even, nanoseconds: 500_000_000 + random.next() % 1_000_000_000)
            engine.record(wide, nanoseconds: random.next() >> (random.next() % 30 + 27))
        }
        for _ in 0..<7 { engine.recordError(even) }
    }

    @Test("promtool accepts a file with all metrics", .needs(.promtool))
    func promtool() async throws {
        let directory = TemporaryFolder()
        let engine = PercentileEngine()
        Self.fill(engine, seed: 1)
        var random = SplitMix64(seed: 2)
        for _ in 0..<50 {
            let operation = engine.operation(named: HostileText.make(&random, 0...30))
            engine.record(operation, nanoseconds: random.next() >> 20, memoryDelta: 4_096)
        }
        let language = GenAIMetrics()
        var call = GenAICall(operationName: "chat", providerName: "anthropic")
        call.inputTokens = 812
        call.outputTokens = 94
        language.record(call, nanoseconds: 2_400_000_000)
        var spans = SpanMetrics.Configuration()
        spans.constantLabels = [Attribute("process", "app")]
        let operations = EngineMetrics(of: engine, spans)
        let writer = TextfileWriterTests.writer(
            directory.path,
            collect: { operations.metrics() + language.metrics(.classic) }
        )
        #expect(writer.writeNow())
        let check = try await Self.promtoolCheck("\(directory.path)/app.prom")
        #expect(check.status == 0 && check.output == "" && check.error == "", "\(check.output)\(check.error)")
        // It can complain: the same file without its first line, which is a HELP.
        let bytes = try #require(directory.content(of: "app.prom"))
        try directory.put("app.prom", Array(bytes.drop { $0 != 10 }.dropFirst()))
        #expect(try await Self.promtoolCheck("\(directory.path)/app.prom").status == 3)
    }

    /// promtool reads its standard input.
    private static func promtoolCheck(_ path: String) async throws -> Command {
        try await Command.run(.shell, ["-c", "promtool check metrics <\"$0\"", path])
    }

    @Test(
        "every sample arrives, and histogram quantiles match the engine's within one bucket",
        .needs(.prometheus, .nodeExporter)
    )
    func quantiles() async throws {
        let directory = TemporaryFolder()
        let engine = PercentileEngine()
        Self.fill(engine, seed: 3)
        let writer = TextfileWriterTests.writer(directory.path, collect: EngineMetrics(of: engine).metrics)
        #expect(writer.writeNow())
        let exporter = try await NodeExporter(directory: directory.path)
        defer { exporter.stop() }
        let prometheus = try await PrometheusServer(scraping: exporter)
        defer { prometheus.stop() }

        let families = try ExpositionText.parse(try #require(directory.content(of: "app.prom")))
        let written = families.flatMap(\.samples)
        let everything = "{job=\"node\", __name__=~\"spankit_.*\"}"
        let stored = try await prometheus.query(everything) { $0.count >= written.count }
        #expect(stored.count == written.count, "\(prometheus.log)")
        var values: [[String: String]: Double] = [:]
        for series in stored {
            var labels = series.labels
            for own in ["job", "instance"] { labels[own] = nil }
            values[Self.numbered(labels)] = series.value
        }
        for sample in written {
            var labels = Dictionary(sample.labels.map { ($0.key, $0.value.labelText) }) { $1 }
            labels["__name__"] = sample.name
            let value = try #require(values[Self.numbered(labels)], "\(labels)")
            #expect(value == sample.value || value.isNaN && sample.value.isNaN, "\(labels)")
        }

        for operation in engine.snapshot() {
            for share in [0.5, 0.9, 0.95, 0.99] {
                let selector = "spankit_span_duration_seconds_bucket{operation=\"\(operation.name)\"}"
                let answer = try prometheus.query("histogram_quantile(\(share), \(selector))")
                let theirs = try #require(answer.first?.value)
                let ours = operation.histogram.quantiles([share])[0].estimate / 1e9
                // Buckets end at powers of two of a second.
                let difference = abs(log2(theirs).rounded(.up) - log2(ours).rounded(.up))
                #expect(difference <= 1, "\(operation.name) \(share): \(theirs) s, \(ours) s")
                #expect(theirs / ours < 2 && ours / theirs < 2, "\(operation.name) \(share): \(theirs) s, \(ours) s")
            }
        }
    }

    @Test(
        "quantiles and rates of instruments are those that are computed apart from all values",
        .needs(.prometheus, .nodeExporter)
    )
    func instruments() async throws {
        let directory = TemporaryFolder()
        var random = SplitMix64(seed: 8)
        let measured = Locked((0..<1_000).map { _ in exp2(Double.random(in: -12...3, using: &random)) })
        let converter = InstrumentText { Issue.record("\($0)") }
        let writer = TextfileWriterTests.writer(
            directory.path,
            collect: {
                let durations = measured.withLock { $0 }
                let distribution = InstrumentTextTests.distribution(durations)
                return converter.metrics(of: [
                    Metric(
                        "http.server.request.duration",
                        description: "D.",
                        unit: "s",
                        kind: .exponentialHistogram,
                        points: [Metric.Point(.distribution(distribution))]
                    ),
                    Metric(
                        "http.server.requests",
                        description: "R.",
                        unit: "{request}",
                        kind: .sum(isMonotonic: true),
                        points: [Metric.Point(.count(UInt64(durations.count)))]
                    ),
                ])
            }
        )
        #expect(writer.writeNow())
        let exporter = try await NodeExporter(directory: directory.path)
        defer { exporter.stop() }
        let prometheus = try await PrometheusServer(scraping: exporter)
        defer { prometheus.stop() }
        try await prometheus.query("http_server_requests_total") { $0.first?.value == 1_000 }
        let sorted = measured.withLock { $0 }.sorted()
        for share in [0.5, 0.9, 0.95, 0.99] {
            let exact = sorted[Int((share * 1_000).rounded(.up)) - 1]
            let summary = "http_server_request_duration_quantile_seconds{quantile=\"\(share)\"}"
            let ours = try #require(try prometheus.query(summary).first?.value)
            // A bucket of scale 8 is 0.27 % wide.
            #expect((ours / exact - 1).magnitude < 0.0028, "\(share): \(ours) s, \(exact) s")
            let theirs = try #require(
                try prometheus.query("histogram_quantile(\(share), http_server_request_duration_seconds_bucket)").first?
                    .value
            )
            #expect(theirs / exact < 2 && exact / theirs < 2, "\(share): \(theirs) s, \(exact) s")
        }
        let durations = measured.withLock { durations in
            durations += (0..<500).map { _ in 0.5 }
            return durations
        }
        #expect(writer.writeNow())
        try await prometheus.query("http_server_requests_total") { $0.first?.value == 1_500 }
        let below = try prometheus.query("http_server_request_duration_seconds_bucket{le=\"0.5\"}").first?.value
        #expect(below == Double(durations.count { $0 <= 0.5 }))
        let counts = try #require(try prometheus.query("http_server_request_duration_seconds_count[5m]").first?.values)
        #expect(counts.first == 1_000 && counts.last == 1_500)
        let sum = try #require(try prometheus.query("http_server_request_duration_seconds_sum").first?.value)
        #expect((sum / durations.reduce(0, +) - 1).magnitude < 1e-12)
    }

    /// `le` and `quantile` as numbers: their spelling is the reader's.
    private static func numbered(_ labels: [String: String]) -> [String: String] {
        var labels = labels
        for name in ["le", "quantile"] {
            if let text = labels[name], let number = Double(text) { labels[name] = "\(number)" }
        }
        return labels
    }

    @Test(
        "counters only fall at a restart, as one reset without loss",
        .needs(.prometheus, .nodeExporter)
    )
    func restart() async throws {
        let directory = TemporaryFolder()
        let exporter = try await NodeExporter(directory: directory.path)
        defer { exporter.stop() }
        let prometheus = try await PrometheusServer(scraping: exporter)
        defer { prometheus.stop() }
        let calls = "spankit_span_calls_total{operation=\"work\", status=\"ok\"}"

        /// One life of a process: counts, and waits until Prometheus has seen each state.
        func live(_ counts: [Int], afterEach: (PercentileEngine) -> Void = { _ in }) async throws {
            let engine = PercentileEngine()
            let operation = engine.operation(named: "work")
            let writer = TextfileWriterTests.writer(directory.path, collect: EngineMetrics(of: engine).metrics)
            var total = 0
            for count in counts {
                for _ in 0..<count { engine.record(operation, nanoseconds: 1_000_000) }
                total += count
                #expect(writer.writeNow())
                try await prometheus.query(calls) { $0.first?.value == Double(total) }
                afterEach(engine)
            }
            writer.stop(within: .generous)
        }
        // Resetting the statistics must not reset the counters.
        try await live([40, 30, 30]) { $0.reset() }
        try await live([10, 25])

        let history = try #require(try prometheus.query("\(calls)[5m]").first?.values)
        let falls = zip(history, history.dropFirst()).filter { $0 > $1 }
        #expect(falls.map(\.0) == [100] && falls.map(\.1) == [10], "\(history)")
        for counter in [calls, "spankit_span_duration_seconds_count", "spankit_span_duration_seconds_sum"] {
            #expect(try prometheus.query("resets(\(counter)[5m])").map(\.value) == [1], "\(counter)")
        }
        // From 40 to 100, and the 35 of the second life. Prometheus extrapolates to the window's ends, not more than a scrape.
        let increase = try #require(try prometheus.query("increase(\(calls)[5m])").first?.value)
        #expect(increase >= 95 && increase < 140, "\(increase)")
    }
}
