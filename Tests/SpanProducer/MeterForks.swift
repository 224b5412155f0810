import CSpanKitFork
import Foundation
import SpanKit
import SpanKitMetrics
import SpanKitPlatform

/// Forks while other threads use instruments as fast as they can, so that some hold a lock of the meter at that moment. Each child counts
/// a little, and checks that its metrics contain nothing of the parent's. At the end, the parent checks that nothing of its own is missing,
/// also in the file of its counts, in which no child has counted.
///
/// As in `BusyForks`, the first fork is after all threads have run some rounds.
enum MeterForks {
    private static let rounds = Rounds()
    private static let added = Locked<Int64>(0)

    static func start() {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let count = Int(arguments[2]) else { exit(64) }
        let path = arguments[3]
        let file = MetricFile(process: []) { open(path, O_RDWR | O_CREAT, 0o600) }
        let meter = TelemetryMeter(MeterConfiguration(), log: .silent, recorder: nil, file: file)
        for _ in 0..<2 {
            rounds.run {
                record(meter, 1)
                added.withLock { $0 += 1 }
            }
        }
        rounds.run { _ = meter.collect() }
        rounds.run {
            let series = meter.histogram("short", buckets: .explicit([1])).with(["key": .int(.random(in: 0..<5))])
            series.record(1)
            series.remove()
        }
        // The parent never collects with this collector, so it still has ended series.
        let collector = meter.makeCollector(takesExemplars: true)
        let ended = meter.counter("ended").with(["key": 1])
        rounds.wait(for: 300)
        ended.add(1)
        ended.remove()
        for number in 1...count {
            let before = UnixTime.nanoseconds()
            let child = spankit_test_fork()
            if child == 0 { check(meter, collector, before...UnixTime.nanoseconds()) }
            let status = ChildEnd.status(of: child)
            guard status == 0 else {
                print("child \(number) of \(count): status \(status)")
                exit(1)
            }
        }
        // The threads still add, so the total is between two readings of their own count.
        let before = added.withLock { $0 }
        guard case .int(let total)? = value(meter.collect(), "counter"), total >= before else { exit(2) }
        guard let left = try? MetricFileReader(path: path), left.processID == getpid() else { exit(3) }
        guard case .int(let stored)? = value(left.metrics, "counter"), stored >= total else { exit(4) }
        guard case .int(let later)? = value(meter.collect(), "counter"), stored <= later else { exit(5) }
        fflush(nil)
        _exit(0)
    }

    private static func record(_ meter: TelemetryMeter, _ value: Double) {
        meter.counter("counter").add(1)
        meter.counter("by key").add(1, attributes: ["key": .int(.random(in: 0..<20))])
        meter.gauge("gauge").set(value)
        for _ in 0..<20 { meter.histogram("histogram").record(Double.random(in: 0..<1_000)) }
        meter.histogram("explicit", buckets: .explicit([1, 10])).record(value)
    }

    private static func value(_ metrics: [Metric], _ name: String) -> Metric.Value? {
        metrics.first { $0.name == name }?.points.first?.value
    }

    /// - Parameter fork: the time of the fork, at which everything starts in the child.
    private static func check(_ meter: TelemetryMeter, _ collector: MetricCollector, _ fork: ClosedRange<Int64>)
        -> Never
    {
        alarm(300)
        let metrics = meter.collect(for: collector)
        guard metrics.allSatisfy({ $0.kind != .gauge && $0.name != "ended" }) else { _exit(10) }
        for metric in metrics {
            for point in metric.points {
                guard count(point.value) == 0, let start = point.start, fork.contains(start) else { _exit(11) }
            }
        }
        for _ in 0..<600 { record(meter, 3) }
        let later = meter.collect()
        func total(_ name: String) -> UInt64 {
            later.filter { $0.name == name }.flatMap(\.points).map { count($0.value) }.reduce(0, +)
        }
        guard total("counter") == 600, total("by key") == 600 else { _exit(12) }
        guard total("histogram") == 12_000, total("explicit") == 600 else { _exit(13) }
        guard case .double(3)? = value(meter.collect(), "gauge") else { _exit(14) }
        _exit(0)
    }

    private static func count(_ value: Metric.Value) -> UInt64 {
        switch value {
        case .int(let count): UInt64(count)
        case .distribution(let distribution): distribution.count
        case .histogram(let histogram): histogram.count
        default: 0
        }
    }
}
