import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Passes bodies to a ``CustomExporter``, by the rules of ``DeliveryQueue``.
///
/// One thread starts the calls, one at a time. It waits for results and for the next attempt; every change wakes it.
final class CustomDestination: Destination, @unchecked Sendable {
    let name: String
    let format: BodyFormat

    private struct State {
        var queue: DeliveryQueue
        /// Whether something has changed for the thread.
        var isSignalled = false
        /// The call that has not returned.
        var call: Call?
        var result: (token: Int, verdict: Verdict)?
        var closeDeadline: ContinuousClock.Instant?
        var hasEnded = false
    }

    private struct Call {
        var token: Int
        var task: Task<Void, Never>?
        /// The end of its time limit; nil for no limit.
        var deadline: ContinuousClock.Instant?
        /// Whether it was cancelled at its deadline.
        var isOverdue = false
    }

    private let exporter: CustomExporter
    private let makeBatch: @Sendable ([RecordedSpan]) -> SpanBatch
    private let state: Monitor<State>
    private let profilerLog: ProfilerLog
    private let log: DestinationLog
    private let roomChanged: @Sendable () -> Void
    /// Whether a call that did not return was logged. Used on the thread.
    private var overdueWasLogged = false

    /// - Parameters:
    ///   - makeBatch: adds the resource and the scope, both redacted.
    ///   - roomChanged: called on the destination's thread whenever a body has left the queue.
    init(
        _ exporter: CustomExporter,
        log: ProfilerLog,
        retry: RetryPolicy = RetryPolicy(),
        makeBatch: @escaping @Sendable ([RecordedSpan]) -> SpanBatch,
        roomChanged: @escaping @Sendable () -> Void
    ) {
        self.exporter = exporter
        self.makeBatch = makeBatch
        self.roomChanged = roomChanged
        name = "traces → \(exporter.name)"
        format = exporter.format
        profilerLog = log
        self.log = DestinationLog(name: name, log: log)
        var settings = DeliveryQueue.Settings()
        settings.parallelRequests = 1
        settings.exportTimeout = exporter.timeout > .zero ? exporter.timeout : nil
        settings.keepsFor = exporter.keepsFor
        settings.waitingBytes = exporter.waitingBytes
        settings.joinedSpans = 0
        settings.retry = retry
        state = Monitor(State(queue: DeliveryQueue(settings)))
    }

    /// Starts the thread; false if the system cannot create one.
    func start() -> Bool {
        Thread("spankit-custom") { self.run() } != nil
    }

    // MARK: From other threads

    var componentType: String { "custom_span_exporter" }

    var hasRoom: Bool { state.read { $0.queue.takesBody(hasSpool: false, .now) } }

    var isFailing: Bool { state.read { $0.queue.failure != nil || $0.call?.isOverdue == true } }

    func offer(_ delivery: Delivery, isReplay: Bool) {
        signal { $0.queue.append(delivery) }
    }

    func drop(_ reason: DropReason, spans: Int) {
        state.change { $0.queue.count(reason, spans) }
    }

    func hurry(until deadline: ContinuousClock.Instant) {
        signal { $0.queue.hurry(until: deadline, .now) }
    }

    func canDeliver(before deadline: ContinuousClock.Instant) -> Bool {
        state.read { $0.queue.canDeliver(before: deadline) }
    }

    func settle(until deadline: ContinuousClock.Instant) {
        hurry(until: deadline)
        let mark = state.read { $0.queue.mark() }
        _ = state.wait(until: deadline) { state in
            state.queue.isSettled(upTo: mark) || state.hasEnded || !state.queue.canDeliver(before: deadline)
                ? true : nil
        }
    }

    func close(until deadline: ContinuousClock.Instant) {
        signal { state in
            state.closeDeadline = deadline
            state.queue.hurry(until: deadline, .now)
        }
        // The thread keeps the deadline and needs a little time for its last steps.
        _ = state.wait(until: deadline.advanced(by: .milliseconds(80))) { $0.hasEnded ? true : nil }
    }

    var hasEnded: Bool { state.read { $0.hasEnded } }

    var account: ShippingAccount.Destination {
        state.read { state in
            var account = ShippingAccount.Destination(self, .traces, state.queue.account, state.queue.census)
            account.failure =
                state.call?.isOverdue == true ? "the exporter has not returned" : state.queue.failure?.description(.now)
            return account
        }
    }

    private func signal(_ change: (inout State) -> Void) {
        state.change { state in
            change(&state)
            state.isSignalled = true
        }
    }

    // MARK: On the thread

    private func run() {
        var random = SystemRandomNumberGenerator()
        while !isDone() {
            if let (token, verdict) = takeResult() {
                settle(token, verdict, &random)
                continue
            }
            let now = ContinuousClock.now
            cancelOverdueCall(now)
            let (step, callDeadline, closing) = state.change { state in
                state.isSignalled = false
                return (
                    state.queue.next(now), state.call?.isOverdue == false ? state.call?.deadline : nil,
                    state.closeDeadline
                )
            }
            switch step {
            case .send(let token, let group, let timeout): send(token, group, timeout)
            case .wait(let until):
                let end = [until, callDeadline, closing].compactMap { $0 }.min()
                _ = state.wait(until: end) { $0.isSignalled || $0.result != nil ? true : nil }
            }
        }
        log.ended()
        state.change { state in
            state.call?.task?.cancel()
            // The call may have done its work.
            state.queue.end(sent: Set(state.call.map { [$0.token] } ?? []))
            state.hasEnded = true
        }
    }

    private func isDone() -> Bool {
        state.read { state in
            guard let deadline = state.closeDeadline else { return false }
            if state.queue.isEmpty || deadline <= .now { return true }
            return state.call == nil && !state.queue.canDeliver(before: deadline)
        }
    }

    private func send(_ token: Int, _ group: [Delivery], _ timeout: Duration?) {
        guard let delivery = group.first, case .memory(let body) = delivery.content else { return }
        let deadline = timeout.map { ContinuousClock.now.advanced(by: $0) }
        state.change { $0.call = Call(token: token, deadline: deadline) }
        let task = exporter.start(body, path: OTLPSignal.traces.path, makeBatch) { [state] verdict in
            state.change { state in
                // After the end, the result comes too late to be counted.
                if !state.hasEnded { state.result = (token, verdict) }
            }
        }
        state.change { $0.call?.task = task }
    }

    private func takeResult() -> (token: Int, verdict: Verdict)? {
        state.change { state in
            defer { state.result = nil }
            return state.result
        }
    }

    /// Cancels the call if its time is over. It stays the current call until it returns.
    private func cancelOverdueCall(_ now: ContinuousClock.Instant) {
        let task = state.change { state -> Task<Void, Never>? in
            guard let call = state.call, !call.isOverdue, let deadline = call.deadline, deadline <= now else {
                return nil
            }
            state.call?.isOverdue = true
            return call.task
        }
        guard let task else { return }
        task.cancel()
        guard !overdueWasLogged else { return }
        overdueWasLogged = true
        profilerLog(
            .warning,
            "\(name): the exporter has not returned within \(ReadableDuration(exporter.timeout)); its task was cancelled, and further "
                + "batches wait until it returns. Later cases are not logged."
        )
    }

    private func settle(_ token: Int, _ verdict: Verdict, _ random: inout SystemRandomNumberGenerator) {
        let draw = Double.random(in: 0..<1, using: &random)
        let now = ContinuousClock.now
        let event = state.change { state -> DeliveryEvent? in
            // A call that was cancelled may have done its work before.
            let mayHaveArrived = state.call?.isOverdue == true
            state.call = nil
            return state.queue.finish(token, verdict, mayHaveArrived: mayHaveArrived, now: now, random: draw)
        }
        switch event {
        case .delivered(_, let rejected, let message, let recovered):
            log.delivered(rejected: rejected, message: message, recovered: recovered, now: now)
        case .postponed(let isFirst, let reason):
            let (failure, waiting) = state.read { ($0.queue.failure, $0.queue.census.total) }
            log.postponed(isFirst: isFirst, reason: failure?.description(now) ?? reason, waiting: waiting)
        case .dropped(let delivery, let why, let reason): log.dropped(delivery.spanCount, why, reason: reason, now: now)
        // A result never asks for smaller bodies, and bodies are not joined.
        case .tooLarge, .disbanded, nil: break
        }
        roomChanged()
    }
}
