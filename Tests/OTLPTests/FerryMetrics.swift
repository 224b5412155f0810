import SpanKitOTLP
import SpanKitRecording

/// The metrics of the vector `metrics_all_types`.
enum FerryMetrics {
    private static let (start, later, now): (Int64, Int64, Int64) = (
        1_767_225_600_000_000_000, 1_767_225_650_000_000_000, 1_767_225_660_000_000_000
    )
    private static let overflow = [Attribute("otel.metric.overflow", true)]
    private static let secondBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

    static let all = [
        height, tickets,
        metric("ferry.fuel.burnt", "kg", .sum(isMonotonic: true), .delta, [point(.double(12.5), [], later)]),
        metric(
            "ferry.passengers",
            "{person}",
            .sum(isMonotonic: false),
            .cumulative,
            [point(.int(-3), [Attribute("deck", "sun")])]
        ),
        metric("ferry.ballast.change", "kg", .sum(isMonotonic: false), .delta, [point(.double(-40), [], later)]),
        boarding, waiting, drift, bells, queue,
    ]

    private static func metric(
        _ name: String,
        _ unit: String,
        _ kind: Metric.Kind,
        _ temporality: Metric.Temporality,
        description: String = "",
        _ points: [Metric.Point]
    ) -> Metric {
        Metric(name, description: description, unit: unit, kind: kind, temporality: temporality, points: points)
    }

    private static func point(
        _ value: Metric.Value,
        _ attributes: [Attribute],
        _ start: Int64? = start,
        _ exemplars: [Exemplar] = []
    ) -> Metric.Point {
        Metric.Point(value, attributes: attributes, start: start, time: now, exemplars: exemplars)
    }

    private static func exemplar(_ value: Exemplar.Value, before: Int64, _ filtered: [Attribute] = []) -> Exemplar {
        Exemplar(
            value,
            time: now - before,
            traceID: TraceID(high: 0x6f1e_2d3c_4b5a_6978, low: 0x8796_a5b4_c3d2_e1f0),
            spanID: SpanID(rawValue: 0x1122_3344_5566_7788),
            filteredAttributes: filtered
        )
    }

    private static let height = metric(
        "ferry.tide.height",
        "m",
        .gauge,
        .cumulative,
        description: "Height above chart datum.",
        [
            point(.double(-0.25), [Attribute("gauge", "north")], nil),
            point(
                .int(.min),
                [
                    Attribute("gauge", "south"), Attribute("calibrated", true), Attribute("depth", 3),
                    Attribute("slope", 0.5), Attribute("masts", ["a", "b"]),
                ]
            ),
            point(.missing, [Attribute("gauge", "west")], nil),
            point(
                .double(0),
                [Attribute("gauge", "east")],
                nil,
                [exemplar(.double(0), before: 1, [Attribute("sensor", "s1")])]
            ),
        ]
    )

    private static let tickets = metric(
        "ferry.tickets.sold",
        "{ticket}",
        .sum(isMonotonic: true),
        .cumulative,
        description: "Tickets sold.",
        [
            point(.int(.max), [Attribute("class", "car")], start, [exemplar(.int(1), before: 2)]),
            point(.int(0), [Attribute("class", "foot")]), point(.int(17), overflow),
        ]
    )

    /// A histogram from the counts of its buckets.
    private static func histogram(
        _ counts: [UInt64],
        _ bounds: [Double],
        count: UInt64,
        sum: Double?,
        _ extremes: (Double, Double)? = nil
    ) -> Metric.Value {
        var below: UInt64 = 0
        let cumulative = counts.dropLast().map { count in
            below += count
            return below
        }
        return .histogram(
            ExplicitHistogram(
                bounds: bounds,
                cumulativeCounts: cumulative,
                count: count,
                sum: sum,
                minimum: extremes?.0,
                maximum: extremes?.1
            )
        )
    }

    private static let boarding = metric(
        "ferry.boarding.duration",
        "s",
        .histogram,
        .cumulative,
        description: "Time to board.",
        [
            point(
                histogram(
                    [2, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1],
                    secondBounds,
                    count: 6,
                    sum: 16.3101,
                    (0, 12)
                ),
                [Attribute("gate", "A")],
                start,
                [exemplar(.double(0), before: 10, [Attribute("lane", "0")]), exemplar(.double(0.005), before: 9)]
            ),
            point(
                histogram(
                    [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
                    secondBounds,
                    count: 1,
                    sum: 0.2,
                    (0.2, 0.2)
                ),
                overflow
            ),
        ]
    )

    private static let waiting = metric(
        "ferry.wait.duration",
        "s",
        .histogram,
        .delta,
        [
            point(histogram([3], [], count: 3, sum: 1.5), [], later),
            point(histogram([0, 0], [1], count: 0, sum: 0), [Attribute("gate", "idle")], later),
            point(histogram([1, 0, 1], [-1, 0], count: 2, sum: nil), [Attribute("gate", "drift")], later),
        ]
    )

    private static let drift = metric(
        "ferry.crossing.drift",
        "m",
        .exponentialHistogram,
        .cumulative,
        description: "Off course, to either side.",
        [
            point(
                .distribution(
                    ExponentialDistribution(
                        scale: 3,
                        zeroCount: 3,
                        zeroThreshold: 1e-6,
                        positive: buckets(-11, [0: 1, 10: 1, 11: 1, 23: 1, 24: 1, 42: 1]),
                        negative: buckets(-9, [0: 1, 19: 1, 20: 1]),
                        count: 12,
                        sum: 18.990500001,
                        minimum: -2.6,
                        maximum: 16
                    )
                ),
                [Attribute("route", "outer")],
                start,
                [exemplar(.double(3), before: 5), exemplar(.double(-2.5), before: 4)]
            ),
            point(
                .distribution(
                    ExponentialDistribution(
                        scale: -1,
                        positive: buckets(-1, [0: 1, 1: 1, 2: 1, 5: 1]),
                        count: 4,
                        sum: 1_010,
                        minimum: 1,
                        maximum: 1_000
                    )
                ),
                [Attribute("route", "inner")]
            ),
            point(
                .distribution(
                    ExponentialDistribution(
                        scale: 8,
                        positive: buckets(-2_552, [0: 2, 4: 1]),
                        count: 3,
                        sum: 0.0030101
                    )
                ),
                overflow
            ),
        ]
    )

    private static func buckets(_ offset: Int, _ counts: [Int: UInt64]) -> ExponentialDistribution.Buckets {
        var all = [UInt64](repeating: 0, count: (counts.keys.max() ?? -1) + 1)
        for (place, count) in counts { all[place] = count }
        return .init(offset: offset, counts: all)
    }

    private static let bells = metric(
        "ferry.bell.interval",
        "s",
        .exponentialHistogram,
        .delta,
        [
            point(
                .distribution(
                    ExponentialDistribution(
                        scale: 20,
                        positive: buckets(1_048_575, [0: 1]),
                        count: 1,
                        sum: 2,
                        minimum: 2,
                        maximum: 2
                    )
                ),
                [],
                later
            ),
            point(
                .distribution(ExponentialDistribution(scale: 0, count: 0, sum: nil)),
                [Attribute("bell", "silent")],
                later
            ), point(.missing, [Attribute("bell", "gone")], later),
        ]
    )

    private static let queue = metric(
        "ferry.queue.length",
        "{car}",
        .summary,
        .cumulative,
        description: "Older instruments only.",
        [
            point(
                .summary(
                    QuantileSummary(
                        quantiles: [.init(0, 2), .init(0.5, 4), .init(0.99, 9.5), .init(1, 10)],
                        count: 4,
                        sum: 20
                    )
                ),
                [Attribute("lane", "1")]
            ), point(.summary(QuantileSummary(quantiles: [], count: 0, sum: 0)), [Attribute("lane", "2")]),
        ]
    )
}
