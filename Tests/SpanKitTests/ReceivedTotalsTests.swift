import SpanKitMetrics
import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKit
@testable import SpanKitShipping

@Suite("What receivers add up is what the program has counted")
struct ReceivedTotalsTests {
    /// What a receiver knows of the total of each route.
    private struct Receiver {
        /// The total and the number of values of each route.
        var totals: [String: Int64] = [:]
        private var last: [String: (start: Int64, value: Int64)] = [:]
        private var deltas: DeltaState?
        let makesDeltas: Bool

        init(makesDeltas: Bool) {
            self.makesDeltas = makesDeltas
            deltas = makesDeltas ? DeltaState(.delta, start: 0) : nil
        }

        mutating func receive(_ metrics: [Metric], now: Int64) {
            let received = deltas?.deltas(of: metrics, now: now) ?? metrics
            for metric in received {
                for point in metric.points {
                    let series = "\(metric.name) \(point.attributes.map(\.value.labelText).joined(separator: " "))"
                    let value = Self.count(point.value)
                    if metric.temporality == .delta {
                        totals[series, default: 0] += value
                        continue
                    }
                    // As OpenTelemetry defines it: with another start, the series starts from zero.
                    let start = point.start ?? 0
                    let before = last[series].flatMap { $0.start == start ? $0.value : nil } ?? 0
                    #expect(value >= before, "\(series) falls from \(before) to \(value)")
                    totals[series, default: 0] += value - before
                    last[series] = (start, value)
                }
            }
        }

        private static func count(_ value: Metric.Value) -> Int64 {
            switch value {
            case .int(let value): value
            case .histogram(let histogram): Int64(histogram.count)
            case .distribution(let distribution): Int64(distribution.count)
            case .double, .summary, .missing: 0
            }
        }
    }

    /// A series of a program: the user is redacted, so that the series of all users of a route become one.
    private struct Key: Hashable {
        var route: Int
        var user: Int

        var attributes: Attributes {
            ["route": .string("/\(route)"), "user": .string("user-\(user)@example.com")]
        }
    }

    @Test(
        "histories with resets, ends and restarts, cumulative and as deltas, redacted and not",
        arguments: 0..<60
    )
    func histories(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let meter = TelemetryMeter(log: .silent)
        let redactor = seed.isMultiple(of: 2) ? Redactor(.standard) : nil
        let sources = (0..<4).map { _ in MeasuredMetrics(meter, takesExemplars: false, redactor) }
        var receivers = (0..<4).map { Receiver(makesDeltas: $0.isMultiple(of: 2)) }
        let counter = meter.counter("c")
        let histogram = meter.histogram("h")
        let explicit = meter.histogram("e", buckets: .explicit([1, 10]))
        var counted: [String: Int64] = [:]
        var now: Int64 = 1
        func collect(_ place: Int, isLast: Bool = false) {
            now += 1
            // As in an outage.
            let takesEnds = isLast || Int.random(in: 0..<3, using: &random) > 0
            let metrics = sources[place].collect(meter, takesEnds: takesEnds) { _, _ in
                Issue.record("nothing is left out")
            }
            // A reader makes no deltas then.
            if takesEnds || !receivers[place].makesDeltas { receivers[place].receive(metrics, now: now) }
        }
        for _ in 0..<400 {
            let key = Key(route: Int.random(in: 0..<2, using: &random), user: Int.random(in: 0..<3, using: &random))
            let attributes = key.attributes
            switch Int.random(in: 0..<10, using: &random) {
            case 0: counter.with(attributes).remove()
            case 1: histogram.with(attributes).remove()
            case 2: explicit.with(attributes).reset()
            case 3: counter.with(attributes).reset()
            case 4, 5: collect(Int.random(in: 0..<4, using: &random))
            default:
                let amount = Int64.random(in: 1...9, using: &random)
                counter.add(amount, attributes: attributes)
                histogram.record(Double(amount), attributes: attributes)
                explicit.record(Double(amount), attributes: attributes)
                for (name, value) in [("c", amount), ("h", 1), ("e", 1)] {
                    counted["\(name) /\(key.route)", default: 0] += value
                }
            }
        }
        for (place, source) in sources.enumerated() {
            source.finish()
            collect(place, isLast: true)
        }
        for receiver in receivers {
            var totals: [String: Int64] = [:]
            for (series, value) in receiver.totals {
                totals[series.split(separator: " ").prefix(2).joined(separator: " "), default: 0] += value
            }
            #expect(totals == counted)
        }
    }
}
