import CSpanKit
import OKRCoach
import SpanKitCLI
import SpanKitGenAI
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import SpanKitSummaries

/// Sends the messages of all scenarios, in order, and keeps what was measured whatever happens.
struct ProfilingRun {
    /// What a run leaves behind.
    struct Record: Sendable {
        /// In the order in which they ran; one that never started is missing.
        var scenarios: [ProfilingResults.Scenario] = []
        var outcome = ProfilingResults.Outcome.completed
        /// The first thing that went wrong.
        var failure: CommandFailure?
    }

    let scenarios: [Scenario]
    let server: CoachServer
    let profiler: PerformanceProfiler
    let prices: PriceTable?
    /// What may be printed and written of a text that came from the model's side.
    let redact: @Sendable (String) -> String
    /// Makes what may be kept of what was said; nil to keep nothing of it.
    let exchanges: ExchangeRecorder?
    let progress: ProgressLine
    /// Called when a scenario has ended, complete or not.
    let scenarioEnded: @Sendable (ProfilingResults.Scenario) -> Void

    /// Runs until the last message is answered or the task is cancelled.
    ///
    /// A message that fails ends its scenario. The others may still tell something, so the run goes on, unless they would fail
    /// in the same way.
    func perform() async -> Record {
        var record = Record()
        for (position, planned) in scenarios.enumerated() {
            if Task.isCancelled {
                record.outcome = .interrupted
                break
            }
            progress.update { $0.scenario = position + 1 }
            let (scenario, failure) = await perform(planned)
            record.scenarios.append(scenario)
            switch scenario.outcome {
            case .completed: break
            case .interrupted: record.outcome = .interrupted
            case .failed: if record.outcome == .completed { record.outcome = .failed }
            }
            record.failure = record.failure ?? failure?.cause
            scenarioEnded(scenario)
            if scenario.outcome == .interrupted || failure?.isPermanent == true { break }
        }
        return record
    }

    private func perform(_ planned: Scenario) async -> (ProfilingResults.Scenario, ConversationFailure?) {
        profiler.reset()
        let heapBefore = spankit_heap_in_use()
        var messages: [ProfilingResults.Message] = []
        var outcome = ProfilingResults.Outcome.completed
        var failure: ConversationFailure?
        do {
            let session = try await server.startSession(for: planned)
            for (offset, step) in planned.steps.enumerated() {
                try Task.checkCancellation()
                let message = try await send(step.message, index: offset + 1, to: session)
                messages.append(message)
                progress.update {
                    $0.messagesDone += 1
                    $0.phase = message.phaseAfter
                    $0.lastMessageNanoseconds = message.durationNanoseconds
                }
            }
        } catch {
            // A cancelled call may fail with an error of its own; the reason is still the cancellation.
            outcome = Task.isCancelled || error is CancellationError ? .interrupted : .failed
            if outcome == .failed {
                failure = ConversationFailure(error, at: "\(planned.name), message \(messages.count + 1)", redact)
            }
        }
        let scenario = ProfilingResults.Scenario(
            number: planned.number,
            name: planned.name,
            title: planned.title,
            outcome: outcome,
            failure: failure?.cause.description,
            plannedMessageCount: planned.steps.count,
            messages: messages,
            operations: profiler.snapshot().filter { !$0.histogram.isEmpty }.costliestFirst().map { .init($0) },
            memory: Self.memory(before: heapBefore)
        )
        return (scenario, failure)
    }

    private func send(_ text: String, index: Int, to session: String) async throws -> ProfilingResults.Message {
        let answer = try await server.send(text, to: session)
        let result = answer.result
        var message = ProfilingResults.Message(
            index: index,
            durationNanoseconds: answer.durationNanoseconds,
            modelLatencyNanoseconds: result.modelLatency.wholeNanoseconds,
            unscaledModelLatencyNanoseconds: result.unscaledModelLatency?.wholeNanoseconds,
            phaseBefore: result.phaseBefore.rawValue,
            phaseAfter: result.phase.rawValue,
            findings: result.findings.map(\.kind.rawValue),
            inputTokens: result.inputTokens,
            outputTokens: result.outputTokens
        )
        message.cacheReadTokens = result.usage.cacheRead
        message.cacheWriteTokens = result.usage.cacheWrite
        message.reasoningTokens = result.usage.reasoning
        message.timeToFirstTokenNanoseconds = result.timeToFirstChunk?.wholeNanoseconds
        message.model = result.model.isEmpty ? nil : redact(result.model)
        if let cost = prices?.cost(of: result.usage, model: result.model) {
            message.cost = ModelCost(amount: cost.amount, currency: cost.currency, priceTableVersion: cost.tableVersion)
        }
        message.exchange = exchanges?.exchange(
            text,
            answer: result.reply,
            phaseReason: result.phaseReason,
            findings: result.findings
        )
        return message
    }

    private static func memory(before: UInt64) -> ProfilingResults.Memory? {
        guard spankit_heap_is_counted() else { return nil }
        return .init(
            heapBeforeBytes: before,
            heapAfterBytes: spankit_heap_in_use(),
            counter: "mallinfo2: uordblks + hblkhd"
        )
    }
}

/// What a run talks to: a conversation manager and the store it works on.
struct CoachServer: Sendable {
    /// What came back for one message.
    struct Answer: Sendable {
        let result: ConversationResult
        let durationNanoseconds: UInt64
    }

    let manager: ConversationManager
    let store: SQLiteSessionStore
    /// Makes session ids of this run differ from those of earlier ones in the same database.
    let runName: String

    /// Starts a conversation and returns the id of its session.
    func startSession(for scenario: Scenario) async throws -> String {
        let id = "\(runName)-\(scenario.name)"
        try await store.create(scenario.session(id: id, atUnixNanoseconds: UnixTime.nanoseconds()))
        return id
    }

    /// Sends one message, waits for the answer and says how long it took.
    func send(_ message: String, to session: String) async throws -> Answer {
        let start = ContinuousClock.now
        let result = try await manager.processMessage(sessionId: session, userMessage: message)
        return Answer(result: result, durationNanoseconds: (ContinuousClock.now - start).wholeNanoseconds)
    }
}

extension Duration {
    /// Nanoseconds, 0 for what is negative.
    var wholeNanoseconds: UInt64 { UInt64(clamping: ReadableDuration(self).nanoseconds) }
}

/// Why a message was not answered.
struct ConversationFailure: Error {
    let cause: CommandFailure
    /// Whether every other message would fail in the same way, so that there is no point in trying.
    let isPermanent: Bool

    /// The failure behind an error of the coach, its stores or its model.
    /// - Parameters:
    ///   - place: which message of which scenario.
    ///   - redact: what may be said of the error's text, which may quote anything.
    init(_ error: any Error, at place: String, _ redact: (String) -> String) {
        let modelError = error as? LanguageModelError
        cause = CommandFailure(modelError?.status ?? .internalError, "\(place): \(redact("\(error)"))")
        isPermanent = modelError?.isPermanent ?? false
    }
}

extension LanguageModelError {
    /// Missing or wrong settings are the user's to correct; everything else is the service's.
    var status: ExitStatus {
        switch self {
        case .missingKey, .invalidConfiguration: .usage
        case .unauthorized, .notFound, .rateLimited, .overloaded, .timeout, .unreachable, .rejected, .serverError,
            .invalidResponse, .brokenOff:
            .unavailable
        }
    }

    fileprivate var isPermanent: Bool {
        switch self {
        case .missingKey, .invalidConfiguration, .unauthorized, .notFound, .unreachable: true
        case .rateLimited, .overloaded, .timeout, .rejected, .serverError, .invalidResponse, .brokenOff: false
        }
    }
}
