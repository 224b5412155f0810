import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Synchronization
import Testing

@testable import SpanKitMetrics

/// A meter with its counts in a file.
private final class FiledMeter {
    let folder = TemporaryFolder()
    let file: MetricFile
    let meter: TelemetryMeter

    init(bytes: Int = 64 << 20, _ configuration: MeterConfiguration = MeterConfiguration()) throws {
        let path = folder.path("metrics")
        file = try #require(
            MetricFile(bytes: bytes, process: [Attribute("service", "test")]) {
                open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
            }
        )
        meter = TelemetryMeter(configuration, log: .silent, recorder: nil, file: file)
    }

    deinit { folder.remove() }

    var bytes: [UInt8] { folder.content(of: "metrics") ?? [] }

    /// What another process would read now.
    func read() throws -> MetricFileReader { try MetricFileReader(bytes) }
}

/// Points by metric and attributes.
private func points(_ metrics: [Metric]) -> [String: Metric.Point] {
    var points: [String: Metric.Point] = [:]
    for metric in metrics {
        for var point in metric.points {
            let name = "\(metric.name) \(metric.unit) \(metric.description) \(metric.kind) \(point.attributes)"
            // NaN is not equal to itself.
            (point.exemplars, point.attributes) = ([], [])
            points[name] = point
        }
    }
    return points
}

@Suite("Counts in a file", .generousTimeLimit)
struct MetricFileTests {
    @Test("another process reads at any moment what the meter collects", arguments: 0..<12)
    func histories(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var configuration = MeterConfiguration()
        configuration.cardinalityLimit = 6
        configuration.views = [
            MetricView(.init(instrumentName: "narrow"), .init(aggregation: .exponentialBuckets(maximumBuckets: 20))),
            MetricView(.init(instrumentName: "summed"), .init(aggregation: .sum)),
        ]
        let run = try FiledMeter(configuration)
        let meter = run.meter
        let counter = meter.counter("counter", unit: "{thing}", description: "things")
        let sum = meter.floatingPointCounter("sum")
        let upDown = meter.upDownCounter("up and down")
        let gauge = meter.gauge("gauge")
        let histograms = [
            meter.histogram("exponential", unit: "s"), meter.histogram("narrow"), meter.histogram("summed"),
            meter.histogram("explicit", buckets: .explicit([-5, 0, 10, 1_000])),
        ]
        for step in 0..<300 {
            // More sets than the limit.
            let place = Int64.random(in: 0..<8, using: &random)
            let attributes: Attributes = ["place": .int(place), "text": .string("päth \(place)"), "nan": .double(.nan)]
            let histogram = histograms[Int.random(in: 0..<4, using: &random)]
            // Powers of two, so that a sum does not depend on the order.
            let value = Double(1 << Int.random(in: 0..<30, using: &random)) * (Bool.random(using: &random) ? 1 : 0.5)
            switch Int.random(in: 0..<16, using: &random) {
            case 0...2: counter.add(Int64.random(in: 0...1 << 41, using: &random), attributes: attributes)
            case 3: sum.add(value, attributes: attributes)
            case 4: upDown.add(Int64.random(in: -9...9, using: &random), attributes: attributes)
            case 5: gauge.set(value, attributes: attributes)
            case 6: counter.with(attributes).reset()
            case 7: counter.with(attributes).remove()
            case 8: histogram.with(attributes).reset()
            case 9: histogram.with(attributes).remove()
            case 10, 11:
                // Enough for histograms of their own, which outlive the threads.
                OperatingSystemThread.run(2) {
                    let series = histogram.with(attributes)
                    for _ in 0..<600 { series.record(value) }
                }
            case 12: histogram.record(-value, attributes: attributes)
            case 13: histogram.record(0, attributes: attributes)
            // Too far from the others for the same buckets.
            case 14: histogram.record(value * 0x1p-90, attributes: attributes)
            default: for _ in 0..<300 { histogram.record(value, attributes: attributes) }
            }
            guard step % 10 == 0 || step == 299 else { continue }
            let left = try run.read()
            #expect(left.lostSeries == 0 && left.outsideCount == 0)
            #expect(points(left.metrics) == points(meter.collect()))
        }
        let left = try run.read()
        #expect(left.processID == getpid() && left.process == [Attribute("service", "test")])
    }

    @Test("the memory of an ended series is reused by others, which see none of its counts")
    func reuse() throws {
        let run = try FiledMeter()
        let histogram = run.meter.histogram("histogram")
        let counter = run.meter.counter("counter")
        var size = 0
        for round in 0..<400 {
            let series = histogram.with(["round": .int(Int64(round))])
            for _ in 0..<300 { series.record(Double(round + 1)) }
            counter.with(["round": .int(Int64(round))]).add(7)
            series.remove()
            counter.with(["round": .int(Int64(round))]).remove()
            if round == 20 { size = run.bytes.count }
        }
        #expect(run.bytes.count == size, "the file does not grow")
        #expect(try run.read().metrics.isEmpty)
        counter.add(1)
        #expect(try points(run.read().metrics) == points(run.meter.collect()))
    }

    @Test(
        "if the file cannot grow, the process loses no count, and the series that the file does not contain are counted"
    )
    func full() throws {
        let run = try FiledMeter(bytes: 1 << 17)
        let counter = run.meter.counter("counter")
        let histogram = run.meter.histogram("histogram")
        counter.add(3)
        for place in 0..<200 {
            for exponent in 0..<20 {
                histogram.record(Double(1 << exponent), attributes: ["place": .int(Int64(place))])
            }
        }
        let collected = points(run.meter.collect())
        #expect(collected.count == 201)
        #expect(collected.values.allSatisfy { $0.value.distribution?.count ?? 20 == 20 })
        #expect(run.file.outsideCount > 0)
        let left = try run.read()
        #expect(left.outsideCount > 0)
        let read = points(left.metrics)
        #expect(read.count < 201 && read.contains { $0.value.value == .int(3) })
        for (name, point) in read { #expect(collected[name] == point) }
    }

    @Test("without a file, nothing is written and all is counted")
    func noFile() throws {
        let file = try #require(MetricFile(process: []) { nil })
        let meter = TelemetryMeter(MeterConfiguration(), log: .silent, recorder: nil, file: file)
        meter.counter("counter").add(2)
        #expect(meter.value("counter") == .int(2))
        #expect(!file.exists && file.outsideCount == 0)
    }

    @Test("a damaged or cut file is read without a crash, and its names and attributes are those that were written")
    func damage() throws {
        var random = SplitMix64(seed: 7)
        let run = try FiledMeter()
        for place in 0..<6 {
            let attributes: Attributes = ["place": .int(Int64(place)), "list": [1, "two", 3.5]]
            run.meter.counter("counter").add(1, attributes: attributes)
            run.meter.gauge("gauge").set(Double(place), attributes: attributes)
            let histogram = run.meter.histogram("histogram")
            for number in 0..<400 { histogram.record(Double(number % 50) + 0.25, attributes: attributes) }
            histogram.record(1e-300, attributes: attributes)
            if place % 3 == 0 { histogram.with(attributes).reset() }
            run.meter.histogram("explicit", buckets: .explicit([1, 2])).record(2, attributes: attributes)
        }
        let whole = run.bytes
        let written = points(try run.read().metrics)
        for round in 0..<FuzzRounds.count / 250 {
            var bytes = whole
            let isCut = round % 4 == 0
            if isCut { bytes.removeLast(Int.random(in: 1...whole.count, using: &random)) }
            for _ in 0..<(isCut ? 0 : Int.random(in: 1...30, using: &random)) where !bytes.isEmpty {
                // Often the first bytes of a block.
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let start = Bool.random(using: &random) ? place & ~127 + Int.random(in: 0..<80, using: &random) : place
                if bytes.indices.contains(start) { bytes[start] = UInt8.random(in: 0...255, using: &random) }
            }
            guard let left = try? MetricFileReader(bytes) else { continue }
            let read = points(left.metrics)
            for (name, point) in read {
                let original = written[name]
                #expect(original != nil, "\(name) was never written")
                if isCut { #expect(original == point) }
            }
            if isCut { #expect(read.count == written.count || left.lostSeries > 0) }
        }
        #expect(throws: MetricFileReader.Problem.unused) { try MetricFileReader([]) }
        #expect(throws: MetricFileReader.Problem.unused) { try MetricFileReader(Array(repeating: 0, count: 9_000)) }
        #expect(throws: MetricFileReader.Problem.damaged) { try MetricFileReader(Array(repeating: 7, count: 9_000)) }
        var other = whole
        other[8] = 9
        #expect(throws: MetricFileReader.Problem.otherFormat(9)) { try MetricFileReader(other) }
    }

    @Test("a reader may look while threads count, and never sees more than was counted")
    func concurrency() throws {
        let run = try FiledMeter()
        let counter = run.meter.counter("counter")
        let histogram = run.meter.histogram("histogram")
        let rounds = 4_000
        let isOver = Locked(false)
        let added = Atomic<Int64>(0)
        OperatingSystemThread.start {
            OperatingSystemThread.run(3) {
                for round in 0..<rounds {
                    added.wrappingAdd(1, ordering: .sequentiallyConsistent)
                    counter.add(1)
                    histogram.record(Double(round + 1))
                }
            }
            isOver.withLock { $0 = true }
        }
        while !isOver.withLock({ $0 }) {
            guard let left = try? run.read(), let metric = left.metrics.first(where: { $0.name == "counter" }) else {
                continue
            }
            guard case .int(let count)? = metric.points.first?.value else { continue }
            #expect(count <= added.load(ordering: .sequentiallyConsistent))
        }
        #expect(try points(run.read().metrics) == points(run.meter.collect()))
    }
}
