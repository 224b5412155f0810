import SpanKitOTLP
import SpanKitPercentiles
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Deltas add up to the cumulative values")
struct DeltaStateTests {
    /// A series that a program counts.
    private struct Series {
        var kind: Metric.Kind
        var number: Int
        var start: Int64
        var integer: Int64 = 0
        var double = 0.0
        var histogram = ExponentialHistogram()
        var isCollected = true

        var point: Metric.Point {
            let value: Metric.Value =
                switch kind {
                case .exponentialHistogram: .exponentialHistogram(histogram)
                case .histogram:
                    .histogram(ExponentialDistribution(histogram).classic([0.001, 0.004, 0.25, 1, 64]))
                default: number.isMultiple(of: 2) ? .int(integer) : .double(double)
                }
            return Metric.Point(value, attributes: [Attribute("n", .int(Int64(number)))], start: start)
        }

        mutating func count(_ random: inout SplitMix64) {
            integer += Int64.random(in: 0...1_000, using: &random)
            double += Double.random(in: 0...1, using: &random)
            histogram.record(nanoseconds: random.next() >> UInt64.random(in: 4...63, using: &random))
        }

        mutating func restart(at time: Int64) {
            self = Series(kind: kind, number: number, start: time)
        }
    }

    /// What a receiver knows of a series.
    private struct Received {
        /// The sums of the earlier starts and the value of the last one, of a cumulative stream.
        var earlier: Totals = Totals()
        var last: (start: Int64, totals: Totals)?
        /// The sum of all deltas.
        var deltas = Totals()
        var end: Int64 = 0

        var cumulative: Totals { last.map { earlier.adding($0.totals) } ?? earlier }
    }

    /// A value as something that can be added up and compared.
    private struct Totals: Equatable {
        var integer: Int64 = 0
        var double = 0.0
        var counts: [UInt64] = []
        var distribution: ExponentialDistribution?

        init() {}

        init(_ value: Metric.Value) throws {
            switch value {
            case .int(let number): integer = number
            case .double(let number): double = number
            case .histogram(let histogram):
                counts = [histogram.count] + histogram.cumulativeCounts
                double = try #require(histogram.sum)
            case .distribution(let value):
                distribution = value
                double = try #require(value.sum)
            default: Issue.record("\(value)")
            }
        }

        func adding(_ other: Totals) -> Totals {
            var sum = self
            sum.integer += other.integer
            sum.double += other.double
            sum.counts = zip(counts.isEmpty ? other.counts.map { _ in 0 } : counts, other.counts).map(&+)
            if other.counts.isEmpty { sum.counts = counts }
            if let more = other.distribution { sum.distribution = distribution.map { $0.adding(more) } ?? more }
            return sum
        }

        func isEqual(_ other: Totals) -> Bool {
            let difference = (double - other.double).magnitude
            return integer == other.integer && counts == other.counts
                && difference <= 1e-12 * max(1, double.magnitude)
                && Self.comparable(distribution, other.distribution)
                    == Self.comparable(other.distribution, distribution)
        }

        /// The counts at the lower of both scales.
        private static func comparable(_ one: ExponentialDistribution?, _ other: ExponentialDistribution?) -> String {
            guard let one, let other else { return "\(one?.count ?? 0)" }
            let lowered = one.downscaled(by: max(0, one.scale - other.scale))
            let counts = lowered.positive.counts.enumerated().filter { $0.element > 0 }
                .map { "\($0.offset + lowered.positive.offset):\($0.element)" }
            return "\(one.count) \(one.zeroCount) \(counts)"
        }
    }

    @Test("random histories with resets, restarts and missed collections add up", arguments: 0..<40)
    func histories(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let kinds: [Metric.Kind] = [
            .sum(isMonotonic: true), .sum(isMonotonic: true), .histogram, .exponentialHistogram,
        ]
        var series = (0..<8).map { Series(kind: kinds[$0 % 4], number: $0, start: 1) }
        var received = [Received](repeating: Received(), count: series.count)
        func preparation(_ preference: TemporalityPreference, _ start: Int64) -> MetricPreparation {
            var configuration = MetricReaderConfiguration(OTLPExporter(url: ""))
            configuration.temporality = preference
            configuration.maximumBuckets = Int.random(in: 2...160, using: &random)
            return MetricPreparation(configuration, start: start)
        }
        var cumulative = preparation(.cumulative, 1)
        var deltas = preparation(.delta, 1)
        for step in 1...150 {
            let now = Int64(step) * 10
            for place in series.indices {
                for _ in 0..<Int.random(in: 0...3, using: &random) { series[place].count(&random) }
                if Int.random(in: 0..<20, using: &random) == 0 { series[place].restart(at: now - 5) }
                // Each process reads what it has counted before it ends.
                series[place].isCollected = step % 50 == 49 || Int.random(in: 0..<4, using: &random) > 0
            }
            if step % 50 == 0 {
                // The next process.
                for place in series.indices { series[place].restart(at: now - 5) }
                cumulative = preparation(.cumulative, now - 5)
                deltas = preparation(.delta, now - 5)
            }
            let metrics = kinds.indices.map { kind in
                Metric(
                    "m\(kind)",
                    description: "",
                    unit: "s",
                    kind: kinds[kind],
                    points: series.filter { $0.number % 4 == kind && $0.isCollected }.map(\.point)
                )
            }
            for metric in cumulative.prepare(metrics, now: now, includingDeltas: true) {
                #expect(metric.temporality == .cumulative)
                for point in metric.points {
                    let place = try Self.place(point)
                    let start = try #require(point.start)
                    if let last = received[place].last, last.start != start {
                        received[place].earlier = received[place].cumulative
                    }
                    received[place].last = (start, try Totals(point.value))
                }
            }
            for metric in deltas.prepare(metrics, now: now, includingDeltas: true) {
                #expect(metric.temporality == .delta)
                for point in metric.points {
                    let place = try Self.place(point)
                    #expect(try #require(point.start) >= received[place].end, "periods do not overlap")
                    received[place].end = try #require(point.time)
                    received[place].deltas = received[place].deltas.adding(try Totals(point.value))
                }
            }
            #expect(cumulative.remarks.allSatisfy { !$0.isWarning } && deltas.remarks.allSatisfy { !$0.isWarning })
        }
        for (place, one) in received.enumerated() {
            #expect(one.cumulative.isEqual(one.deltas), "series \(place), seed \(seed): \(one)")
        }
    }

    private static func place(_ point: Metric.Point) throws -> Int {
        let number: Int64? = if case .int(let number)? = point.attributes.first?.value { number } else { nil }
        return Int(try #require(number))
    }

    private func metric(_ kind: Metric.Kind, _ value: Metric.Value, isObservable: Bool = false, start: Int64 = 5)
        -> Metric
    {
        var metric = Metric("m", description: "", unit: "", kind: kind, points: [Metric.Point(value, start: start)])
        metric.isObservable = isObservable
        return metric
    }

    @Test(
        "the preference decides which values are deltas",
        arguments: [
            (TemporalityPreference.cumulative, [false, false, false, false, false]),
            (.delta, [true, true, true, false, false]),
            (.lowMemory, [true, false, true, false, false]),
        ]
    )
    func preferences(preference: TemporalityPreference, expected: [Bool]) {
        let distribution = ExponentialDistribution(scale: 0, zeroCount: 1, count: 1, sum: 0)
        var metrics = [
            metric(.sum(isMonotonic: true), .int(5)), metric(.sum(isMonotonic: true), .int(5), isObservable: true),
            metric(.exponentialHistogram, .distribution(distribution)), metric(.sum(isMonotonic: false), .int(5)),
            metric(.gauge, .int(5)),
        ]
        for place in metrics.indices { metrics[place].name = "m\(place)" }
        var state = DeltaState(preference, start: 1)
        #expect(state.deltas(of: metrics, now: 10).map { $0.temporality == .delta } == expected)
    }

    @Test("a series without new counts has no delta, and its period goes on")
    func idle() {
        var state = DeltaState(.delta, start: 1)
        func step(_ count: Int64, _ now: Int64) -> (value: Metric.Value, start: Int64?)? {
            let point = state.deltas(of: [metric(.sum(isMonotonic: true), .int(count))], now: now).first?.points.first
            return point.map { ($0.value, $0.start) }
        }
        #expect(step(0, 10) == nil)
        #expect(step(3, 20)! == (.int(3), 10))
        #expect(step(3, 30) == nil)
        #expect(step(7, 40)! == (.int(4), 30))
        #expect(step(2, 50)! == (.int(2), 40), "the counter was reset")
    }

    @Test("a histogram that loses its sum, because it got a negative number, is not counted again")
    func lostSum() {
        var state = DeltaState(.delta, start: 1)
        func counts(_ value: Metric.Value, _ kind: Metric.Kind, _ now: Int64) -> [UInt64] {
            state.deltas(of: [metric(kind, value)], now: now).flatMap(\.points).map { point in
                switch point.value {
                case .histogram(let histogram): histogram.count
                case .distribution(let distribution): distribution.count
                default: .max
                }
            }
        }
        func exponential(_ count: UInt64, negative: UInt64, sum: Double?) -> Metric.Value {
            .distribution(
                ExponentialDistribution(
                    scale: 0,
                    zeroCount: 0,
                    positive: .init(offset: 0, counts: [count]),
                    negative: .init(offset: 0, counts: negative == 0 ? [] : [negative]),
                    count: count + negative,
                    sum: sum
                )
            )
        }
        #expect(counts(exponential(1_000, negative: 0, sum: 1_500), .exponentialHistogram, 10) == [1_000])
        #expect(counts(exponential(1_000, negative: 1, sum: nil), .exponentialHistogram, 20) == [1])
        func explicit(_ below: UInt64, _ count: UInt64, sum: Double?) -> Metric.Value {
            .histogram(ExplicitHistogram(bounds: [0], cumulativeCounts: [below], count: count, sum: sum))
        }
        #expect(counts(explicit(0, 1_000, sum: 1_500), .histogram, 30) == [1_000])
        #expect(counts(explicit(1, 1_001, sum: nil), .histogram, 40) == [1])
    }

    @Test(
        "series that a receiver cannot tell apart have deltas of their own, and so has one with NaN in its attributes"
    )
    func equalSeries() {
        var state = DeltaState(.delta, start: 1)
        func deltas(_ first: Int64, _ second: Int64, _ now: Int64) -> [Metric.Value] {
            var one = metric(.sum(isMonotonic: true), .int(first), start: 5)
            one.points[0].attributes = [Attribute("ratio", .double(.nan))]
            var two = metric(.sum(isMonotonic: true), .double(Double(second)), start: 6)
            two.points[0].attributes = one.points[0].attributes
            return state.deltas(of: [one, two], now: now).flatMap(\.points).map(\.value)
        }
        #expect(deltas(100, 7, 10) == [.int(100), .double(7)])
        #expect(deltas(101, 9, 20) == [.int(1), .double(2)])
    }

    @Test("a callback may report whole numbers and others")
    func mixedNumbers() {
        var state = DeltaState(.delta, start: 1)
        func delta(_ value: Metric.Value, _ now: Int64) -> Metric.Value? {
            state.deltas(of: [metric(.sum(isMonotonic: true), value)], now: now).first?.points.first?.value
        }
        #expect(delta(.int(5), 10) == .int(5))
        #expect(delta(.double(5.5), 20) == .double(0.5))
        #expect(delta(.int(8), 30) == .double(2.5))
    }

    @Test("a sum of rounded numbers does not drift, and an unchanged counter sends nothing")
    func rounding() {
        var random = SplitMix64(seed: 3)
        var state = DeltaState(.delta, start: 1)
        var (sum, received) = (0.0, 0.0)
        for step in 0..<20_000 {
            if step % 3 == 0 { sum += Double.random(in: 0...1, using: &random) }
            let delta = state.deltas(of: [metric(.sum(isMonotonic: true), .double(sum))], now: 10 + Int64(step)).first
            guard case .double(let value)? = delta?.points.first?.value else { continue }
            #expect(value > 0)
            received += value
        }
        #expect((received - sum).magnitude <= 2 * sum.ulp, "\(received) \(sum)")
    }

    @Test("exemplars of earlier periods and extremes are not in a delta")
    func windows() {
        var state = DeltaState(.delta, start: 1)
        func reading(_ count: UInt64, _ exemplars: [Int64]) -> Metric {
            var metric = metric(
                .exponentialHistogram,
                .distribution(
                    ExponentialDistribution(
                        scale: 0,
                        zeroCount: count,
                        count: count,
                        sum: 0,
                        minimum: 0,
                        maximum: 0
                    )
                )
            )
            metric.points[0].exemplars = exemplars.map { Exemplar(.int(0), time: $0) }
            return metric
        }
        _ = state.deltas(of: [reading(1, [6])], now: 10)
        let point = state.deltas(of: [reading(2, [6, 15])], now: 20).first?.points.first
        #expect(point?.exemplars.map(\.time) == [15])
        guard case .distribution(let distribution)? = point?.value else {
            Issue.record("no distribution")
            return
        }
        #expect(distribution.count == 1 && distribution.minimum == nil && distribution.maximum == nil)
    }

    @Test("many series that come and go take bounded memory, and what returns is not counted twice")
    func churn() {
        var state = DeltaState(.delta, start: 1)
        var lost = 0
        func reading(_ numbers: Range<Int64>) -> Metric {
            Metric(
                "m",
                description: "",
                unit: "",
                kind: .sum(isMonotonic: true),
                points: numbers.map { number in
                    Metric.Point(.int(100), attributes: [Attribute("n", .int(number))], start: 10 + number / 1_000)
                }
            )
        }
        for step in 0..<15 {
            let numbers = Int64(step) * 1_000..<Int64(step + 1) * 1_000
            _ = state.deltas(of: [reading(numbers)], now: 10 + Int64(step)) { lost += 1 }
        }
        #expect(lost == 0)
        let returned = state.deltas(of: [reading(0..<1_000)], now: 100) { lost += 1 }
        #expect(returned.isEmpty && lost == 1_000)
        #expect(state.deltas(of: [reading(14_000..<15_000)], now: 110) { lost += 1 }.isEmpty && lost == 1_000)
    }

    @Test("a stored state that is read back gives the same deltas as the state itself", arguments: 0..<4)
    func storedState(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let kinds: [Metric.Kind] = [
            .sum(isMonotonic: true), .sum(isMonotonic: true), .histogram, .exponentialHistogram,
        ]
        var series = (0..<8).map { Series(kind: kinds[$0 % 4], number: $0, start: 1) }
        var kept = DeltaState(.delta, start: 1)
        for step in 1...15 {
            for place in series.indices {
                for _ in 0..<Int.random(in: 0...3, using: &random) { series[place].count(&random) }
                if Int.random(in: 0..<9, using: &random) == 0 { series[place].restart(at: Int64(step) * 10 - 5) }
            }
            let metrics = series.map { one in
                Metric("m", description: "", unit: "s", kind: one.kind, points: [one.point])
            }
            var entries = EntryBytes()
            entries.write(kept.attributes)
            let read = entries.storage.withUnsafeBytes { Entries($0).attributes { _ in .empty } }
            var stored = try #require(DeltaState(.delta, read))
            let expected = kept.deltas(of: metrics, now: Int64(step) * 10)
            #expect(stored.deltas(of: metrics, now: Int64(step) * 10) == expected)
        }
    }
}
