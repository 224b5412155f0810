import SpanKitConcurrency
import SpanKitPlatform

/// Blocks a thread in a span until it is reported, then the whole pool, and prints what was logged and counted.
enum Blocked {
    static func run() async {
        var times = TaskTimesConfiguration()
        times.blockedThreadThreshold = .milliseconds(20)
        let measured = Measured(times)
        await measured.begins()
        let isReported = Locked(false)
        _ = Thread("watch") {
            while !measured.logged.contains(where: { $0.contains("has kept its thread") }) { usleep(2_000) }
            isReported.withLock { $0 = true }
        }
        await Task.detached {
            measured.profiler.profile("GET /report") { while !isReported.withLock({ $0 }) { usleep(1_000_000) } }
        }.value
        for line in measured.logged { print(line) }
        for metric in measured.telemetry.metrics.collect() where metric.name == "spankit.blocked_threads" {
            for point in metric.points {
                print("counted: \(point.attributes.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " "))")
            }
        }
        for metric in measured.telemetry.metrics.collect() where metric.name.hasPrefix("spankit.span.") {
            print("histogram: \(metric.name)")
        }
    }
}
