import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite("Metrics of spans")
struct SpanMetricsTests {
    /// A snapshot of an operation with the given durations.
    static func snapshot(_ name: String, _ nanoseconds: [UInt64], errors: UInt64 = 0) -> OperationSnapshot {
        var histogram = ExponentialHistogram()
        for duration in nanoseconds { histogram.record(nanoseconds: duration) }
        return OperationSnapshot(name: name, histogram: histogram, errorCount: errors)
    }

    static func samples(_ metrics: [Metric], _ name: String) throws -> [MetricSample] {
        try metrics.samples().filter { $0.name == name }
    }

    static func value(_ families: [Metric], _ name: String, _ labels: [String: String] = [:]) throws -> Double? {
        let found = try samples(families, name).filter { sample in
            labels.allSatisfy { label in sample.labels.contains(Attribute(label.key, .string(label.value))) }
        }
        return found.count == 1 ? found[0].value : nil
    }

    @Test("an engine's operations become histograms, quantiles, calls, errors and memory")
    func golden() throws {
        var query = Self.snapshot("database_query", [900_000, 1_100_000, 30_000_000, 2_500_000_000], errors: 1)
        query.histogram.record(nanoseconds: 250_000, memoryDelta: -4_096)
        let empty = Self.snapshot("", [0])
        var configuration = SpanMetrics.Configuration()
        configuration.constantLabels = [Attribute("service", "okr-coach")]
        configuration.edges = HistogramEdges(seconds: [0x1p-10, 0x1p-5, 1, 2])
        let metrics = SpanMetrics(configuration)
        let families = metrics.metrics(of: [query, empty], window: [Self.snapshot("database_query", [900_000])])
        try Golden.expect(try encoded(families), "spans.prom")
    }

    @Test("an empty engine has metrics")
    func empty() throws {
        let families = SpanMetrics().metrics(of: [OperationSnapshot]())
        #expect(try families.samples().map(\.value) == [0, 0])
        #expect(try ExpositionText.problems(in: ExpositionText.encode(families)) == [])
    }

    @Test("counts, sums and quantiles are the engine's")
    func engine() throws {
        let engine = PercentileEngine()
        let metrics = EngineMetrics(of: engine)
        let operation = engine.operation(named: "work")
        for step in 1...1_000 { engine.record(operation, nanoseconds: UInt64(step) * 1_000_000) }
        engine.recordError(operation)
        let families = metrics.metrics()
        let name = "spankit_span_duration_seconds"
        #expect(try Self.value(families, name + "_count", ["operation": "work"]) == 1_000)
        #expect(try Self.value(families, name + "_sum", ["operation": "work"]) == 500.5)
        #expect(try Self.value(families, name + "_bucket", ["le": "0.5"]) == 500)
        #expect(try Self.value(families, name + "_bucket", ["le": "+Inf"]) == 1_000)
        #expect(try Self.value(families, "spankit_span_calls_total", ["status": "ok"]) == 999)
        #expect(try Self.value(families, "spankit_span_calls_total", ["status": "error"]) == 1)
        #expect(try Self.value(families, "spankit_span_errors_total") == 1)
        #expect(try Self.samples(families, "spankit_span_memory_delta_bytes").isEmpty)
        let p95 = try #require(try Self.value(families, "spankit_span_duration_quantile_seconds", ["quantile": "0.95"]))
        let exact = try #require(engine.snapshot(of: operation).histogram.quantile(0.95))
        #expect(p95 == exact.estimate.rounded() / 1e9)
        #expect(abs(p95 - 0.95) <= 0.95 * 0.002_72)
    }

    @Test("a quantile of an empty window is NaN")
    func quietWindow() throws {
        let families = SpanMetrics().metrics(of: [Self.snapshot("work", [1])])
        let quantiles = try Self.samples(families, "spankit_span_duration_quantile_seconds")
        #expect(quantiles.map { $0.labels.last?.value } == ["0.5", "0.9", "0.95", "0.99"])
        #expect(quantiles.allSatisfy { $0.value.isNaN })
    }

    @Test("operations beyond the limit share one series, and all spans are counted")
    func limit() throws {
        var configuration = SpanMetrics.Configuration()
        configuration.maximumLabelSets = 3
        let metrics = SpanMetrics(configuration)
        let snapshots = (0..<10).map {
            Self.snapshot("operation \($0)", Array(repeating: 1_000_000, count: $0 + 1), errors: 1)
        }
        _ = metrics.metrics(of: Array(snapshots[5...6]))
        let families = metrics.metrics(of: snapshots, window: snapshots)
        let counts = try Self.samples(families, "spankit_span_duration_seconds_count")
        #expect(
            Set(counts.compactMap { $0.labels.first?.value }) == [
                "operation 0", "operation 5", "operation 6", "__overflow__",
            ]
        )
        #expect(counts.reduce(0) { $0 + $1.value } == 55)
        #expect(try Self.value(families, "spankit_span_overflow_total") == 41)
        #expect(try Self.value(families, "spankit_span_overflow_operations") == 7)
        #expect(try Self.value(families, "spankit_span_errors_total", ["operation": "__overflow__"]) == 7)
        #expect(try ExpositionText.problems(in: ExpositionText.encode(families)) == [])
    }

    @Test("a hundred thousand names stay within the limits of engine and file")
    func manyNames() throws {
        let engine = PercentileEngine()
        for number in 0..<100_000 {
            engine.record(engine.operation(named: "GET /users/\(number)"), nanoseconds: 1_000)
        }
        let families = EngineMetrics(of: engine).metrics()
        #expect(try Self.samples(families, "spankit_span_duration_seconds_count").count == 501)
        #expect(
            try Self.samples(families, "spankit_span_duration_seconds_count").reduce(0) { $0 + $1.value } == 100_000
        )
        #expect(try Self.value(families, "spankit_span_overflow_total") == 99_500)
    }

    @Test("attributes become labels, and colliding names are distinguished or joined")
    func attributes() throws {
        var configuration = SpanMetrics.Configuration()
        configuration.constantLabels = [
            Attribute("service", "s"), Attribute("le", "x"), Attribute("service", "t"),
        ]
        let series = SpanSeries(
            Self.snapshot("work", [1]),
            attributes: ["model": "m", "status": "x", "a.b": "1", "a_b": "2", "service": "other"]
        )
        let families = SpanMetrics(configuration).metrics(of: [series])
        let labels = try Self.samples(families, "spankit_span_errors_total").first?.labels
        #expect(
            labels == [
                Attribute("a_b", "1;2"), Attribute("attribute_le", "x"), Attribute("attribute_service", "other"),
                Attribute("attribute_status", "x"), Attribute("model", "m"),
                Attribute("operation", "work"), Attribute("service", "s"),
            ]
        )
        #expect(throws: Never.self) { try ExpositionText.encode(families) }
    }

    @Test("series with the same written labels become one")
    func emptyAttributes() throws {
        let snapshot = Self.snapshot("work", [1])
        let series = [SpanSeries(snapshot), SpanSeries(snapshot, attributes: ["m": ""])]
        var configuration = SpanMetrics.Configuration()
        configuration.constantLabels = [Attribute("process", "p")]
        let counts = try Self.samples(
            SpanMetrics(configuration).metrics(of: series),
            "spankit_span_duration_seconds_count"
        )
        #expect(counts.map(\.value) == [2])
    }

    @Test("two spellings of é are two operations, in merged snapshots and in the file, with and without attributes")
    func byteEquality() throws {
        var snapshots = [Self.snapshot("caf\u{E9}", [1])]
        try snapshots.merge([Self.snapshot("cafe\u{301}", [2, 3]), Self.snapshot("caf\u{E9}", [4])])
        #expect(snapshots.map(\.histogram.count) == [2, 2])
        let families = SpanMetrics().metrics(
            of: snapshots.map { SpanSeries($0) } + snapshots.map { SpanSeries($0, attributes: ["m": "a"]) }
        )
        let counts = try Self.samples(families, "spankit_span_duration_seconds_count")
        #expect(counts.map(\.value) == [2, 2, 2, 2])
    }

    @Test("hostile and long names give a readable file", arguments: 0..<50)
    func hostileNames(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let names = (0..<30).map { _ in HostileText.make(&random, 0...20) } + [String(repeating: "🎯é", count: 1_700)]
        let series = names.map { name in
            SpanSeries(Self.snapshot(name, [1]), attributes: ["m": name, "n": HostileText.make(&random, 0...3)])
        }
        let families = SpanMetrics().metrics(of: series)
        let bytes = try ExpositionText.encode(families)
        #expect(ExpositionText.problems(in: bytes) == [])
        #expect(!bytes.contains(0))
        let counts = try Self.samples(families, "spankit_span_duration_seconds_count")
        #expect(counts.reduce(0) { $0 + $1.value } == 31)
        #expect(counts.flatMap(\.labels).allSatisfy { $0.value.labelText.utf8.count <= 128 })
    }

    @Test("no counter falls when a span is counted before its failure")
    func monotoneCalls() throws {
        let metrics = SpanMetrics()
        func ok(_ count: Int, errors: UInt64) throws -> Double? {
            let snapshot = Self.snapshot("work", Array(repeating: 1, count: count), errors: errors)
            return try Self.value(metrics.metrics(of: [snapshot]), "spankit_span_calls_total", ["status": "ok"])
        }
        #expect(try ok(10, errors: 0) == 10)
        #expect(try ok(10, errors: 1) == 10)
        #expect(try ok(12, errors: 1) == 11)
        #expect(try ok(12, errors: 20) == 11)
        // The engine was reset: it begins anew, as Prometheus expects of a new process.
        #expect(try ok(1, errors: 0) == 1)
    }

    @Test("invalid configuration values are clamped")
    func clamped() throws {
        var configuration = SpanMetrics.Configuration()
        configuration.quantiles = [0.99, 2, .nan, 0.5, -1, 0.5]
        configuration.maximumLabelSets = -1
        configuration.maximumValueBytes = 0
        let metrics = SpanMetrics(configuration)
        #expect(metrics.configuration.quantiles == [0.5, 0.99])
        let families = metrics.metrics(of: [Self.snapshot("work", [1])])
        #expect(try Self.samples(families, "spankit_span_errors_total").first?.labels.first?.value == "__overflow__")
    }
}
