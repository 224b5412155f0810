import CSpanKitTaskStates
import SpanKit
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// Switches the measurement on after the self-test, and looks for blocked threads until the telemetry shuts down.
final class TaskTimesService: Sendable {
    private let configuration: TaskTimesConfiguration
    private let log: ProfilerLog
    private let blocked: BlockedThreads
    private let looks = Atomic<UInt64>(0)
    private let hasTestedOtherHook = Atomic(false)

    init(_ configuration: TaskTimesConfiguration, _ telemetry: Telemetry, _ log: ProfilerLog) {
        self.configuration = configuration
        self.log = log
        blocked = BlockedThreads(configuration, telemetry, log)
    }

    /// The line for a measurement that is off.
    static func offLine(_ reason: String) -> String {
        "running, queued and suspended times are not measured: \(reason). Spans are recorded without them."
    }

    /// The time between two looks at the threads.
    private var interval: Duration {
        min(.milliseconds(25), max(.milliseconds(1), (configuration.blockedThreadThreshold ?? .seconds(1)) / 4))
    }

    /// Starts the self-test, and a thread that looks for blocked threads; nil if the system cannot create one.
    func start() -> PeriodicThread? {
        spankit_states_set_level(SPANKIT_STATES_TEST)
        test()
        let thread = PeriodicThread("spankit-watch", every: interval) { [self] isLast in
            isLast ? spankit_states_set_level(SPANKIT_STATES_OFF) : look()
        }
        guard !thread.start() else { return thread }
        log(.warning, "the system cannot create a thread, so blocked threads are not reported")
        return nil
    }

    /// Tests the runtime in a task of its own, and switches the measurement on or off.
    private func test() {
        Task.detached(priority: .high) { [self] in
            let problem = await SelfTest.run()
            // If it is off, the telemetry has shut down.
            guard spankit_states_level() != SPANKIT_STATES_OFF else { return }
            spankit_states_set_level(problem == nil ? SPANKIT_STATES_ON : SPANKIT_STATES_OFF)
            if let problem { log(.warning, Self.offLine(problem)) }
        }
    }

    private func look() {
        guard TaskTimes.isActive else { return }
        let now = spankit_states_now()
        blocked.look(at: now)
        if looks.add(1, ordering: .relaxed).newValue % 256 == 0 {
            spankit_states_sweep(now, CounterTicks.ticks(.seconds(60)))
        }
        // Another tool that has replaced the hook since may pass calls on, or not.
        if spankit_states_have_hook() == 0, !hasTestedOtherHook.exchange(true, ordering: .relaxed) { test() }
    }
}

/// Durations in ticks of the clock of spans.
package enum CounterTicks {
    private static let perNanosecond: Double = {
        let ticks: UInt64 = 1 << 40
        return Double(ticks) / Double(max(1, AnchoredClock.shared.nanoseconds(from: 0, to: ticks)))
    }()

    package static func ticks(_ duration: Duration) -> UInt64 {
        UInt64(max(0, duration / .nanoseconds(1) * perNanosecond))
    }
}
