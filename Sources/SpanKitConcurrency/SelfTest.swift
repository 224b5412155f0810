import CSpanKitTaskStates
import SpanKitPlatform
import SpanKitRecording

/// Checks with a task of its own that the runtime behaves as the measurement assumes.
package enum SelfTest {
    /// What is wrong.
    package enum Problem: Equatable {
        case runtime(String)
        /// The times are not as expected. On a busy machine, they can be right all the same.
        case times(String)

        package var reason: String {
            switch self {
            case .runtime(let reason), .times(let reason): reason
            }
        }
    }

    /// How long the task waits in each of the two ways. Longer waits follow if the times of the shorter ones were not as expected.
    private static let waits = [2, 4, 8, 16, 64, 256, 1_024].map { Duration.milliseconds($0) }

    /// Why nothing can be measured, for the part of the runtime that is missing.
    package static func reason(_ missing: spankit_states_missing) -> String {
        switch missing {
        case SPANKIT_STATES_OTHER_SYSTEM: "it needs Linux on a 64-bit processor"
        case SPANKIT_STATES_STATIC_RUNTIME:
            "the Swift runtime is linked statically; link with -Xlinker --wrap=swift_task_enterThreadLocalContext -Xlinker "
                + "--wrap=swift_task_exitThreadLocalContext"
        case SPANKIT_STATES_NO_FUNCTIONS:
            "this version of the Swift runtime does not have the functions swift_task_enterThreadLocalContext and "
                + "swift_task_exitThreadLocalContext"
        case SPANKIT_STATES_NO_KEY: "the process has no key for values of threads left (PTHREAD_KEYS_MAX)"
        case SPANKIT_STATES_NO_HOOKS: "this version of the Swift runtime has no hooks for enqueued jobs"
        default: "this version of the Swift runtime stores tasks in another layout"
        }
    }

    /// Runs the test. Call it in a task that does nothing else, while nothing but the test is measured.
    /// - Returns: what is wrong; nil if everything is as expected.
    static func run() async -> String? {
        var last: Problem?
        for wait in waits {
            last = await run(waiting: wait)
            guard case .times = last else { break }
        }
        return last?.reason
    }

    private static func run(waiting wait: Duration) async -> Problem? {
        let proof = UnsafeMutablePointer<spankit_states_proof>.allocate(capacity: 1)
        let frame = UnsafeMutablePointer<spankit_span_frame>.allocate(capacity: 1)
        proof.initialize(to: spankit_states_proof())
        frame.initialize(to: spankit_span_frame())
        // `proof` is never freed, because another thread may still be counting in it.
        defer { frame.deallocate() }
        let executor = LateExecutor(after: wait)
        let actor = LateActor(executor)
        spankit_states_watch(proof)
        spankit_states_begin(frame, spankitTestSlot, spankit_states_now())
        await withCheckedContinuation { continuation in
            after(wait) { continuation.resume() }
        }
        await actor.touch()
        var ticks = [UInt64](repeating: 0, count: 4)
        let hasParts = spankit_states_end(frame, spankitTestSlot, spankit_states_now(), &ticks)
        spankit_states_watch(nil)
        return judge(proof.pointee, hasParts == 0 ? nil : (ticks[0], ticks[1], ticks[3]), waiting: wait)
    }

    private static var spankitTestSlot: UInt32 { .max }

    /// - Parameters:
    ///   - ticks: running, queued, and the whole; nil if the span has no parts.
    ///   - wait: how long the task waited for an executor, and how long it was suspended, at least.
    package static func judge(
        _ proof: spankit_states_proof,
        _ ticks: (running: UInt64, queued: UInt64, whole: UInt64)?,
        waiting wait: Duration
    ) -> Problem? {
        if proof.enters == 0 || proof.exits == 0 {
            return .runtime("the Swift runtime does not call SpanKit when a task starts and stops on a thread")
        }
        if proof.enqueues == 0 {
            return .runtime(
                "another tool has replaced the runtime's hook swift_task_enqueueGlobal_hook and does not pass calls on"
            )
        }
        guard proof.running == proof.enters, proof.left == proof.exits, proof.waiting > 0, let ticks else {
            return .runtime("this version of the Swift runtime stores the state of tasks in another place")
        }
        let known = min(ticks.whole, ticks.running + ticks.queued)
        guard ticks.running + ticks.queued <= ticks.whole,
            min(ticks.queued, ticks.whole - known) >= CounterTicks.ticks(wait / 2)
        else {
            return .times(
                "a test measured other times than expected (ticks: \(ticks.running) running, \(ticks.queued) queued, "
                    + "\(ticks.whole) in all)"
            )
        }
        return nil
    }

    /// Runs a closure on another thread, after a time.
    fileprivate static func after(_ duration: Duration, _ body: @escaping @Sendable () -> Void) {
        WaitingThread.run {
            usleep(UInt32(duration / .microseconds(1)))
            body()
        }
    }

    /// An executor that runs each job on a thread of its own, after a time.
    private final class LateExecutor: SerialExecutor {
        private let delay: Duration

        init(after delay: Duration) { self.delay = delay }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            after(delay) { [self] in job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }

    private actor LateActor {
        private let executor: LateExecutor

        init(_ executor: LateExecutor) { self.executor = executor }

        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        func touch() {}
    }
}
