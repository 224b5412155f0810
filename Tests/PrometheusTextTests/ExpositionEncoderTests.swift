import Inputs
import TestSupport
import Testing

@testable import PrometheusText

@Suite("Writing the text format")
struct ExpositionEncoderTests {
    @Test(
        "numbers are the shortest that read back the same",
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

    private static let everything = [
        MetricFamily(
            name: "b_seconds",
            help: "A histogram.\nIts second line, with C:\\dir and \"quotes\".",
            type: .histogram,
            metrics: [
                Metric(
                    labels: [MetricLabel("x", "2")],
                    .histogram(ClassicHistogram(edges: [0.5, 1], cumulativeCounts: [1, 3], count: 4, sum: 9.25))
                ),
                Metric(
                    labels: [MetricLabel("z", "3"), MetricLabel("x", "1")],
                    .histogram(ClassicHistogram(edges: [], cumulativeCounts: [], count: 0, sum: 0))
                ),
            ]
        ),
        MetricFamily(
            name: "a_seconds",
            help: "A summary.",
            type: .summary,
            metrics: [
                Metric(.summary(QuantileSummary(quantiles: [.init(0.5, .nan), .init(0.99, 2)], count: 0, sum: 0)))
            ]
        ),
        MetricFamily(
            name: "c_total",
            help: "é 🎯",
            type: .counter,
            metrics: [
                Metric(
                    labels: [MetricLabel("p", "quote \" backslash \\ line\nfeed tab\t é 🎯"), MetricLabel("q", "")],
                    1
                ),
                Metric(labels: [MetricLabel("p", "")], 2),
            ]
        ),
        MetricFamily(name: "d", help: "No metrics, no lines.", type: .gauge, metrics: []),
        MetricFamily(name: "e:f", help: "Untyped.", type: .untyped, metrics: [Metric(-.infinity)]),
    ]

    @Test("families and their metrics are sorted, escaped and grouped")
    func golden() throws {
        let text = try encoded(Self.everything)
        try Golden.expect(text, "everything.prom")
        #expect(try encoded(Self.everything.reversed()) == text)
    }

    @Test("what was written reads back the same")
    func roundTrip() throws {
        let read = try ExpositionText.parse(Array(try encoded(Self.everything).utf8))
        #expect(read.map(\.name) == ["a_seconds", "b_seconds", "c_total", "e:f"])
        #expect(Set(read.flatMap(\.samples).map(\.name)).contains("b_seconds_bucket"))
        for family in Self.everything where !family.metrics.isEmpty {
            let same = try #require(read.first { $0.name == family.name })
            #expect(same.help == family.help && same.type == family.type)
            #expect(same.metrics.count == family.metrics.count)
            #expect(family.metrics.allSatisfy { same.metrics.contains($0) })
        }
    }

    @Test("nothing gives no text, which is a file that node_exporter takes")
    func empty() throws {
        #expect(try ExpositionText.encode([]).isEmpty)
        #expect(try ExpositionText.parse([]).isEmpty)
    }

    @Test("two spellings of one letter are two series")
    func normalization() throws {
        let metrics = ["\u{E9}", "e\u{301}"].map { Metric(labels: [MetricLabel("l", $0)], 1) }
        let bytes = try ExpositionText.encode([MetricFamily(name: "a", help: "h", type: .gauge, metrics: metrics)])
        #expect(ExpositionText.problems(in: bytes).isEmpty)
        #expect(String(decoding: bytes, as: UTF8.self).utf8.count { $0 == UInt8(ascii: "\n") } == 4)
    }

    private static func family(
        _ name: String = "a",
        _ type: MetricType = .gauge,
        _ metrics: Metric...
    ) -> MetricFamily {
        MetricFamily(name: name, help: "h", type: type, metrics: metrics)
    }

    private static func histogram(_ edges: [Double], _ counts: [UInt64], _ count: UInt64) -> Metric {
        Metric(.histogram(ClassicHistogram(edges: edges, cumulativeCounts: counts, count: count, sum: 0)))
    }

    @Test(
        "what node_exporter would lose or misread is not written",
        arguments: [
            ([family("a.b", .gauge, Metric(1))], .invalidName("a.b")),
            ([family("", .gauge, Metric(1))], .invalidName("")),
            ([family("1a", .gauge, Metric(1))], .invalidName("1a")),
            ([family("ä", .gauge, Metric(1))], .invalidName("ä")),
            (
                [family("a", .gauge, Metric(labels: [MetricLabel("__x", "1")], 1))],
                .invalidLabel(family: "a", label: "__x")
            ),
            (
                [family("a", .gauge, Metric(labels: [MetricLabel("x.y", "1")], 1))],
                .invalidLabel(family: "a", label: "x.y")
            ),
            (
                [
                    family(
                        "a",
                        .histogram,
                        Metric(
                            labels: [MetricLabel("le", "1")],
                            .histogram(ClassicHistogram(edges: [], cumulativeCounts: [], count: 0, sum: 0))
                        )
                    )
                ],
                .invalidLabel(family: "a", label: "le")
            ),
            (
                [family("a", .gauge, Metric(labels: [MetricLabel("x", "1"), MetricLabel("x", "2")], 1))],
                .repeatedLabel(family: "a", label: "x")
            ),
            ([family("a", .gauge, Metric(1)), family("a", .gauge, Metric(2))], .repeatedFamily("a")),
            (
                [family("a", .histogram, histogram([], [], 0)), family("a_count", .gauge, Metric(2))],
                .repeatedFamily("a_count")
            ),
            ([family("a", .gauge, Metric(1), Metric(labels: [MetricLabel("x", "")], 2))], .repeatedSeries(family: "a")),
            ([family("a", .histogram, Metric(1))], .wrongValue(family: "a", type: .histogram)),
            ([family("a", .counter, histogram([], [], 0))], .wrongValue(family: "a", type: .counter)),
            ([family("a", .histogram, histogram([1, 1], [1, 2], 2))], .notIncreasing(family: "a")),
            ([family("a", .histogram, histogram([1, 2], [2, 1], 2))], .notIncreasing(family: "a")),
            ([family("a", .histogram, histogram([1, 2], [1, 3], 2))], .notIncreasing(family: "a")),
            ([family("a", .histogram, histogram([1, .infinity], [1, 2], 2))], .notIncreasing(family: "a")),
            ([family("a", .histogram, histogram([1, 2], [1], 2))], .notIncreasing(family: "a")),
            (
                [family("a", .summary, Metric(.summary(QuantileSummary(quantiles: [.init(99, 1)], count: 0, sum: 0))))],
                .notIncreasing(family: "a")
            ),
        ] as [([MetricFamily], MetricFamilyError)]
    )
    func errors(families: [MetricFamily], error: MetricFamilyError) {
        #expect(throws: error) { try ExpositionText.encode(families) }
        #expect(!"\(error)".contains("\n"))
    }

    @Test(
        "attribute keys become label names as OpenTelemetry maps them",
        arguments: [
            ("gen_ai.request.model", "gen_ai_request_model"), ("a..b", "a_b"), ("9lives", "_9lives"), ("__x", "_x"),
            ("é", "_"), ("", "_"), ("http.response.status_code", "http_response_status_code"),
        ]
    )
    func labelNames(key: String, name: String) {
        #expect(MetricName.label(forAttribute: key) == name)
        #expect(MetricName.isValidLabel(name))
    }
}
