import Foundation
import Logging
import SpanKit
import SpanKitScenarios
import SpanKitServer

/// What the scenarios of `SpanKitScenarios` do not measure, because it is particular to SpanKit. Each runs in its own process, so its memory
/// can be measured, and prints `name=number` pairs.
enum ShippingScenario {
    /// The exporter of the library's scenarios: by SpanKit's API, or by swift-distributed-tracing if `SCENARIO_API` is `tracing`.
    static func exporter(to url: String) -> Scenarios.Exporter {
        guard ProcessInfo.processInfo.environment["SCENARIO_API"] == "tracing" else {
            let telemetry = telemetry(to: url)
            let logger = Logger(label: "benchmark") { telemetry.logHandler($0, console: nil) }
            return Scenarios.Exporter(
                record: { record(telemetry.profiler, 1, from: $0) },
                recordLog: { record(logger, $0) },
                shutdown: { await telemetry.shutdown(within: .seconds(30)) }
            )
        }
        let telemetry = Telemetry.bootstrap(
            .environment(["OTEL_EXPORTER_OTLP_ENDPOINT": url]),
            log: .silent,
            logging: .export
        )
        let logger = Logger(label: "benchmark")
        return Scenarios.Exporter(
            recordLog: { record(logger, $0) },
            shutdown: { await telemetry.shutdown(within: .seconds(30)) }
        )
    }

    /// Logs a line with three metadata values.
    private static func record(_ logger: Logger, _ number: Int) {
        logger.info(
            "a message of a usual length",
            metadata: ["number": .stringConvertible(number), "phase": "discovery", "ratio": .stringConvertible(0.5)]
        )
    }

    static func run(_ name: String) -> Never {
        let parts = name.split(separator: "-").map(String.init)
        switch parts[0] {
        case "down": down(millions: Int(parts[1]) ?? 1)
        case "hang": hang()
        case "wait": wait()
        case "tail": tail()
        case "paced": paced()
        default: exit(64)
        }
        exit(0)
    }

    /// Records spans while the receiver is unreachable.
    private static func down(millions: Int) {
        let telemetry = telemetry(to: "http://127.0.0.1:9")
        let before = residentBytes()
        record(telemetry.profiler, millions * 1_000_000, from: 0)
        let counted = telemetry.profiler.statistics(for: "work")?.count ?? 0
        let account = telemetry.shutdownAndWait(within: .seconds(2))
        report(account, ["rss": max(0, peakResidentBytes() - before), "counted": Int(counted)])
    }

    /// Prints the 99th percentile of the time of ten spans, in picoseconds, while the receiver answers and while it hangs.
    ///
    /// Each is the median of ten measurements, because a pause of the machine distorts a single one.
    private static func hang() {
        let quick = SinkProcess(delayMilliseconds: 0)
        let silent = SinkProcess(delayMilliseconds: 60_000)
        let good = telemetry(to: quick.url)
        let bad = telemetry(to: silent.url)
        record(good.profiler, 10_000, from: 0)
        record(bad.profiler, 10_000, from: 0)
        usleep(200_000)
        var goodTimes: [Int] = []
        var badTimes: [Int] = []
        for round in 0..<10 {
            goodTimes.append(p99 { record(good.profiler, 10, from: round) })
            badTimes.append(p99 { record(bad.profiler, 10, from: round) })
        }
        let (goodTime, badTime) = (goodTimes.sorted()[5], badTimes.sorted()[5])
        print("good=\(goodTime) bad=\(badTime)")
        bad.shutdownAndWait(within: .milliseconds(100))
        good.shutdownAndWait(within: .seconds(1))
        quick.stop()
        silent.stop()
    }

    /// Prints the processor time of three seconds of waiting for an answer.
    private static func wait() {
        let receiver = SinkProcess(delayMilliseconds: 4_000)
        let telemetry = telemetry(to: receiver.url)
        record(telemetry.profiler, 2_000, from: 0)
        usleep(300_000)
        let before = processorMicroseconds()
        usleep(3_000_000)
        print("used=\(processorMicroseconds() - before)")
        telemetry.shutdownAndWait(within: .milliseconds(100))
        receiver.stop()
    }

    /// Prints the processor time of writing 400,000 spans in traces of four to `/dev/null`: without tail sampling, with tail
    /// sampling that keeps all, and with one that keeps only errors, which do not occur. Each is the best of 15.
    private static func tail() {
        let kinds: [(name: String, sampling: TailSampling?)] = [
            ("without", nil), ("all", TailSampling(keeping: [.errors, .slowerThanUsual()], otherwise: 1)),
            ("errors", TailSampling(keeping: [.errors], otherwise: 0)),
        ]
        var best: [String: Int] = [:]
        for _ in 0..<15 {
            for (name, sampling) in kinds {
                var configuration = TelemetryConfiguration()
                configuration.exporters = [.linesFile(LinesFileConfiguration(path: "/dev/null"))]
                configuration.tailSampling = sampling
                let telemetry = Telemetry.start(configuration, log: .silent)
                let before = processorMicroseconds()
                for number in 0..<100_000 {
                    telemetry.profiler.profile("request") { span in
                        span.set("number", number)
                        record(telemetry.profiler, 3, from: number)
                    }
                    if number % 10_000 == 0 { telemetry.flushAndWait(within: .seconds(10)) }
                }
                let account = telemetry.shutdownAndWait(within: .seconds(30))
                guard account.isBalanced, account.created == 400_000 else { exit(70) }
                best[name] = min(best[name] ?? .max, processorMicroseconds() - before)
            }
        }
        print(best.map { "\($0)=\($1)" }.joined(separator: " "))
    }

    /// Prints the time of a span, in picoseconds: of 200 spans every 20 ms (the median), and of as many without a pause (the
    /// minimum), with the same exporter.
    private static func paced() {
        let receiver = SinkProcess(delayMilliseconds: 0)
        let telemetry = telemetry(to: receiver.url)
        func time() -> Int {
            Int(ContinuousClock().measure { record(telemetry.profiler, 200, from: 0) } / .nanoseconds(1) * 5)
        }
        record(telemetry.profiler, 10_000, from: 0)
        var times: [Int] = []
        for _ in 0..<250 {
            usleep(20_000)
            times.append(time())
        }
        let hot = (0..<500).map { _ in time() }.min() ?? 0
        print("paced=\(times.sorted()[125]) hot=\(hot)")
        telemetry.shutdownAndWait(within: .seconds(5))
        receiver.stop()
    }

    // MARK: Helpers

    private static func telemetry(to url: String) -> Telemetry {
        Telemetry.start(.environment(["OTEL_EXPORTER_OTLP_ENDPOINT": url]), log: .silent)
    }

    private static func record(_ profiler: PerformanceProfiler, _ count: Int, from first: Int) {
        for number in first..<first + count {
            profiler.profile("work") { span in
                span.set("number", number)
                span.set("phase", "discovery")
                span.set("ratio", 0.5)
            }
        }
    }

    private static func p99(_ body: () -> Void) -> Int {
        let times = (0..<500).map { _ in ContinuousClock().measure(body) / .nanoseconds(1) }.sorted()
        return Int(times[times.count * 99 / 100] * 1_000)
    }

    private static func report(_ account: ShippingAccount, _ more: [String: Int]) {
        guard account.isBalanced, let destination = account.destinations.first else { exit(70) }
        var line = "created=\(account.created) exported=\(destination.exported) dropped=\(destination.droppedCount)"
        line += " undelivered=\(destination.undelivered) requests=\(destination.requests)"
        for (key, value) in more { line += " \(key)=\(value)" }
        print(line)
    }

    private static func residentBytes() -> Int { status("VmRSS:") }
    private static func peakResidentBytes() -> Int { status("VmHWM:") }

    private static func status(_ key: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
        return (line.flatMap { Int($0.split(separator: " ").dropLast().last ?? "") } ?? 0) * 1_024
    }

    private static func processorMicroseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
    }
}
