import CSpanKit
import SpanKitMetrics
import SpanKitPlatform
import SpanKitRecording

/// How to measure the time that a job waits for Swift's thread pool (``TelemetryConfiguration/poolLag``).
public struct PoolLagConfiguration: Sendable, Equatable {
    /// The time between two measurements, 100 ms by default and at least 1 ms.
    public var interval = Duration.milliseconds(100)
    /// The wait above which a warning is logged, at most once a minute; 500 ms by default. Nil logs none.
    public var warnThreshold: Duration? = .milliseconds(500)

    /// Creates the default settings.
    public init() {}
}

/// Measures how long a job waits until Swift's thread pool starts it.
///
/// A thread of its own gives the pool an empty job at an interval, and records the time until the job runs in the histogram
/// `spankit.pool.lag`. While a job waits, no other is given to the pool. The gauge `spankit.pool.lag.current` is the wait of that job so
/// far, or else the last lag, so that it also shows a pool that runs no job at all.
///
/// All methods are thread-safe.
final class PoolLag: Sendable {
    private struct State {
        /// The monotonic time at which the waiting job was given to the pool; nil if none waits.
        var since: UInt64?
        var isReported = false
    }

    private let configuration: PoolLagConfiguration
    private let lag: HistogramInstrument
    private let current: GaugeInstrument
    private let log: ProfilerLog
    private let enqueue: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let state = Locked(State())
    private let limit = WarningLimit(lines: 1, milliseconds: 60_000)

    /// - Parameter enqueue: Gives a job to the pool.
    init(
        _ configuration: PoolLagConfiguration,
        _ meter: TelemetryMeter,
        _ log: ProfilerLog,
        enqueue: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = { job in Task.detached { job() } }
    ) {
        self.configuration = configuration
        self.log = log
        self.enqueue = enqueue
        lag = meter.histogram(
            "spankit.pool.lag",
            unit: "s",
            description: "Time that a job waited until Swift's thread pool started it."
        )
        current = meter.gauge(
            "spankit.pool.lag.current",
            unit: "s",
            description:
                "Time that the job which waits for Swift's thread pool has waited so far; the last lag if none waits."
        )
    }

    /// Starts the measurements; nil if the system cannot create a thread.
    func start() -> PeriodicThread? {
        let thread = PeriodicThread("spankit-pool", every: configuration.interval) { [self] isLast in
            if !isLast { measure(at: spankit_monotonic_nanoseconds()) }
        }
        guard !thread.start() else { return thread }
        log(.warning, "the system cannot create a thread, so the lag of Swift's thread pool is not measured")
        return nil
    }

    /// Gives a job to the pool, or looks at the job that waits.
    /// - Parameter now: Monotonic nanoseconds.
    func measure(at now: UInt64) {
        let waited = state.withLock { state -> UInt64? in
            if let since = state.since { return now - min(since, now) }
            state = State(since: now)
            return nil
        }
        guard let waited else { return enqueue { [self] in started(at: spankit_monotonic_nanoseconds()) } }
        current.set(Double(waited) / 1e9)
        warnIfLong(waited)
    }

    /// Records that the pool has started the job.
    func started(at now: UInt64) {
        guard let since = state.withLock({ $0.since }) else { return }
        let waited = now - min(since, now)
        lag.record(Double(waited) / 1e9)
        current.set(Double(waited) / 1e9)
        warnIfLong(waited)
        state.withLock { $0.since = nil }
    }

    /// Warns once for each job.
    private func warnIfLong(_ waited: UInt64) {
        guard let threshold = configuration.warnThreshold, .nanoseconds(Int64(clamping: waited)) > threshold,
            state.withLock({ state in
                defer { state.isReported = true }
                return !state.isReported
            }), let others = limit.admit()
        else { return }
        let more =
            switch others {
            case 0: ""
            case 1: "; 1 more such wait since the last warning"
            default: "; \(others) more such waits since the last warning"
            }
        log(
            .warning,
            "Swift's thread pool has started no job for \(ReadableDuration(nanoseconds: waited)) (threshold "
                + "\(ReadableDuration(threshold))), because tasks block its threads; move blocking calls to threads of their own\(more)"
        )
    }
}
