import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite("Metrics of instruments in the text format")
struct InstrumentTextTests {
    /// A converter and what it says.
    private final class Converter: Sendable {
        private let said = Locked([String]())

        var lines: [String] { said.withLock { $0 } }

        func metrics(_ metrics: [Metric], besides others: [Metric] = []) -> [Metric] {
            text.metrics(of: metrics, besides: others)
        }

        private let text: InstrumentText

        init() {
            let said = said
            text = InstrumentText { line in said.withLock { $0.append(line) } }
        }
    }

    /// Values in buckets of a scale.
    static func distribution(_ values: [Double], scale: Int = 8, threshold: Double = 0) -> ExponentialDistribution {
        var sides: [[Int: UInt64]] = [[:], [:]]
        var zeroCount: UInt64 = 0
        for value in values {
            guard value.magnitude > threshold else {
                zeroCount += 1
                continue
            }
            // Exact for powers of two, which are the end of a bucket.
            let isPower = value.magnitude.significand == 1
            let place = isPower ? Double(value.magnitude.exponent) : log2(value.magnitude)
            sides[value < 0 ? 1 : 0][Int((place * exp2(Double(scale))).rounded(.up)) - 1, default: 0] += 1
        }
        let buckets = sides.map { side -> ExponentialDistribution.Buckets in
            guard let first = side.keys.min(), let last = side.keys.max() else { return .init() }
            return .init(offset: first, counts: (first...last).map { side[$0] ?? 0 })
        }
        let isPositive = values.allSatisfy { $0 >= 0 }
        return ExponentialDistribution(
            scale: scale,
            zeroCount: zeroCount,
            zeroThreshold: threshold,
            positive: buckets[0],
            negative: buckets[1],
            count: UInt64(values.count),
            sum: isPositive ? values.reduce(0, +) : nil,
            minimum: values.min(),
            maximum: values.max()
        )
    }

    private static func histogram(_ name: String, _ unit: String, _ values: [Double], scale: Int = 8) -> Metric {
        Metric(
            name,
            description: "D.",
            unit: unit,
            kind: .exponentialHistogram,
            points: [Metric.Point(.distribution(distribution(values, scale: scale)))]
        )
    }

    /// One of each kind.
    static let everything: [Metric] = {
        let exemplar = Exemplar(
            .double(0.2),
            time: 5,
            traceID: TraceID(high: 1, low: 2),
            spanID: SpanID(rawValue: 3)
        )
        return [
            Metric(
                "http.server.requests",
                description: "Requests \\ by\nmethod.",
                unit: "{request}",
                kind: .sum(isMonotonic: true),
                points: [
                    Metric.Point(.int(7), attributes: [Attribute("http.request.method", "GET")], exemplars: [exemplar]),
                    Metric.Point(.int(1), attributes: [Attribute("http.request.method", "PUT \"x\"\u{0}")]),
                    Metric.Point(.int(2), attributes: [Attribute("otel.metric.overflow", true)]),
                ]
            ),
            Metric(
                "http.server.request.duration",
                description: "Durations.",
                unit: "s",
                kind: .exponentialHistogram,
                points: [
                    Metric.Point(
                        .distribution(distribution([0, 0.001, 0.25, 0.25, 0.3, 200])),
                        attributes: [Attribute("http.route", "/a"), Attribute("quantile", "x"), Attribute("le", 1)],
                        exemplars: [exemplar]
                    )
                ]
            ),
            Metric(
                "queue.wait",
                description: "",
                unit: "ms",
                kind: .histogram,
                points: [
                    Metric.Point(
                        .histogram(ExplicitHistogram(bounds: [5, 10], cumulativeCounts: [1, 3], count: 4, sum: 31.5)),
                        attributes: [Attribute("queue", "mail")]
                    )
                ]
            ),
            Metric(
                "temperature",
                description: "Degrees.",
                unit: "Cel",
                kind: .gauge,
                points: [
                    Metric.Point(.double(.nan), attributes: [Attribute("room", "a")]),
                    Metric.Point(.double(-.infinity), attributes: [Attribute("room", "b")]),
                    Metric.Point(.double(21.5), attributes: [Attribute("room", "c")]),
                    Metric.Point(.missing, attributes: [Attribute("room", "d")]),
                ]
            ),
            Metric(
                "pool.connections",
                description: "Open.",
                unit: "{connection}",
                kind: .sum(isMonotonic: false),
                points: [Metric.Point(.int(-3))]
            ),
            Metric(
                "drift",
                description: "To either side.",
                unit: "m",
                kind: .exponentialHistogram,
                points: [Metric.Point(.distribution(distribution([-3, -1, 0, 2, 5])))]
            ),
        ]
    }()

    @Test("each kind of instrument as text")
    func golden() throws {
        let converter = Converter()
        let bytes = try ExpositionText.encode(converter.metrics(Self.everything))
        try Golden.expect(String(decoding: bytes, as: UTF8.self), "instruments.prom")
        #expect(converter.lines.isEmpty, "\(converter.lines)")
        for version in ["1.5.0", "1.9.0", "1.11.1"] {
            #expect(ExpositionText.problems(in: bytes, for: NodeExporterVersion(version)!).isEmpty)
        }
    }

    @Test("every count is the number of values up to its edge", arguments: -4...8, [0, 1, 2, 3])
    func exact(scale: Int, seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed) &+ 3)
        let unit = ["s", "By", "", "1"][seed]
        let values = (0..<500).map { _ -> Double in
            let power = exp2(Double.random(in: -25...30, using: &random))
            switch Int.random(in: 0..<8, using: &random) {
            case 0: return power.rounded(.down) == 0 ? 0 : Double(sign: .plus, exponent: power.exponent, significand: 1)
            case 1 where seed % 2 == 1: return -power
            case 2: return 0
            default: return power
            }
        }
        let metrics = Converter().metrics([Self.histogram("x", unit, values, scale: scale)])
        guard case .histogram(let histogram) = metrics.first?.points.first?.value else {
            Issue.record("not a histogram")
            return
        }
        #expect(histogram.bounds.count >= (scale < 0 ? 2 : 21))
        for (edge, count) in zip(histogram.bounds, histogram.cumulativeCounts) {
            #expect(count == UInt64(values.count { $0 <= edge }), "\(edge) at scale \(scale)")
        }
        #expect(histogram.count == 500)
    }

    @Test("the edges of a unit are always the same")
    func edges() {
        func edges(_ values: [Double], _ unit: String, scale: Int) -> [Double] {
            guard
                case .histogram(let histogram) = Converter().metrics([Self.histogram("x", unit, values, scale: scale)])
                    .first?.points.first?.value
            else { return [] }
            return histogram.bounds
        }
        let usual = edges([0.1], "s", scale: 8)
        #expect(usual == HistogramEdges.powersOfTwo.seconds)
        #expect(edges([1e-9, 1e9, 0], "s", scale: 0) == usual)
        #expect(edges([1], "s", scale: -1) == (-10...4).map { exp2(Double($0 * 2)) })
        #expect(edges([1], "s", scale: -10) == [1])
        // With negative values, 0 is another.
        #expect(edges([-1, 1], "s", scale: 8) == [0] + usual)
    }

    @Test("what the format cannot express is left out and logged once; the rest is written")
    func problems() throws {
        func metric(_ name: String, _ kind: Metric.Kind, _ points: [Metric.Point], description: String = "D.") -> Metric
        {
            Metric(name, description: description, unit: "", kind: kind, points: points)
        }
        var delta = metric("d", .sum(isMonotonic: true), [Metric.Point(.int(1))])
        delta.temporality = .delta
        let metrics = [
            delta,
            metric("a.b", .gauge, [Metric.Point(.int(1))]), metric("a_b", .gauge, [Metric.Point(.int(2))]),
            // Registered with another description: other series are written, the same one is not.
            metric("a.b", .gauge, [Metric.Point(.int(3), attributes: [Attribute("k", "v")])], description: "E."),
            metric(
                "c",
                .sum(isMonotonic: true),
                [
                    Metric.Point(.int(2), attributes: [Attribute("x.y", "1")]),
                    Metric.Point(.int(3), attributes: [Attribute("x_y", "1")]),
                ]
            ),
            metric(
                "g",
                .gauge,
                [
                    Metric.Point(.int(2), attributes: [Attribute("x.y", "1")]),
                    Metric.Point(.int(3), attributes: [Attribute("x_y", 1)]),
                ]
            ),
            metric(
                "h",
                .histogram,
                [
                    Metric.Point(
                        .histogram(ExplicitHistogram(bounds: [2, 1], cumulativeCounts: [1, 1], count: 1, sum: 1))
                    )
                ]
            ),
            metric("h_count", .gauge, [Metric.Point(.int(1))]),
            metric("own", .gauge, [Metric.Point(.int(1))]),
            metric("wrong", .gauge, [Metric.Point(.summary(QuantileSummary(quantiles: [], count: 1, sum: 1)))]),
            metric(String(repeating: "n", count: 1_000_000), .gauge, [Metric.Point(.int(1))], description: " \t"),
        ]
        let own = [Metric("own", description: "Ours.", unit: "", kind: .gauge, points: [Metric.Point(.int(9))])]
        let converter = Converter()
        for _ in 0..<3 {
            let text = String(
                decoding: try ExpositionText.encode(own + converter.metrics(metrics, besides: own)),
                as: UTF8.self
            )
            #expect(text.contains("\na_b 1\na_b{k=\"v\"} 3\n"))
            #expect(text.contains("\nc_total{x_y=\"1\"} 5\n"))
            #expect(text.contains("\ng{x_y=\"1\"} 2\n"))
            #expect(text.contains("\nh_count 1\n"))
            #expect(text.contains("own 9\n") && !text.contains("own 1\n"))
            #expect(text.contains("# HELP nnnn") && text.contains("nnn No description.\n"))
            #expect(!text.contains("\nd_total") && !text.contains("wrong"))
        }
        #expect(
            converter.lines == [
                "'d' is left out: it counts since the previous export, and the format needs totals",
                "'a_b' is left out: its name in the text format (a_b) is taken by 'a.b'; rename one of them",
                "'c': several attribute sets become the same labels; their values are added up",
                "'g': several attribute sets become the same labels; only the first of them is written",
                "'h' is left out: h: edges, counts and quantiles must increase, and edges must be finite",
                "'own' is left out: its name in the text format (own) is taken; rename one of them",
                "'wrong' is left out: wrong: a value does not fit the type gauge",
            ],
            "\(converter.lines)"
        )
    }

    @Test("any instruments give a text that every version of node_exporter serves", arguments: 0..<200)
    func anything(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed) &+ 11)
        let kinds: [Metric.Kind] = [
            .gauge, .sum(isMonotonic: true), .sum(isMonotonic: false), .histogram, .exponentialHistogram, .summary,
        ]
        let metrics = (0..<5).map { _ -> Metric in
            let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
            let names = ["a", "a.b", "a_b", "a_count", "A", "", "9", HostileText.make(&random, 0...6)]
            let units = ["", "s", "1", "{x}", "By/s", HostileText.make(&random, 0...4)]
            return Metric(
                names[Int.random(in: 0..<names.count, using: &random)],
                description: HostileText.make(&random, 0...20),
                unit: units[Int.random(in: 0..<units.count, using: &random)],
                kind: kind,
                points: (0..<Int.random(in: 1...4, using: &random)).map { _ in
                    let keys = ["le", "quantile", "__name__", "process", "", HostileText.make(&random, 0...6)]
                    let attributes = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                        Attribute(
                            keys[Int.random(in: 0..<keys.count, using: &random)],
                            .string(HostileText.make(&random, 0...9))
                        )
                    }
                    let number = Double(bitPattern: random.next())
                    let value: Metric.Value =
                        switch kind {
                        case .histogram:
                            .histogram(
                                ExplicitHistogram(
                                    bounds: [-1, number.isFinite ? max(number.magnitude, 2) : 7],
                                    cumulativeCounts: [2, 3],
                                    count: 4,
                                    sum: number
                                )
                            )
                        case .exponentialHistogram:
                            .distribution(
                                Self.distribution([number.isFinite && number.isNormal ? number : 1, 0, 2], scale: 3)
                            )
                        case .summary: .summary(QuantileSummary(quantiles: [.init(0.5, number)], count: 1, sum: number))
                        default: Bool.random(using: &random) ? .int(.min) : .double(number)
                        }
                    return Metric.Point(value, attributes: attributes)
                }
            )
        }
        let bytes = try ExpositionText.encode(Converter().metrics(metrics))
        for version in ["1.5.0", "1.9.0", "1.11.1"] {
            let problems = ExpositionText.problems(in: bytes, for: NodeExporterVersion(version)!)
                .filter(\.outcome.losesSomething)
            #expect(problems.isEmpty, "\(version): \(problems)\n\(String(decoding: bytes, as: UTF8.self))")
        }
    }
}
