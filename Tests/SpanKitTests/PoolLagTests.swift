import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKit

@Suite("Lag of Swift's thread pool", .generousTimeLimit)
struct PoolLagTests {
    /// A pool that runs no job before it is told to.
    private final class StoppedPool: Sendable {
        private let jobs = Locked<[@Sendable () -> Void]>([])
        var count: Int { jobs.withLock { $0.count } }
        func enqueue(_ job: @escaping @Sendable () -> Void) { jobs.withLock { $0.append(job) } }
    }

    private static func readings(_ meter: TelemetryMeter) -> (count: UInt64, sum: Double, current: Double?) {
        let metrics = meter.collect()
        let lag = metrics.first { $0.name == "spankit.pool.lag" }?.points.first?.value
        let current = metrics.first { $0.name == "spankit.pool.lag.current" }?.points.first?.value
        var (count, sum): (UInt64, Double) = (0, 0)
        if case .distribution(let distribution) = lag { (count, sum) = (distribution.count, distribution.sum ?? 0) }
        if case .double(let value) = current { return (count, sum, value) }
        return (count, sum, nil)
    }

    @Test("one job at a time waits for the pool, and the wait so far is visible while it lasts")
    func waiting() {
        let pool = StoppedPool()
        let lines = Locked<[String]>([])
        let meter = TelemetryMeter(log: .silent)
        let lag = PoolLag(
            PoolLagConfiguration(),
            meter,
            ProfilerLog { _, line in lines.withLock { $0.append(line) } },
            enqueue: pool.enqueue
        )
        lag.measure(at: 1_000_000_000)
        lag.measure(at: 1_200_000_000)
        #expect(pool.count == 1 && Self.readings(meter).current == 0.2 && lines.withLock { $0 } == [])
        lag.measure(at: 1_700_000_000)
        #expect(pool.count == 1 && Self.readings(meter).current == 0.7 && Self.readings(meter).count == 0)
        #expect(
            lines.withLock { $0 } == [
                "Swift's thread pool has started no job for 700 ms (threshold 500 ms), because tasks block its threads; "
                    + "move blocking calls to threads of their own"
            ]
        )
        lag.started(at: 3_000_000_000)
        #expect(Self.readings(meter) == (1, 2, 2))
        // The next job is another one, and a second warning within a minute is left out.
        lag.measure(at: 4_000_000_000)
        lag.started(at: 5_000_000_000)
        #expect(pool.count == 2 && Self.readings(meter) == (2, 3, 1))
        #expect(lines.withLock { $0.count } == 1)
    }

    @Test("without a threshold, nothing is logged")
    func silent() {
        var configuration = PoolLagConfiguration()
        configuration.warnThreshold = nil
        let lines = Locked<[String]>([])
        let lag = PoolLag(
            configuration,
            TelemetryMeter(log: .silent),
            ProfilerLog { _, line in lines.withLock { $0.append(line) } },
            enqueue: { _ in }
        )
        lag.measure(at: 0)
        lag.started(at: 3_600_000_000_000)
        #expect(lines.withLock { $0 } == [])
    }

    @Test("the variable adds the lag to the metrics")
    func measured() async throws {
        var configuration = TelemetryConfiguration.environment(["SPANKIT_POOL_LAG": "true"])
        configuration.exporters = []
        configuration.shutsDownAtExit = false
        #expect(TelemetryConfiguration.environment(["SPANKIT_POOL_LAG": "false"]).poolLag == nil)
        configuration.poolLag?.interval = .milliseconds(1)
        let telemetry = Telemetry.start(configuration, log: .silent)
        try await eventually("the lag was measured twice", Self.readings(telemetry.metrics).count) { $0 >= 2 }
        await telemetry.shutdown(within: .generous)
    }
}
