import CSpanKitTaskStates
import SpanKitPlatform
import SpanKitRecording

/// What is measured of tasks besides the parts of spans (`TelemetryConfiguration.measureTaskTimes`).
public struct TaskTimesConfiguration: Sendable, Equatable {
    /// The time after which a span that keeps its thread is reported, 100 ms by default and at least 1 ms. Nil reports none.
    public var blockedThreadThreshold: Duration? = .milliseconds(100)
    /// Whether the parts are also counted in a histogram for each operation; true by default.
    public var countsOperations = true

    /// Creates the default settings.
    public init() {}
}

/// The state of the measurement in this process.
public enum TaskTimes {
    /// Whether spans that start now get their parts. False until the self-test has passed, and if it has failed.
    public static var isActive: Bool { spankit_states_level() == SPANKIT_STATES_ON }
}

extension TelemetryConfiguration {
    /// Measures for each span how long its task ran on a thread, waited for a thread or an actor, and was suspended. (Preview; Linux.)
    ///
    /// ```swift no-compile
    /// import SpanKitConcurrency
    ///
    /// var configuration = TelemetryConfiguration.environment()
    /// configuration.measureTaskTimes()
    /// let telemetry = Telemetry.bootstrap(configuration)
    /// ```
    /// The attributes are `spankit.running_ns`, `spankit.queued_ns` and `spankit.suspended_ns`. Their sum is the duration, apart from
    /// rounding. Spans that start outside of a task or end on another one have none. The pool's lag is measured as well (`TelemetryConfiguration.poolLag`).
    ///
    /// The measurement uses functions of the Swift runtime that are not documented. A test in a task of its own checks them when the
    /// telemetry starts. If it fails, one line says why, and spans have no parts. Only one telemetry of a process is measured.
    public mutating func measureTaskTimes(_ times: TaskTimesConfiguration = TaskTimesConfiguration()) {
        poolLag = poolLag ?? PoolLagConfiguration()
        let missing = spankit_states_install(AnchoredClock.shared.usesCounter ? 1 : 0)
        guard missing == SPANKIT_STATES_COMPLETE else {
            companions.append { _, log in
                log(.warning, TaskTimesService.offLine(SelfTest.reason(missing)))
                return nil
            }
            return
        }
        let operations = OperationTimes()
        recording.spanTimes = SpanTimes(
            begin: spankit_states_begin,
            end: spankit_states_end,
            report: { context, operation, running, queued, suspended in
                OperationTimes.of(context)?.count(operation, running, queued, suspended)
            },
            context: operations.address
        )
        companions.append { telemetry, log in
            if times.countsOperations { operations.attach(to: telemetry) }
            return TaskTimesService(times, telemetry, log).start()
        }
    }
}
