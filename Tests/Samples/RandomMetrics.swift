import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSupport

/// Random metrics of all kinds, with extreme numbers, hostile texts, exemplars and own times.
package enum RandomMetrics {
    /// A metric whose points are valid.
    package static func metric(_ random: inout SplitMix64) -> Metric {
        let kinds: [Metric.Kind] = [
            .gauge, .sum(isMonotonic: true), .sum(isMonotonic: false), .histogram, .exponentialHistogram, .summary,
            .unknown,
        ]
        let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
        return Metric(
            HostileText.make(&random, 1...20),
            description: HostileText.make(&random, 0...20),
            unit: HostileText.make(&random, 0...5),
            kind: kind,
            temporality: Bool.random(using: &random) ? .delta : .cumulative,
            points: (0..<Int.random(in: 0...4, using: &random)).map { number in
                point(kind, number, &random)
            }
        )
    }

    private static func point(_ kind: Metric.Kind, _ number: Int, _ random: inout SplitMix64) -> Metric.Point {
        Metric.Point(
            value(kind, &random),
            attributes: attributes(&random) + [Attribute("series", .int(Int64(number)))],
            start: Bool.random(using: &random) ? Int64.random(in: 1...2_000, using: &random) : nil,
            time: Bool.random(using: &random) ? Int64.random(in: 2_000...(.max), using: &random) : nil,
            exemplars: kind == .summary
                ? [] : (0..<Int.random(in: 0...2, using: &random)).map { _ in exemplar(&random) }
        )
    }

    private static func attributes(_ random: inout SplitMix64) -> [Attribute] {
        (0..<Int.random(in: 0...3, using: &random)).map { number in
            Attribute("\(number)\(HostileText.make(&random, 0...3))", attribute(&random, depth: 0))
        }
    }

    private static func attribute(_ random: inout SplitMix64, depth: Int) -> AttributeValue {
        switch Int.random(in: 0..<(depth < 2 ? 7 : 5), using: &random) {
        case 0: .bool(Bool.random(using: &random))
        case 1: .int(Int64(bitPattern: random.next()))
        case 2: .double(number(&random))
        case 3: .string(HostileText.make(&random, 0...10))
        case 4: .bytes((0..<Int.random(in: 0...5, using: &random)).map { UInt8($0) })
        case 5:
            .array((0..<Int.random(in: 0...3, using: &random)).map { _ in attribute(&random, depth: depth + 1) })
        default:
            .map(
                (0..<Int.random(in: 0...3, using: &random)).map {
                    Attribute("k\($0)", attribute(&random, depth: depth + 1))
                }
            )
        }
    }

    private static func exemplar(_ random: inout SplitMix64) -> Exemplar {
        let hasSpan = Bool.random(using: &random)
        return Exemplar(
            Bool.random(using: &random) ? .int(Int64(bitPattern: random.next())) : .double(number(&random)),
            time: Int64.random(in: 0...(.max), using: &random),
            traceID: hasSpan ? TraceID(high: random.next(), low: random.next() | 1) : .invalid,
            spanID: hasSpan ? SpanID(rawValue: random.next() | 1) : .invalid,
            filteredAttributes: attributes(&random)
        )
    }

    private static func value(_ kind: Metric.Kind, _ random: inout SplitMix64) -> Metric.Value {
        if Int.random(in: 0..<20, using: &random) == 0 { return .missing }
        switch kind {
        case .gauge, .sum, .unknown:
            return Bool.random(using: &random) ? .int(Int64(bitPattern: random.next())) : .double(number(&random))
        case .histogram: return .histogram(classic(&random))
        case .exponentialHistogram: return .distribution(distribution(&random))
        case .summary:
            return .summary(
                QuantileSummary(
                    quantiles: [0, 0.5, 1].prefix(Int.random(in: 0...3, using: &random)).map {
                        .init($0, number(&random))
                    },
                    count: random.next(),
                    sum: number(&random)
                )
            )
        }
    }

    /// A histogram whose counts add up.
    package static func classic(_ random: inout SplitMix64) -> ExplicitHistogram {
        let edges = (0..<Int.random(in: 0...5, using: &random)).map { _ in
            Double.random(in: -1e9...1e9, using: &random)
        }
        var count: UInt64 = 0
        let counts = edges.map { _ in
            count += UInt64.random(in: 0...(1 << 60), using: &random)
            return count
        }
        return ExplicitHistogram(
            bounds: Set(edges).sorted(),
            cumulativeCounts: counts,
            count: count + UInt64.random(in: 0...(1 << 60), using: &random),
            sum: optional(&random),
            minimum: optional(&random),
            maximum: optional(&random)
        )
    }

    /// A distribution whose counts add up.
    package static func distribution(_ random: inout SplitMix64) -> ExponentialDistribution {
        let sides = (0..<2).map { _ in
            ExponentialDistribution.Buckets(
                offset: Int.random(in: -5_000_000...5_000_000, using: &random),
                counts: (0..<Int.random(in: 0...40, using: &random)).map { _ in
                    Bool.random(using: &random) ? 0 : UInt64.random(in: 0...(1 << 50), using: &random)
                }
            )
        }
        let zeros = UInt64.random(in: 0...(1 << 50), using: &random)
        return ExponentialDistribution(
            scale: Int.random(in: -10...20, using: &random),
            zeroCount: zeros,
            zeroThreshold: Bool.random(using: &random) ? 0 : 1e-6,
            positive: sides[0],
            negative: sides[1],
            count: zeros + (sides[0].counts + sides[1].counts).reduce(0, +),
            sum: optional(&random),
            minimum: optional(&random),
            maximum: optional(&random)
        )
    }

    private static func optional(_ random: inout SplitMix64) -> Double? {
        Bool.random(using: &random) ? number(&random) : nil
    }

    private static func number(_ random: inout SplitMix64) -> Double {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: 0
        case 1: -0.0
        case 2: .nan
        case 3: .infinity
        case 4: -.infinity
        case 5: Double(Int.random(in: -100...100, using: &random))
        default: finite(Double(bitPattern: random.next()))
        }
    }

    /// JSON has only one text for every NaN, so the bits of others would be lost.
    private static func finite(_ number: Double) -> Double { number.isNaN ? 0.5 : number }
}
