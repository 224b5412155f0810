import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitMetrics

/// What a histogram has to contain, counted in the simplest way.
private struct ExactDistribution {
    var positive: [Int: UInt64] = [:]
    var negative: [Int: UInt64] = [:]
    var zeroCount: UInt64 = 0
    var count: UInt64 = 0
    var sum = 0.0
    /// The sum of all magnitudes, which limits the error of a sum.
    var magnitude = 0.0
    var minimum = Double.infinity
    var maximum = -Double.infinity

    mutating func record(_ value: Double) {
        count += 1
        sum += value
        magnitude += value.magnitude
        minimum = min(minimum, value)
        maximum = max(maximum, value)
        if value == 0 { zeroCount += 1 }
        if value > 0 { positive[Self.index(value), default: 0] += 1 }
        if value < 0 { negative[Self.index(-value), default: 0] += 1 }
    }

    /// The exact index at scale 8. Subnormal numbers belong to the bucket of the smallest normal one.
    static func index(_ value: Double) -> Int {
        let value = max(value, .leastNormalMagnitude)
        let significand = UInt128(value.significandBitPattern | 1 << 52) << 75
        return BucketIndex.index(significand: significand, exponent: Int(value.exponent), scale: 8)
    }

    /// The buckets at a lower scale.
    static func buckets(_ counts: [Int: UInt64], scale: Int) -> [Int: UInt64] {
        var lowered: [Int: UInt64] = [:]
        for (index, count) in counts { lowered[index >> (8 - scale), default: 0] += count }
        return lowered
    }
}

extension ExponentialDistribution.Buckets {
    fileprivate var byIndex: [Int: UInt64] {
        var counts: [Int: UInt64] = [:]
        for (place, count) in self.counts.enumerated() where count > 0 { counts[offset + place] = count }
        return counts
    }
}

private func expectEqual(_ found: ExponentialDistribution, _ exact: ExactDistribution) {
    #expect(found.count == exact.count)
    #expect(found.zeroCount == exact.zeroCount)
    #expect(found.positive.byIndex == ExactDistribution.buckets(exact.positive, scale: found.scale))
    #expect(found.negative.byIndex == ExactDistribution.buckets(exact.negative, scale: found.scale))
    #expect(found.minimum == (exact.count > 0 ? exact.minimum : nil))
    #expect(found.maximum == (exact.count > 0 ? exact.maximum : nil))
    guard exact.negative.isEmpty else {
        #expect(found.sum == nil)
        return
    }
    let sum = found.sum ?? .nan
    #expect(abs(sum - exact.sum) <= exact.magnitude * 1e-9)
}

@Suite("Histograms")
struct HistogramTests {
    let lines = LogLines()
    let meter: TelemetryMeter

    init() { meter = TelemetryMeter(log: lines.log) }

    private func distribution(_ name: String) throws -> ExponentialDistribution {
        try #require(meter.value(name)?.distribution)
    }

    @Test("a histogram has buckets of scale 8, and the exact count, sum, minimum and maximum")
    func simple() throws {
        let histogram = meter.histogram("h", unit: "s")
        for value in [1, 1, 2, 0.5, 3.75, 0] as [Double] { histogram.record(value) }
        #expect(meter.metric("h")?.kind == .exponentialHistogram)
        let found = try distribution("h")
        #expect(found.scale == 8)
        #expect(found.count == 6)
        #expect(found.zeroCount == 1)
        #expect(found.sum == 8.25)
        #expect(found.minimum == 0)
        #expect(found.maximum == 3.75)
        // A power of two is the inclusive upper bound of its bucket.
        #expect(found.positive.byIndex[-1] == 2)
        #expect(found.positive.byIndex[255] == 1)
        #expect(found.positive.byIndex[-257] == 1)
    }

    @Test("an empty histogram has a point without buckets")
    func empty() throws {
        _ = meter.histogram("h").with([:])
        expectEqual(try distribution("h"), ExactDistribution())
        _ = meter.histogram("e", buckets: .explicit([1, 2])).with([:])
        #expect(
            meter.value("e")?.classic == ExplicitHistogram(bounds: [1, 2], cumulativeCounts: [0, 0], count: 0, sum: 0)
        )
    }

    /// Random numbers of one kind, each with its own range.
    private static func numbers(_ kind: Int, _ random: inout SplitMix64) -> Double {
        switch kind {
        case 0: Double.random(in: 0.001...1, using: &random)
        case 1: Double(Int.random(in: -20...20, using: &random))
        case 2: Double.random(in: -1...1, using: &random) * 1e-3
        case 3: Double(bitPattern: UInt64.random(in: 0...0x001F_FFFF_FFFF_FFFF, using: &random))
        case 4: scalbn(1, Int.random(in: -40...20, using: &random))
        case 5: scalbn(1, Int.random(in: -4...4, using: &random)).nextUp
        case 6: scalbn(1, Int.random(in: -4...4, using: &random)).nextDown
        default: Double(bitPattern: UInt64.random(in: .min ... .max, using: &random))
        }
    }

    @Test("random numbers are counted in the right buckets by several threads", arguments: 0..<8)
    func random(kind: Int) throws {
        let histogram = meter.histogram("h").with([:])
        let exact = Locked(ExactDistribution())
        let seeds = Locked<UInt64>(UInt64(kind) * 100)
        let threads = 3
        let perThread = min(FuzzRounds.count, 200_000) / 5
        OperatingSystemThread.run(threads) {
            let seed = seeds.withLock {
                $0 += 1
                return $0
            }
            var random = SplitMix64(seed: seed)
            var own = ExactDistribution()
            var recorded = 0
            while recorded < perThread {
                let value = Self.numbers(kind, &random)
                guard value.isFinite else { continue }
                histogram.record(value)
                own.record(value)
                recorded += 1
            }
            exact.withLock { exact in
                exact.positive.merge(own.positive, uniquingKeysWith: +)
                exact.negative.merge(own.negative, uniquingKeysWith: +)
                exact.zeroCount += own.zeroCount
                exact.count += own.count
                exact.sum += own.sum
                exact.magnitude += own.magnitude
                exact.minimum = min(exact.minimum, own.minimum)
                exact.maximum = max(exact.maximum, own.maximum)
            }
        }
        // The threads have ended. This thread has histograms of its own.
        for value in (0..<600).map({ _ in 0.75 }) {
            histogram.record(value)
            exact.withLock { $0.record(value) }
        }
        expectEqual(try distribution("h"), exact.withLock { $0 })
    }

    @Test("numbers that are very far apart lower the scale, and none is lost")
    func farApart() throws {
        let histogram = meter.histogram("h").with([:])
        var exact = ExactDistribution()
        let values = [1e-300, 1e300, 1, -1e-300, -1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0]
        for value in values + Array(repeating: 1, count: 500) + values {
            histogram.record(value)
            exact.record(value)
        }
        let found = try distribution("h")
        #expect(found.scale == 0)
        expectEqual(found, exact)
        #expect(lines.all.count == 1)
        #expect(
            lines.all.first?.hasPrefix("warning: histogram 'h': numbers that differ by a factor of more than 1.8e19")
                == true
        )
    }

    @Test("a reset stays in effect when a thread ends and its numbers are then counted by octave")
    func resetBeforeEnd() throws {
        let meter = TelemetryMeter(log: lines.log)
        let series = meter.histogram("h").with([:])
        series.record(1e20)
        let step = Monitor(0)
        // Too far from the other number for the histogram that threads share.
        let thread = Thread("far away", isJoined: true) {
            for _ in 0..<1_000 { series.record(1e-5) }
            step.change { $0 = 1 }
            _ = step.wait(until: nil) { $0 == 2 ? true : nil }
            for _ in 0..<10 { series.record(1e-5) }
            series.record(-1e-5)
        }
        _ = step.wait(until: nil) { $0 == 1 ? true : nil }
        series.reset()
        #expect(meter.value("h")?.distribution?.count == 0)
        step.change { $0 = 2 }
        thread?.join()
        let distribution = try #require(meter.value("h")?.distribution)
        #expect(distribution.count == 11)
        #expect(distribution.positive.counts.reduce(0, +) == 10)
        #expect(distribution.negative.counts.reduce(0, +) == 1)
    }

    @Test("explicit buckets have inclusive upper bounds")
    func explicit() throws {
        let bounds = [-1.5, 0, 1, 2.5]
        let histogram = meter.histogram("h", buckets: .explicit(bounds)).with([:])
        var random = SplitMix64(seed: 1)
        var exact = ExactDistribution()
        var counts = [0, 0, 0, 0, 0]
        for index in 0..<5_000 {
            let value = index % 5 == 0 ? bounds[index / 5 % 4] : Double.random(in: -3...4, using: &random)
            histogram.record(value)
            exact.record(value)
            counts[bounds.firstIndex { value <= $0 } ?? 4] += 1
        }
        let found = try #require(meter.value("h")?.classic)
        #expect(found.bucketCounts == counts.map { UInt64($0) })
        #expect(found.count == 5_000)
        #expect(found.minimum == exact.minimum)
        #expect(found.maximum == exact.maximum)
        #expect(found.sum == nil, "the sum of numbers that can be negative is not exported")
    }

    @Test("the counts of a reading add up while threads record, and nothing is lost at the end of a thread")
    func concurrent() throws {
        let series = (0..<3).map {
            meter.histogram("h\($0)", buckets: $0 == 2 ? .explicit([1, 2]) : .exponential).with([:])
        }
        let isOver = Locked(false)
        let perThread = 30_000
        let reader = Locked<[UInt64]>([])
        OperatingSystemThread.start {
            while !isOver.withLock({ $0 }) {
                for metric in meter.collect() {
                    guard let value = metric.points.first?.value else { continue }
                    let count = value.distribution?.count ?? value.classic?.count ?? 0
                    reader.withLock { $0.append(count) }
                }
            }
            isOver.withLock { $0 = false }
        }
        for _ in 0..<4 {
            OperatingSystemThread.run(3) {
                for index in 0..<perThread { for one in series { one.record(Double(index & 1_023)) } }
            }
        }
        isOver.withLock { $0 = true }
        try eventually("the reading thread has ended", isOver.withLock { $0 }) { !$0 }
        for name in ["h0", "h1"] {
            let found = try distribution(name)
            #expect(found.count == UInt64(12 * perThread))
            #expect(found.sum == Double(12 * (0..<perThread).reduce(0) { $0 + ($1 & 1_023) }))
        }
        #expect(meter.value("h2")?.classic?.count == UInt64(12 * perThread))
        #expect(reader.withLock { $0.allSatisfy { $0 <= UInt64(12 * perThread) } })
    }

    @Test("a view sets the buckets, the finest scale and the largest number of buckets")
    func views() throws {
        var configuration = MeterConfiguration()
        configuration.views = [
            MetricView(
                .init(instrumentName: "small"),
                .init(aggregation: .exponentialBuckets(maximumBuckets: 21, recordsMinMax: false))
            ),
            MetricView(.init(instrumentName: "coarse"), .init(aggregation: .exponentialBuckets(maximumScale: 2))),
            MetricView(.init(instrumentName: "explicit"), .init(aggregation: .explicitBuckets([10]))),
        ]
        let meter = TelemetryMeter(configuration, log: lines.log)
        var exact = ExactDistribution()
        for value in 1...1_000 {
            for name in ["small", "coarse", "explicit"] { meter.histogram(name).record(Double(value)) }
            exact.record(Double(value))
        }
        let small = try #require(meter.value("small")?.distribution)
        #expect(small.positive.counts.count == 21)
        #expect(small.scale == 1)
        #expect(small.minimum == nil)
        #expect(small.positive.byIndex == ExactDistribution.buckets(exact.positive, scale: 1))
        #expect(meter.value("coarse")?.distribution?.scale == 2)
        #expect(meter.value("explicit")?.classic?.bucketCounts == [10, 990])
    }
}
