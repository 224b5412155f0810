import SpanKitPlatform
import Synchronization

/// Calls the processors of a recorder, and skips those that have not returned in time.
///
/// Each thread stores its current call in its ``RecordingCounters``. Before a thread makes a call, it checks the calls of all threads,
/// at most once in each quarter of the shortest time limit. If a call has exceeded its limit, the processor is skipped until a later
/// check finds no such call. So a thread that hangs in a processor affects other threads at most until the next check.
///
/// Only that check takes a lock, because threads must not wait for each other in a processor. Use it from any thread.
final class SpanProcessing: Sendable {
    /// A point in the life of a span.
    enum Stage {
        case start(SpanHandle)
        case ending(SpanHandle, Duration)
        case end(RecordedSpan)
    }

    private final class Entry: Sendable {
        let processor: SpanProcessor
        let limitNanoseconds: UInt64
        let calls = Atomic<UInt64>(0)
        let nanoseconds = Atomic<UInt64>(0)
        let failed = Atomic<UInt64>(0)
        let slow = Atomic<UInt64>(0)
        let skipped = Atomic<UInt64>(0)
        /// Whether a call is over its limit and has not returned.
        let isHeldUp = Atomic(false)
        let failureIsLogged = Atomic(false)
        let slownessIsLogged = Atomic(false)

        init(_ processor: SpanProcessor) {
            self.processor = processor
            let (seconds, attoseconds) = max(.milliseconds(1), min(.seconds(86_400), processor.timeLimit)).components
            limitNanoseconds = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds) / 1_000_000_000
        }
    }

    private let entries: [Entry]
    private let lookNanoseconds: UInt64
    /// The tick of the last look at the other threads; 0 for never.
    private let lastLook = Atomic<UInt64>(0)
    /// Whether any processor changes spans that are ending.
    let changesEndingSpans: Bool
    /// Whether any processor gets ended spans.
    let seesEndedSpans: Bool

    /// Returns nil without processors.
    init?(_ processors: [SpanProcessor]) {
        guard !processors.isEmpty else { return nil }
        entries = processors.map { Entry($0) }
        lookNanoseconds = (entries.map(\.limitNanoseconds).min() ?? 0) / 4
        changesEndingSpans = processors.contains { $0.onEnding != nil }
        seesEndedSpans = processors.contains { $0.onEnd != nil }
    }

    var accounts: [SpanProcessorAccount] {
        entries.map { entry in
            var account = SpanProcessorAccount(name: entry.processor.name)
            account.calls = entry.calls.load(ordering: .relaxed)
            account.time = .nanoseconds(Int64(clamping: entry.nanoseconds.load(ordering: .relaxed)))
            account.failedCalls = entry.failed.load(ordering: .relaxed)
            account.slowCalls = entry.slow.load(ordering: .relaxed)
            account.skippedCalls = entry.skipped.load(ordering: .relaxed)
            return account
        }
    }

    /// Calls the processors that have a closure for the stage, unless a processor is already running on this thread.
    func run(_ stage: Stage, _ recorder: Recorder) {
        let thread = recorder.thread()
        guard !thread.pointee.isInProcessor else { return }
        thread.pointee.isInProcessor = true
        defer { thread.pointee.isInProcessor = false }
        for (number, entry) in entries.enumerated() where entry.processor.takes(stage) {
            let began = recorder.clock.now()
            lookAtOthers(recorder, began)
            guard !entry.isHeldUp.load(ordering: .relaxed) else {
                entry.skipped.add(1, ordering: .relaxed)
                continue
            }
            thread.pointee.counters.noteCall(of: number, at: began)
            do { try entry.processor.call(stage) } catch { failed(entry, error, recorder) }
            thread.pointee.counters.noteReturn()
            let nanoseconds = recorder.clock.nanoseconds(from: began, to: recorder.clock.now())
            entry.calls.add(1, ordering: .relaxed)
            entry.nanoseconds.add(nanoseconds, ordering: .relaxed)
            if nanoseconds > entry.limitNanoseconds { wasSlow(entry, nanoseconds, recorder) }
        }
    }

    private func failed(_ entry: Entry, _ error: any Error, _ recorder: Recorder) {
        entry.failed.add(1, ordering: .relaxed)
        guard !entry.failureIsLogged.exchange(true, ordering: .relaxed) else { return }
        // Not the text of the error, which may quote the span.
        recorder.warnCaller(
            "the span processor '\(entry.processor.name)' threw \(String(reflecting: type(of: error))); the span is recorded "
                + "without the rest of its changes. Further errors are only counted (account.processors)."
        )
    }

    private func wasSlow(_ entry: Entry, _ nanoseconds: UInt64, _ recorder: Recorder) {
        entry.slow.add(1, ordering: .relaxed)
        guard !entry.slownessIsLogged.exchange(true, ordering: .relaxed) else { return }
        recorder.warnCaller(
            "the span processor '\(entry.processor.name)' took \(ReadableDuration(nanoseconds: nanoseconds)) for a span; its limit is "
                + "\(ReadableDuration(nanoseconds: entry.limitNanoseconds)), because the program waits for it. Further slow calls are "
                + "only counted (account.processors)."
        )
    }

    /// Finds the processors that have a call over its limit.
    private func lookAtOthers(_ recorder: Recorder, _ now: UInt64) {
        let last = lastLook.load(ordering: .relaxed)
        guard last == 0 || recorder.clock.nanoseconds(from: last, to: now) >= lookNanoseconds,
            lastLook.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged
        else { return }
        let calls = recorder.threads.withLock { threads in threads.live.compactMap { $0.pointee.counters.currentCall } }
        for (number, entry) in entries.enumerated() {
            let isHeldUp = calls.contains { call in
                call.number == number && call.began <= now
                    && recorder.clock.nanoseconds(from: call.began, to: now) > entry.limitNanoseconds
            }
            guard isHeldUp != entry.isHeldUp.exchange(isHeldUp, ordering: .relaxed), isHeldUp,
                !entry.slownessIsLogged.exchange(true, ordering: .relaxed)
            else { continue }
            recorder.warnCaller(
                "the span processor '\(entry.processor.name)' has not returned for more than "
                    + "\(ReadableDuration(nanoseconds: entry.limitNanoseconds)); other threads skip it until it returns. Skipped and "
                    + "slow calls are counted (account.processors)."
            )
        }
    }
}

extension SpanProcessor {
    fileprivate func takes(_ stage: SpanProcessing.Stage) -> Bool {
        switch stage {
        case .start: onStart != nil
        case .ending: onEnding != nil
        case .end: onEnd != nil
        }
    }

    fileprivate func call(_ stage: SpanProcessing.Stage) throws {
        switch stage {
        case .start(let span): try onStart?(span)
        case .ending(let span, let duration): try onEnding?(span, duration)
        case .end(let span): try onEnd?(span)
        }
    }
}
