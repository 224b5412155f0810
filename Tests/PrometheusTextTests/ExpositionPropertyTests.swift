import SpanKitInputs
import SpanKitOTLP
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite("Properties of the text format")
struct ExpositionPropertyTests {
    private static let kinds: [Metric.Kind] = [.sum(isMonotonic: true), .gauge, .histogram, .summary, .unknown]

    /// Metrics with hostile texts in every place for a text.
    static func families(_ random: inout SplitMix64) -> [Metric] {
        let names = ["a", "b:c", "_d_total", "e_seconds", "f_bytes"]
        return names.prefix(Int.random(in: 1...names.count, using: &random)).map { name in
            let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
            var points: [Metric.Point] = []
            for place in 0..<Int.random(in: 1...6, using: &random) {
                var labels = [Attribute("place", "\(place)")]
                for label in ["l", "M_2", "_n"].prefix(Int.random(in: 0...3, using: &random)) {
                    labels.append(Attribute(label, .string(HostileText.make(&random, 0...12))))
                }
                points.append(Metric.Point(value(kind, &random), attributes: labels))
            }
            // A help that is empty counts as none, and one that begins with a blank loses it.
            let help = "h" + HostileText.make(&random, 0...20) + "."
            // A counter's name gets its end where it has none.
            let end = kind == .sum(isMonotonic: true) && !name.hasSuffix("_total") ? "_total" : ""
            return .family(name + end, kind, help: help, points)
        }
    }

    private static func number(_ random: inout SplitMix64) -> Double {
        switch random.next() % 6 {
        case 0: return .nan
        case 1: return random.next() % 2 == 0 ? .infinity : -.infinity
        case 2: return Double(Int64(bitPattern: random.next()) >> Int64(random.next() % 64))
        case 3: return Double(random.next() % 1_000) / 1_000
        default:
            let any = Double(bitPattern: random.next())
            return any.isNaN ? 0 : any
        }
    }

    private static func value(_ kind: Metric.Kind, _ random: inout SplitMix64) -> Metric.Value {
        switch kind {
        case .sum, .gauge, .unknown:
            return .double(number(&random))
        case .histogram, .exponentialHistogram:
            let edges = Set((0..<(random.next() % 8)).map { _ in number(&random) }.filter(\.isFinite)).sorted()
            // A reader takes counts for numbers, of which a Double holds 53 bits.
            let counts = edges.map { _ in random.next() >> 12 }.sorted()
            let count = (counts.last ?? 0) + random.next() % 100
            return .histogram(
                ExplicitHistogram(bounds: edges, cumulativeCounts: counts, count: count, sum: number(&random))
            )
        case .summary:
            let shares = Set((0..<(random.next() % 5)).map { _ in Double(random.next() % 1_001) / 1_000 }).sorted()
            let quantiles = shares.map { QuantileSummary.Quantile($0, number(&random)) }
            return .summary(QuantileSummary(quantiles: quantiles, count: random.next() >> 12, sum: number(&random)))
        }
    }

    @Test("written text is read back byte for byte", arguments: 0..<400)
    func roundTrip(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let families = Self.families(&random)
        let bytes = try ExpositionText.encode(families)
        #expect(ExpositionText.problems(in: bytes) == [])
        let read = try ExpositionText.parse(bytes)
        let samples = Dictionary(grouping: read.flatMap(\.samples), by: \.name)
        #expect(samples.values.reduce(0) { $0 + $1.count } == families.flatMap(\.samples).count)
        #expect(try ExpositionText.encode(read) == bytes)
        for family in families {
            let same = try #require(read.first { $0.name == family.name })
            #expect(Array(same.description.utf8) == Array(family.description.utf8))
            // NaN equals itself here, and an empty label counts as missing.
            let read = Set(same.points.map { "\($0)" })
            #expect(
                family.points.allSatisfy { point in
                    var point = point
                    point.attributes.removeAll { $0.value == "" }
                    point.attributes.sort { $0.key < $1.key }
                    return read.contains("\(point)")
                }
            )
        }
    }

    @Test("a text truncated within a line is refused", arguments: 0..<4)
    func cut(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let bytes = try ExpositionText.encode(Self.families(&random))
        for end in 1..<bytes.count where bytes[end - 1] != UInt8(ascii: "\n") {
            let problems = ExpositionText.problems(in: Array(bytes[..<end]))
            #expect(problems.contains { $0.outcome == .losesFile })
        }
    }

    @Test("damaged bytes never crash the parser", arguments: 0..<300)
    func damage(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed) &+ 1 << 32)
        var bytes = try ExpositionText.encode(Self.families(&random))
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let special = Array("\"\\{}=,# \n\r\tNeE+-.0_\u{0}".utf8) + [0x80, 0xC3, 0xFF]
            bytes[place] = special[Int.random(in: 0..<special.count, using: &random)]
        }
        let problems = ExpositionText.problems(in: bytes)
        if problems.isEmpty {
            let families = try ExpositionText.parse(bytes)
            #expect(try ExpositionText.parse(try ExpositionText.encode(families)).count == families.count)
        } else {
            #expect(problems.count <= 100)
            let unclear = problems.filter { $0.line <= 0 || $0.column <= 0 || $0.description.contains("\n") }
            #expect(unclear.isEmpty, "\(unclear)")
        }
    }
}
