import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

/// What a decoder made of metrics in an input.
private struct MetricDecoding {
    var metrics: [DecodedMetric] = []
    var decoder = TraceDecoder(reads: .metrics)

    init(_ bytes: [UInt8], piece: Int = .max) {
        var place = 0
        while place < bytes.count {
            let end = min(bytes.count, place + min(piece, bytes.count))
            decoder.decode(Array(bytes[place..<end])) { _ in }
            metrics += decoder.takeMetrics()
            place = end
        }
        decoder.finish { _ in }
        metrics += decoder.takeMetrics()
    }

    init(_ text: String) { self.init(Array(text.utf8)) }

    var problems: [String] { decoder.problems.map(\.description) }

    /// The points of all metrics.
    var points: [Metric.Point] { metrics.flatMap(\.metric.points) }
}

@Suite("Metrics in OTLP files")
struct MetricReadingTests {
    private static func json(_ metric: String) -> String {
        "{\"resourceMetrics\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"shop\"}}]},"
            + "\"scopeMetrics\":[{\"scope\":{\"name\":\"lib\"},\"metrics\":[\(metric)]}]}]}"
    }

    private static func data(_ kind: String, _ point: String, more: String = "\"aggregationTemporality\":2") -> String {
        json("{\"name\":\"m\",\"\(kind)\":{\"dataPoints\":[\(point)],\(more)}}")
    }

    @Test("every kind of metric is read alike from JSON and from protobuf")
    func kinds() throws {
        let text = MetricDecoding(try Golden.text("metrics_all_types.json"))
        let binary = MetricDecoding(try Wire.vector("metrics_all_types.pb.hex"))
        #expect(text.problems.isEmpty && binary.problems.isEmpty, "\(text.problems)\(binary.problems)")
        #expect(text.decoder.unknownFieldCount == 0 && binary.decoder.unknownFieldCount == 0)
        #expect(text.metrics.map(\.metric) == binary.metrics.map(\.metric))
        #expect(text.metrics.map(\.resource.attributes) == binary.metrics.map(\.resource.attributes))
        #expect(text.metrics.map(\.scope) == binary.metrics.map(\.scope))
        #expect(
            text.metrics.map(\.metric.name) == [
                "ferry.tide.height", "ferry.tickets.sold", "ferry.fuel.burnt", "ferry.passengers",
                "ferry.ballast.change", "ferry.boarding.duration", "ferry.wait.duration", "ferry.crossing.drift",
                "ferry.bell.interval", "ferry.queue.length",
            ]
        )
        let tide = text.metrics[0]
        #expect(tide.resource.attributes.first == Attribute("service.name", "ferry"))
        #expect(tide.scope.name == "ferry.metrics" && tide.scope.version == "2.1.0")
        #expect(tide.metric.kind == .gauge && tide.metric.unit == "m")
        #expect(tide.metric.points.map(\.value) == [.double(-0.25), .int(.min), .missing, .double(0)])
        let sold = text.metrics[1].metric
        #expect(sold.kind == .sum(isMonotonic: true) && sold.temporality == .cumulative)
        #expect(sold.points[0].value == .int(.max) && sold.points[0].start == 1_767_225_600_000_000_000)
        #expect(sold.points[0].time == 1_767_225_660_000_000_000)
        #expect(text.metrics[2].metric.temporality == .delta)
        guard case .histogram(let boarding) = text.metrics[5].metric.points[0].value else {
            Issue.record("not a histogram")
            return
        }
        #expect(boarding.count == 6 && boarding.sum == 16.3101 && boarding.minimum == 0 && boarding.maximum == 12)
        #expect(boarding.cumulativeCounts == [2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5])
        let drift = text.metrics.first { $0.metric.name == "ferry.crossing.drift" }
        guard case .distribution(let outer) = drift?.metric.points.first?.value else {
            Issue.record("not an exponential histogram")
            return
        }
        #expect(outer.scale == 3 && outer.zeroCount == 3 && outer.zeroThreshold == 1e-6 && outer.count == 12)
        #expect(outer.positive.offset == -11 && outer.negative.offset == -9 && outer.minimum == -2.6)
    }

    @Test("metrics of any content are read back equal from JSON and from protobuf", arguments: 0..<40)
    func roundTrip(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed) &+ 19)
        let metrics = (0..<Int.random(in: 1...4, using: &random)).map { MetricMaker.metric($0, &random) }
        for encoding in Encoding.allCases {
            let bytes = MetricsEncoder.encode(
                metrics,
                encoding,
                resource: Resource(attributes: [Attribute("service.name", "shop")]),
                scope: InstrumentationScope(name: "lib"),
                startUnixNanoseconds: 1_000_000_000,
                unixNanoseconds: 2_000_000_000
            )
            for piece in [Int.max, 7] {
                let read = MetricDecoding(bytes, piece: piece)
                #expect(read.problems.isEmpty, "\(encoding) \(read.problems)")
                #expect(read.metrics.count == metrics.count)
                for (read, made) in zip(read.metrics, metrics) {
                    #expect(read.metric == made, "\(encoding)")
                }
            }
        }
    }

    @Test(
        "what is not as in the specification is read as well as possible, and said",
        arguments: [
            // Names in snake_case, numbers as texts and texts as numbers, enums as names.
            (
                "{\"resource_metrics\":[{\"scope_metrics\":[{\"metrics\":[{\"name\":\"m\",\"sum\":{\"data_points\":[{\"as_int\":7,"
                    + "\"start_time_unix_nano\":1000,\"time_unix_nano\":\"2000\"}],\"is_monotonic\":true,"
                    + "\"aggregation_temporality\":\"AGGREGATION_TEMPORALITY_DELTA\"}}]}]}]}",
                1, ""
            ),
            (
                "{\"scopeMetrics\":[{\"metrics\":[{\"name\":\"m\",\"gauge\":{\"dataPoints\":[{\"asDouble\":\"NaN\"}]}}]}]}",
                1, ""
            ),
            (data("gauge", "{\"asInt\":\"9e2\"}"), 1, ""), (data("gauge", "{\"flags\":1}"), 1, ""),
            (data("gauge", "{\"asInt\":\"1.5\"}"), 1, "'1.5' is not a 64-bit integer; it is read as a double"),
            (data("gauge", "{\"asInt\":\"seven\"}"), 0, "'seven' is not a number; it is left out"),
            (data("gauge", "{}"), 0, "the metric 'm': a point has no value; it is left out"),
            (data("sum", "{\"asInt\":1}", more: "\"x\":0"), 1, "has no temporality; it is read as cumulative"),
            (json("{\"gauge\":{\"dataPoints\":[{\"asInt\":1}]}}"), 0, "a metric has no name; it is left out"),
            (json("{\"name\":\"m\",\"tally\":{}}"), 0, "has no data of a known kind; it is left out"),
            (
                data("histogram", "{\"count\":3,\"bucketCounts\":[1,1],\"explicitBounds\":[5]}"), 1,
                "the buckets of a histogram do not add up to its count 3; its buckets are left out"
            ),
            (
                data("histogram", "{\"count\":2,\"bucketCounts\":[1,1],\"explicitBounds\":[5,6]}"), 1,
                "a histogram has 2 counts for 2 bounds; its buckets are left out"
            ),
            (
                data("histogram", "{\"count\":3,\"bucketCounts\":[1,1,1],\"explicitBounds\":[6,5]}"), 1,
                "the bounds of a histogram do not increase; its buckets are left out"
            ),
            (data("histogram", "{\"count\":3,\"bucketCounts\":[1,1,1],\"explicitBounds\":[5,\"Infinity\"]}"), 1, ""),
            (
                data("exponentialHistogram", "{\"count\":3,\"scale\":1,\"positive\":{\"bucketCounts\":[1]}}"), 0,
                "do not add up to its count 3; the point is left out"
            ),
            (
                data("exponentialHistogram", "{\"count\":1,\"scale\":99,\"zeroCount\":1}"), 0,
                "the scale 99 of a histogram is not between -10 and 20; the point is left out"
            ),
            (
                data("exponentialHistogram", "{\"count\":1,\"zeroCount\":1,\"scale\":3000000000}"), 0,
                "is not a 32-bit integer; it is read as 2147483647"
            ),
            (data("gauge", "7,{\"asInt\":1}"), 1, "it is left out"),
        ] as [(String, Int, String)]
    )
    func untidy(text: String, points: Int, problem: String) {
        let decoding = MetricDecoding(text)
        #expect(decoding.points.count == points, "\(text)\n\(decoding.problems)")
        if problem.isEmpty {
            #expect(decoding.problems.isEmpty, "\(decoding.problems)")
        } else {
            #expect(decoding.problems.contains { $0.contains(problem) }, "\(decoding.problems)")
        }
    }

    @Test("a metric before the point where a line is cut off is kept")
    func torn() {
        let line = Self.json(
            "{\"name\":\"a\",\"gauge\":{\"dataPoints\":[{\"asInt\":1}]}},{\"name\":\"b\",\"gauge\":{\"dataPoints\":[{\"asI"
        )
        let cut = String(line.dropLast(6))
        let decoding = MetricDecoding(cut + "\n" + Self.data("gauge", "{\"asInt\":2}"))
        #expect(decoding.metrics.map(\.metric.name) == ["a", "m"])
        #expect(decoding.metrics.first?.resource.attributes == [Attribute("service.name", "shop")])
        #expect(decoding.problems.contains { $0.contains("1 data point before that is kept") }, "\(decoding.problems)")
    }

    @Test("a damaged point or metric in protobuf does not affect the others")
    func damaged() throws {
        let whole = try Wire.vector("metrics_all_types.pb.hex")
        let all = MetricDecoding(whole).points.count
        for cut in stride(from: 40, to: whole.count, by: 29) {
            let decoding = MetricDecoding(Array(whole[..<cut]))
            #expect(decoding.points.count <= all)
            #expect(!decoding.problems.isEmpty)
        }
        for place in stride(from: 0, to: whole.count, by: 17) {
            var bytes = whole
            bytes[place] ^= 0xFF
            // Reading ends, whether or not the bytes are a metric.
            #expect(MetricDecoding(bytes).points.count <= all + 1)
        }
    }

    @Test("a decoder of spans counts metrics as left out, as before")
    func spansOnly() throws {
        var decoder = TraceDecoder()
        decoder.decode(Array(try Golden.text("metrics_all_types.json").utf8)) { _ in }
        decoder.finish { _ in }
        #expect(decoder.otherSignalCount == 1 && decoder.takeMetrics().isEmpty)
    }

    @Test("several threads read the same as one", arguments: [0, 1, 4])
    func parallel(workers: Int) throws {
        let folder = TemporaryFolder()
        let line = Self.data("sum", "{\"asInt\":1,\"timeUnixNano\":\"5\"}") + "\n"
        let trace =
            "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\","
            + "\"spanId\":\"b7ad6b7169203331\",\"name\":\"s\"}]}]}]}\n"
        try folder.put("x.jsonl", Array(String(repeating: line + trace, count: 500).utf8))
        var reader = ParallelReader<(spans: Int, points: Int)>(
            make: { (0, 0) },
            add: { count, _ in count.spans += 1 },
            addMetric: { count, metric in count.points += metric.metric.points.count }
        )
        reader.workers = workers
        reader.chunkBytes = 1_000
        var (spans, points) = (0, 0)
        let input = try InputBytes(path: "\(folder.path)/x.jsonl")
        let summary = reader.read(input) { (product) throws(Never) in
            spans += product.spans
            points += product.points
        }.summary
        #expect(spans == 500 && points == 500 && summary.problemCount == 0 && summary.otherSignalCount == 0)
    }
}

/// Makes metrics of every kind.
private enum MetricMaker {
    static func metric(_ number: Int, _ random: inout SplitMix64) -> Metric {
        let kinds: [Metric.Kind] = [
            .gauge, .sum(isMonotonic: true), .sum(isMonotonic: false), .histogram, .exponentialHistogram, .summary,
        ]
        let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
        var metric = Metric(
            "m\(number)" + HostileText.make(&random, 0...6),
            description: HostileText.make(&random, 0...9),
            unit: "s",
            kind: kind
        )
        switch kind {
        case .sum, .histogram, .exponentialHistogram:
            metric.temporality = Bool.random(using: &random) ? .delta : .cumulative
        default: break
        }
        metric.points = (0..<Int.random(in: 1...4, using: &random)).map { place in
            Metric.Point(
                value(kind, &random),
                attributes: [
                    Attribute("n", .int(Int64(place))), Attribute("t", .string(HostileText.make(&random, 0...9))),
                ],
                start: 1_500_000_000 + Int64(place),
                time: 1_800_000_000
            )
        }
        return metric
    }

    private static func value(_ kind: Metric.Kind, _ random: inout SplitMix64) -> Metric.Value {
        func count() -> UInt64 { random.next() >> UInt64.random(in: 30...63, using: &random) }
        let number = Double.random(in: -1e9...1e9, using: &random)
        switch kind {
        case .histogram:
            let edges = [-2.5, 0, 1, 1e9].prefix(Int.random(in: 1...4, using: &random))
            var total: UInt64 = 0
            let cumulative = edges.map { _ in
                total += count()
                return total
            }
            return .histogram(
                ExplicitHistogram(
                    bounds: Array(edges),
                    cumulativeCounts: cumulative,
                    count: total + count(),
                    sum: Bool.random(using: &random) ? number : nil,
                    minimum: Bool.random(using: &random) ? -3 : nil
                )
            )
        case .exponentialHistogram:
            let buckets = (0..<2).map { _ in
                ExponentialDistribution.Buckets(
                    offset: Int.random(in: -4_000...4_000, using: &random),
                    counts: (0..<Int.random(in: 1...30, using: &random)).map { _ in count() }
                )
            }
            let zero = count()
            return .distribution(
                ExponentialDistribution(
                    scale: Int.random(in: -4...20, using: &random),
                    zeroCount: zero,
                    zeroThreshold: Bool.random(using: &random) ? 1e-9 : 0,
                    positive: buckets[0],
                    negative: buckets[1],
                    count: buckets.flatMap(\.counts).reduce(zero, +),
                    sum: Bool.random(using: &random) ? number : nil,
                    maximum: 7
                )
            )
        case .summary:
            return .summary(
                QuantileSummary(quantiles: [.init(0.5, 1), .init(0.99, number)], count: count(), sum: number)
            )
        default:
            return Bool.random(using: &random) ? .int(Int64(bitPattern: random.next())) : .double(number)
        }
    }
}
