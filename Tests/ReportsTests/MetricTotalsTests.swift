import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import SpanKitTestSupport
import Testing

@Suite("Totals of metric data")
struct MetricTotalsTests {
    private static let counter = Metric.Kind.sum(isMonotonic: true)

    private static func decoded(
        _ points: [Metric.Point],
        kind: Metric.Kind = counter,
        _ temporality: Metric.Temporality = .cumulative,
        instance: String = "1"
    ) -> DecodedMetric {
        DecodedMetric(
            resource: Resource(attributes: [
                Attribute("service.name", "shop"), Attribute("service.instance.id", .string(instance)),
            ]),
            scope: InstrumentationScope(name: "lib"),
            metric: Metric("m", description: "", unit: "", kind: kind, temporality: temporality, points: points)
        )
    }

    private static func point(_ value: Metric.Value, _ start: Int64?, _ time: Int64) -> Metric.Point {
        Metric.Point(value, start: start.map { $0 * 1_000_000_000 }, time: time * 1_000_000_000)
    }

    private static func total(_ read: DecodedMetric...) throws -> MetricTotals.Series {
        var totals = MetricTotals()
        for one in read { totals.add(one) }
        let series = totals.series
        #expect(series.count == 1)
        return try #require(series.first)
    }

    @Test("the last value of a cumulative counter counts, with those before its resets")
    func cumulative() throws {
        let points = [
            Self.point(.int(5), 10, 20), Self.point(.int(9), 10, 30), Self.point(.int(2), 30, 40),
            Self.point(.int(7), 30, 50),
        ]
        for order in [points, points.reversed(), [points[2], points[0], points[3], points[1]]] {
            let series = try Self.total(Self.decoded(order))
            #expect(series.value == .int(16) && series.resetCount == 1)
            // 16 in the 20 s of the first start and the 20 s of the second.
            #expect(series.ratePerSecond == 0.4)
        }
        // A counter that falls was reset, even with the same start or without one.
        for start in [nil, 10] as [Int64?] {
            let fallen = try Self.total(
                Self.decoded([
                    Self.point(.int(5), start, 20), Self.point(.int(3), start, 30), Self.point(.int(4), start, 40),
                ])
            )
            #expect(fallen.value == .int(9) && fallen.resetCount == 1)
        }
    }

    @Test("a rate is over the whole time, also after a value fell and in times without counts")
    func rates() throws {
        let fallen = try Self.total(Self.decoded([Self.point(.int(100), 0, 60), Self.point(.int(10), 0, 120)]))
        #expect(try abs(#require(fallen.ratePerSecond) - 110.0 / 120) < 1e-12)
        let idle = try Self.total(
            Self.decoded([Self.point(.int(1), 0, 60), Self.point(.int(1), 3_540, 3_600)], .delta)
        )
        #expect(idle.ratePerSecond == 2.0 / 3_600)
    }

    @Test("delta points are added up, and a period that was read before is left out")
    func delta() throws {
        let points = [Self.point(.int(5), 10, 20), Self.point(.int(3), 20, 30), Self.point(.int(2), 50, 60)]
        var totals = MetricTotals()
        totals.add(Self.decoded(points, .delta))
        totals.add(Self.decoded(Array(points.prefix(2)), .delta))
        #expect(totals.series.first?.value == .int(10))
        #expect(totals.series.first?.ratePerSecond == 10.0 / 50)
        #expect(totals.repeatedCount == 2)
        #expect(totals.notes.count == 1 && totals.notes[0].contains("2 data points were left out"), "\(totals.notes)")
    }

    @Test("delta and cumulative points of random histories with restarts have the same totals", arguments: 0..<100)
    func histories(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed) &+ 77)
        var cumulative: [Metric.Point] = []
        var delta: [Metric.Point] = []
        var all: Int64 = 0
        var time: Int64 = 100
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let start = time
            var total: Int64 = 0
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let before = time
                time += Int64.random(in: 1...9, using: &random)
                let added = Int64.random(in: 0...50, using: &random)
                total += added
                cumulative.append(Self.point(.int(total), start, time))
                // A delta without measurements is not sent.
                if added > 0 { delta.append(Self.point(.int(added), before, time)) }
            }
            all += total
            time += Int64.random(in: 0...5, using: &random)
        }
        cumulative.shuffle(using: &random)
        delta.shuffle(using: &random)
        #expect(try Self.total(Self.decoded(cumulative)).value == .int(all))
        guard !delta.isEmpty else { return }
        #expect(try Self.total(Self.decoded(delta + delta.prefix(2), .delta)).value == .int(all))
    }

    @Test("counters of several processes are added up; of gauges, the newest value and the range are shown")
    func processes() throws {
        let counted = try Self.total(
            Self.decoded([Self.point(.int(5), 10, 20)]),
            Self.decoded([Self.point(.int(7), 10, 20)], instance: "2")
        )
        #expect(counted.value == .int(12) && counted.processCount == 2 && counted.ratePerSecond == 1.2)
        let measured = try Self.total(
            Self.decoded([Self.point(.double(5), nil, 30)], kind: .gauge),
            Self.decoded([Self.point(.double(7), nil, 20)], kind: .gauge, instance: "2"),
            Self.decoded([Self.point(.double(.nan), nil, 10)], kind: .gauge, instance: "3")
        )
        #expect(measured.value == .double(5) && measured.gaugeRange?.lowest == 5 && measured.gaugeRange?.highest == 7)
    }

    @Test("distributions are merged exactly: at common edges, and at the lower scale")
    func distributions() throws {
        func classic(_ edges: [Double], _ counts: [UInt64], _ count: UInt64) -> Metric.Value {
            .histogram(ExplicitHistogram(bounds: edges, cumulativeCounts: counts, count: count, sum: 1))
        }
        var totals = MetricTotals()
        totals.add(
            Self.decoded(
                [
                    Self.point(classic([1, 2, 4], [1, 2, 3], 4), 10, 20),
                    Self.point(classic([2, 4, 8], [5, 6, 7], 8), 20, 30),
                ],
                kind: .histogram,
                .delta
            )
        )
        #expect(
            totals.series[0].value
                == .histogram(ExplicitHistogram(bounds: [2, 4], cumulativeCounts: [7, 9], count: 12, sum: 2))
        )
        #expect(totals.notes.contains { $0.contains("only bounds that all of them have are used") })

        func exponential(_ scale: Int, _ offset: Int, _ counts: [UInt64]) -> Metric.Value {
            let buckets = ExponentialDistribution.Buckets(offset: offset, counts: counts)
            return .distribution(
                ExponentialDistribution(scale: scale, positive: buckets, count: counts.reduce(0, +), sum: 1)
            )
        }
        let merged = try Self.total(
            Self.decoded(
                [Self.point(exponential(1, -3, [1, 2, 3, 4]), 10, 20), Self.point(exponential(0, 0, [5]), 20, 30)],
                kind: .exponentialHistogram,
                .delta
            )
        )
        // Buckets -3, -2, -1 and 0 of scale 1 are in -2, -1, -1 and 0 of scale 0.
        #expect(
            merged.value
                == .distribution(
                    ExponentialDistribution(
                        scale: 0,
                        positive: .init(offset: -2, counts: [1, 5, 9]),
                        count: 15,
                        sum: 2
                    )
                )
        )
        // Offsets that are far apart must not take memory for all buckets between them.
        let far = try Self.total(
            Self.decoded(
                [
                    Self.point(exponential(20, -2_000_000_000, [1]), 10, 20),
                    Self.point(exponential(20, 2_000_000_000, [1]), 20, 30),
                ],
                kind: .exponentialHistogram,
                .delta
            )
        )
        guard case .distribution(let distribution) = far.value else { return #expect(Bool(false)) }
        #expect(distribution.count == 2 && distribution.positive.counts.count <= 1 << 16)
    }

    @Test("quantiles have the bounds of their bucket", arguments: 0..<60)
    func quantiles(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed) &+ 5)
        let scale = Int.random(in: -2...8, using: &random)
        let values = (0..<Int.random(in: 1...300, using: &random)).map { _ in
            Double.random(in: -1...1, using: &random) * exp2(Double.random(in: -12...12, using: &random))
        }.sorted()
        var sides: [[Int: UInt64]] = [[:], [:]]
        for value in values {
            let index = Int((log2(value.magnitude) * exp2(Double(scale))).rounded(.up)) - 1
            sides[value < 0 ? 1 : 0][index, default: 0] += 1
        }
        let buckets = sides.map { side -> ExponentialDistribution.Buckets in
            guard let first = side.keys.min(), let last = side.keys.max() else { return .init() }
            return .init(offset: first, counts: (first...last).map { side[$0] ?? 0 })
        }
        let quantiles = DistributionQuantiles(
            ExponentialDistribution(
                scale: scale,
                positive: buckets[0],
                negative: buckets[1],
                count: UInt64(values.count),
                sum: nil
            )
        )
        for share in [0, 0.25, 0.5, 0.9, 0.99, 1] {
            let exact = values[max(1, Int((share * Double(values.count)).rounded(.up))) - 1]
            let range = try #require(quantiles.quantile(share))
            #expect(range.lower <= exact && exact <= range.upper, "\(share)")
            #expect(range.lower <= range.estimate && range.estimate <= range.upper)
        }
        #expect((quantiles.largest?.upper ?? 0) >= values[values.count - 1])
    }

    @Test("series beyond the limit are left out and counted")
    func limit() {
        var totals = MetricTotals(limit: 2)
        for number in 0..<5 {
            var point = Self.point(.int(1), 10, 20)
            point.attributes = [Attribute("n", .int(Int64(number)))]
            totals.add(Self.decoded([point]))
        }
        #expect(totals.series.count == 2 && totals.beyondLimitCount == 3)
        #expect(
            totals.notes.first?.contains("3 data points were left out, because there are more than 2 series") == true
        )
    }
}
