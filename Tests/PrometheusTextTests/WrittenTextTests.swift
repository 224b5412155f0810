import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitTestSupport
import Testing

/// The writer does not read its own text back. These tests show instead that whatever it is given, the text passes the full checker.
@Suite("Written text passes the checker")
struct WrittenTextTests {
    private static let versions = ["1.5.0", "1.9.0", "1.11.1"]

    /// A name with hostile characters, or one that is nearly valid.
    private static func name(_ random: inout SplitMix64) -> String {
        let nearly = [
            "", "a", "_", "__", "a__b", "9a", "a9", "le", "quantile", "a.b", "a:b", "process", "a_total", "é",
        ]
        return Bool.random(using: &random)
            ? nearly[Int.random(in: 0..<nearly.count, using: &random)] : HostileText.make(&random, 0...6)
    }

    private static func value(_ random: inout SplitMix64) -> AttributeValue {
        switch Int.random(in: 0..<7, using: &random) {
        case 0: .bool(Bool.random(using: &random))
        case 1: .int(Int64(bitPattern: random.next()))
        case 2: .double(Double(bitPattern: random.next()))
        case 3: .array([.string(HostileText.make(&random, 0...4)), .null])
        case 4: .bytes([1, 2])
        case 5: .null
        default: .string(HostileText.make(&random, 0...200))
        }
    }

    private static func attributes(_ random: inout SplitMix64, _ count: ClosedRange<Int>) -> [Attribute] {
        (0..<Int.random(in: count, using: &random)).map { _ in Attribute(name(&random), value(&random)) }
    }

    private static func metric(_ random: inout SplitMix64) -> Metric {
        let kinds: [Metric.Kind] = [.gauge, .sum(isMonotonic: true), .sum(isMonotonic: false), .unknown]
        let units = ["", "s", "By", "1", "{span}", "By/s", "{a}/{b}", HostileText.make(&random, 0...4)]
        return Metric(
            name(&random),
            description: HostileText.make(&random, 0...20),
            unit: units[Int.random(in: 0..<units.count, using: &random)],
            kind: kinds[Int.random(in: 0..<kinds.count, using: &random)],
            points: (0..<Int.random(in: 0...4, using: &random)).map { _ in
                let number = Double(bitPattern: random.next())
                let value: Metric.Value = Bool.random(using: &random) ? .int(.min) : .double(number)
                return Metric.Point(value, attributes: attributes(&random, 0...4))
            }
        )
    }

    @Test("metrics with any names, labels and values are written correctly or refused", arguments: 0..<600)
    func anyMetrics(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed) &+ 7 << 40)
        let metrics = (0..<Int.random(in: 1...3, using: &random)).map { _ in Self.metric(&random) }
        guard let bytes = try? ExpositionText.encode(metrics) else { return }
        for version in Self.versions {
            let version = try #require(NodeExporterVersion(version))
            #expect(ExpositionText.problems(in: bytes, for: version) == [], "\(metrics)")
        }
        let read = try ExpositionText.parse(bytes)
        #expect(read.flatMap(\.points).count == metrics.flatMap(\.points).count)
        #expect(try ExpositionText.encode(metrics.reversed()) == bytes)
    }

    @Test("the file of any operations, attributes and process name passes the checker", arguments: 0..<150)
    func anyOperations(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed) &+ 9 << 40)
        var configuration = SpanMetrics.Configuration()
        configuration.constantLabels = Self.attributes(&random, 0...3)
        configuration.maximumLabelSets = Int.random(in: 0...6, using: &random)
        configuration.quantiles = (0..<3).map { _ in Double.random(in: -1...2, using: &random) }
        let metrics = SpanMetrics(configuration)
        let series = (0..<8).map { _ in
            let name = Self.name(&random)
            let durations = (0..<5).map { _ in random.next() >> (random.next() % 63) }
            let keys = (0..<(random.next() % 3)).map { _ in (Self.name(&random), HostileText.make(&random, 0...5)) }
            return SpanSeries(
                SpanMetricsTests.snapshot(name, durations, errors: random.next() % 9),
                attributes: Dictionary(keys) { first, _ in first }
            )
        }
        let folder = TemporaryFolder()
        let writer = TextfileWriter(
            .init(directory: folder.path, processName: HostileText.make(&random, 0...9)),
            log: { _ in },
            collect: { metrics.metrics(of: series, window: Array(series.prefix(4))) }
        )
        // The second text is written with the labels that the first one remembered.
        for _ in 0..<2 {
            #expect(writer.writeNow(), "\(writer.statistics.lastFailure ?? "")")
            let path = try #require(writer.statistics.path)
            let bytes = try #require(folder.content(of: String(path.dropFirst(folder.path.count + 1))))
            #expect(ExpositionText.problems(in: bytes) == [])
            #expect(!bytes.isEmpty)
        }
        writer.stop(within: .seconds(1))
    }

    @Test("blanks before a description and carriage returns after it are left out; one of only blanks is refused")
    func descriptions() throws {
        let text = try encoded([.family("a", .gauge, help: " \t a \r b \r\r", [.init(1)])])
        #expect(text.hasPrefix("# HELP a a \r b \n"))
        for help in ["", " ", "\t \r", "\r"] {
            #expect(throws: ExpositionError.noDescription(family: "a")) {
                try encoded([.family("a", .gauge, help: help, [.init(1)])])
            }
        }
    }

    @Test("label names are made valid once", arguments: 0..<300)
    func labelNames(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed) &+ 11 << 40)
        let name = MetricName.label(forAttribute: Self.name(&random))
        #expect(name.utf8.allSatisfy(MetricName.isNameByte) && !name.isEmpty && !name.contains("__"))
        #expect(name.utf8.first.map(MetricName.isDigit) == false)
        #expect(MetricName.label(forAttribute: name) == name)
    }

    @Test("whole numbers are written with all digits")
    func wholeNumbers() throws {
        var numbers: [UInt64] = [0, .max, .max - 1]
        var power: UInt64 = 1
        for _ in 0..<19 {
            power *= 10
            numbers += [power - 1, power, power + 1]
        }
        for number in numbers {
            let histogram = ExplicitHistogram(bounds: [], cumulativeCounts: [], count: number, sum: 0)
            let text = try encoded([.family("h", .histogram, [.init(.histogram(histogram))])])
            #expect(text.contains("h_count \(number)\n"))
        }
    }
}
