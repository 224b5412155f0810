import CSpanKitTaskStates
import SpanKit
import SpanKitMetrics
import SpanKitPlatform
import SpanKitRecording

/// Reports spans that keep their thread longer than a threshold, because no other task can run on it in the meantime.
///
/// Each case is counted in `spankit.blocked_threads`. At most five cases a minute are logged. Use it from one thread.
final class BlockedThreads: Sendable {
    private let threshold: UInt64?
    private let readableThreshold: ReadableDuration
    private let recorder: Recorder
    private let count: CounterInstrument
    private let log: ProfilerLog
    private let limit = WarningLimit(lines: 5, milliseconds: 60_000)
    /// The ticks at which the reported tasks came to their threads, by the number of the thread.
    private let reported = Locked<[Int32: UInt64]>([:])

    init(_ configuration: TaskTimesConfiguration, _ telemetry: Telemetry, _ log: ProfilerLog) {
        let threshold = configuration.blockedThreadThreshold.map { max($0, .milliseconds(1)) }
        self.threshold = threshold.map { CounterTicks.ticks($0) }
        readableThreshold = ReadableDuration(threshold ?? .zero)
        recorder = telemetry.profiler.recorder
        self.log = log
        count = telemetry.metrics.counter(
            "spankit.blocked_threads",
            unit: "{thread}",
            description: "Threads that a span kept longer than the threshold, by span and by system call."
        )
    }

    /// Looks at all threads.
    func look(at now: UInt64) {
        guard let threshold else { return }
        var next = spankit_states_threads()
        while let thread = next {
            next = thread.pointee.next
            var slot: UInt32 = 0
            let since = spankit_states_busy_since(thread, &slot)
            guard since != 0, now > since, now - since > threshold else { continue }
            report(slot, since, thread.pointee.number, AnchoredClock.shared.nanoseconds(from: since, to: now))
        }
    }

    private func report(_ slot: UInt32, _ since: UInt64, _ thread: Int32, _ nanoseconds: UInt64) {
        guard reported.withLock({ $0.updateValue(since, forKey: thread) != since }) else { return }
        guard let name = recorder.openOperation(inSlot: slot) else { return }
        let call = ThreadActivity.of(thread)
        count.add(1, attributes: ["operation": .string(name), "system_call": .string(call.systemCall ?? "none")])
        guard let others = limit.admit() else { return }
        let more =
            switch others {
            case 0: ""
            case 1: " (1 more such line was left out)"
            default: " (\(others) more such lines were left out)"
            }
        log(
            .warning,
            "\(name) has kept its thread for \(ReadableDuration(nanoseconds: nanoseconds)) (threshold \(readableThreshold)) "
                + "\(call.text), so no other task can run there; move blocking calls and long computations to threads of their own\(more)"
        )
    }
}
