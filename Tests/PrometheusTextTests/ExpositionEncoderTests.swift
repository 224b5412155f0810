import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@testable import SpanKitPrometheusText

@Suite("Writing the text format")
struct ExpositionEncoderTests {
    @Test(
        "numbers are written in the shortest form",
        arguments: [
            (0, "0"), (-0.0, "-0"), (1, "1"), (-17, "-17"), (0.1, "0.1"), (1e-5, "1e-05"),
            (0x1p-20, "9.5367431640625e-07"),
            (81.92, "81.92"), (1e15, "1000000000000000"), (0x1p53 - 1, "9007199254740991"), (1e16, "1e+16"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (.leastNonzeroMagnitude, "5e-324"), (.nan, "NaN"),
            (-.nan, "NaN"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"),
        ] as [(Double, String)]
    )
    func numbers(value: Double, text: String) {
        #expect(numberText(value) == text)
    }

    private static let everything: [Metric] = [
        .family(
            "b_seconds",
            .histogram,
            help: "A histogram.\nIts second line, with C:\\dir and \"quotes\".",
            [
                Metric.Point(
                    .histogram(ExplicitHistogram(bounds: [0.5, 1], cumulativeCounts: [1, 3], count: 4, sum: 9.25)),
                    attributes: [Attribute("x", "2")]
                ),
                Metric.Point(
                    .histogram(ExplicitHistogram(bounds: [], cumulativeCounts: [], count: 0, sum: 0)),
                    attributes: [Attribute("z", "3"), Attribute("x", "1")]
                ),
            ]
        ),
        .family(
            "a_seconds",
            .summary,
            help: "A summary.",
            [.init(.summary(QuantileSummary(quantiles: [.init(0.5, .nan), .init(0.99, 2)], count: 0, sum: 0)))]
        ),
        .family(
            "c_total",
            .sum(isMonotonic: true),
            help: "é 🎯",
            [
                Metric.Point(1, ["p": "quote \" backslash \\ line\nfeed tab\t é 🎯", "q": ""]),
                Metric.Point(2, ["p": ""]),
            ]
        ),
        .family("d", help: "No points, no lines.", []),
        .family("e:f", .unknown, help: "Untyped.", [Metric.Point(-.infinity)]),
    ]

    @Test("families and their metrics are sorted, escaped and grouped")
    func golden() throws {
        let text = try encoded(Self.everything)
        try Golden.expect(text, "everything.prom")
        #expect(try encoded(Self.everything.reversed()) == text)
    }

    @Test("written text is read back unchanged")
    func roundTrip() throws {
        let read = try ExpositionText.parse(Array(try encoded(Self.everything).utf8))
        #expect(read.map(\.name) == ["a_seconds", "b_seconds", "c_total", "e:f"])
        #expect(Set(read.flatMap(\.samples).map(\.name)).contains("b_seconds_bucket"))
        for family in Self.everything where !family.points.isEmpty {
            let same = try #require(read.first { $0.name == family.name })
            #expect(same.description == family.description && same.kind == family.kind)
            #expect(same.points.count == family.points.count)
        }
        #expect(try encoded(read) == encoded(Self.everything))
    }

    @Test("no metrics give an empty text, which node_exporter accepts")
    func empty() throws {
        #expect(try ExpositionText.encode([]).isEmpty)
        #expect(try ExpositionText.parse([]).isEmpty)
    }

    @Test("different Unicode spellings are different series")
    func normalization() throws {
        let metrics = ["\u{E9}", "e\u{301}"].map { Metric.Point(1, ["l": $0]) }
        let bytes = try ExpositionText.encode([.family("a", metrics)])
        #expect(ExpositionText.problems(in: bytes).isEmpty)
        #expect(String(decoding: bytes, as: UTF8.self).utf8.count { $0 == UInt8(ascii: "\n") } == 4)
    }

    private static func histogram(_ edges: [Double], _ counts: [UInt64], _ count: UInt64) -> Metric.Point {
        .init(.histogram(ExplicitHistogram(bounds: edges, cumulativeCounts: counts, count: count, sum: 0)))
    }

    private static func summary(_ share: Double) -> Metric.Point {
        .init(.summary(QuantileSummary(quantiles: [.init(share, 1)], count: 0, sum: 0)))
    }

    /// What is not written, and why.
    private static let refused: [([Metric], ExpositionError)] = {
        let (one, two) = (Metric.Point(1), Metric.Point(2))
        let empty = histogram([], [], 0)
        let reserved = Metric.Point(empty.value, attributes: [Attribute("le", "1")])
        let exponential = Metric.Point(.exponentialHistogram(ExponentialHistogram()))
        var refused: [([Metric], ExpositionError)] = []
        refused.append(([.family("a", help: "", [one])], .noDescription(family: "a")))
        refused.append(([.family("a", .histogram, [reserved])], .reservedLabel(family: "a", label: "le")))
        refused.append(([.family("a", [one]), .family("a", [two])], .repeatedFamily("a")))
        refused.append(([.family("a.b", [one]), .family("a_b", [two])], .repeatedFamily("a_b")))
        refused.append(([.family("a", .histogram, [empty]), .family("a_count", [two])], .repeatedFamily("a_count")))
        refused.append(([.family("a", [one, Metric.Point(2, ["x": ""])])], .repeatedSeries(family: "a")))
        refused.append(([.family("a", .histogram, [one])], .wrongValue(family: "a", type: "histogram")))
        refused.append(([.family("a", [empty])], .wrongValue(family: "a", type: "gauge")))
        refused.append(
            ([.family("a", .exponentialHistogram, [exponential])], .wrongValue(family: "a", type: "histogram"))
        )
        let crooked = [
            histogram([1, 1], [1, 2], 2), histogram([1, 2], [2, 1], 2), histogram([1, 2], [1, 3], 2),
            histogram([1, .infinity], [1, 2], 2), histogram([1, 2], [1], 2),
        ]
        for point in crooked { refused.append(([.family("a", .histogram, [point])], .notIncreasing(family: "a"))) }
        refused.append(([.family("a", .summary, [summary(99)])], .notIncreasing(family: "a")))
        return refused
    }()

    @Test("text that node_exporter would drop or misread is not written", arguments: refused)
    func errors(metrics: [Metric], error: ExpositionError) {
        #expect(throws: error) { try ExpositionText.encode(metrics) }
        #expect(!"\(error)".contains("\n"))
    }

    @Test(
        "metric names are mapped by unit and kind, as OpenTelemetry defines",
        arguments: [
            ("otel.sdk.span.started", "{span}", .sum(isMonotonic: true), "otel_sdk_span_started_total"),
            ("otel.sdk.span.live", "{span}", .sum(isMonotonic: false), "otel_sdk_span_live"),
            ("spankit.exporter.body", "By", .sum(isMonotonic: true), "spankit_exporter_body_bytes_total"),
            ("spankit.span.duration", "s", .histogram, "spankit_span_duration_seconds"),
            ("a.seconds", "s", .gauge, "a_seconds"), ("a.bytes.total", "By", .sum(isMonotonic: true), "a_bytes_total"),
            ("a_total", "", .sum(isMonotonic: true), "a_total"), ("a_total", "", .gauge, "a_total"),
            ("load", "1", .gauge, "load_ratio"), ("load", "1", .sum(isMonotonic: true), "load_total"),
            ("rate", "{request}/s", .gauge, "rate_per_second"), ("speed", "m/s", .gauge, "speed_meters_per_second"),
            ("disk", "MiBy{free}", .gauge, "disk_mebibytes"), ("x", "weird.unit", .gauge, "x_weird_unit"),
            ("a..b", "", .gauge, "a_b"), ("9lives", "", .gauge, "_9lives"), ("é:x", "", .unknown, "_:x"),
            ("", "", .gauge, "_"),
        ] as [(String, String, Metric.Kind, String)]
    )
    func familyNames(name: String, unit: String, kind: Metric.Kind, family: String) {
        #expect(MetricName.family(of: Metric(name, description: "h", unit: unit, kind: kind)) == family)
    }

    @Test("attributes become sorted labels without empty ones, and equal names are joined")
    func labels() throws {
        let point = Metric.Point(
            .int(-3),
            attributes: [
                Attribute("b.c", "1"), Attribute("b_c", "2"), Attribute("a", true), Attribute("empty", ""),
                Attribute("__x", 7),
            ]
        )
        let text = try encoded([.family("m", [point])])
        #expect(text.hasSuffix("\nm{_x=\"7\",a=\"true\",b_c=\"1;2\"} -3\n"))
    }

    @Test(
        "attribute keys are mapped as OpenTelemetry defines",
        arguments: [
            ("gen_ai.request.model", "gen_ai_request_model"), ("a..b", "a_b"), ("9lives", "_9lives"), ("__x", "_x"),
            ("é", "_"), ("", "_"), ("http.response.status_code", "http_response_status_code"),
        ]
    )
    func labelNames(key: String, name: String) {
        #expect(MetricName.label(forAttribute: key) == name)
    }
}

@Suite("Edges in labels")
struct EdgeTextTests {
    @Test(
        "edges are written as by Prometheus' libraries",
        arguments: [
            (0.5, "0.5"), (1, "1"), (262_144, "262144"), (999_999, "999999"), (1_000_000, "1e+06"),
            (1_048_576, "1.048576e+06"), (67_108_864, "6.7108864e+07"), (-2_500_000, "-2.5e+06"),
            (1_234_567.25, "1.23456725e+06"),
            (1e10, "1e+10"), (1e21, "1e+21"), (0x1p-20, "9.5367431640625e-07"), (.infinity, "+Inf"),
        ] as [(Double, String)]
    )
    func spelling(number: Double, text: String) {
        #expect(edgeText(number) == text)
    }
}
