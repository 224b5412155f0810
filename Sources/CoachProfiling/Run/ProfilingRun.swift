import CSpanKit
import OKRCoach
import SpanKitCLI
import SpanKitGenAI
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import SpanKitSummaries

/// A run that sends the messages of all scenarios in order. It keeps the measurements even if it fails.
struct ProfilingRun {
    /// The measurements of a run.
    struct Record: Sendable {
        /// The scenarios that were started, in order.
        var scenarios: [ProfilingResults.Scenario] = []
        var outcome = ProfilingResults.Outcome.completed
        /// The first failure.
        var failure: CommandFailure?
    }

    let scenarios: [Scenario]
    let manager: ConversationManager
    let store: SQLiteSessionStore
    /// The prefix of session ids, which distinguishes this run from earlier ones in the same database.
    let name: String
    let profiler: PerformanceProfiler
    let prices: PriceTable?
    /// Redacts a text from the model.
    let redact: @Sendable (String) -> String
    /// Creates the records of messages and answers, or nil to keep none.
    let exchanges: ExchangeRecorder?
    let progress: ProgressLine
    /// A function that is called after each scenario, complete or not.
    let scenarioEnded: @Sendable (ProfilingResults.Scenario) -> Void

    /// Runs until the last message is answered or the task is cancelled.
    ///
    /// A message that fails ends its scenario. The run continues with the next scenario unless that would fail in the same way.
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
            let session = "\(name)-\(planned.name)"
            try await store.create(planned.session(id: session, atUnixNanoseconds: UnixTime.nanoseconds()))
            for (offset, text) in planned.messages.enumerated() {
                try Task.checkCancellation()
                let message = try await send(text, index: offset + 1, to: session)
                messages.append(message)
                progress.update {
                    $0.messagesDone += 1
                    $0.phase = message.phaseAfter
                    $0.lastMessageNanoseconds = message.durationNanoseconds
                }
            }
        } catch {
            // A cancelled call may fail with another error, but the reason is the cancellation.
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
            plannedMessageCount: planned.messages.count,
            messages: messages,
            operations: profiler.snapshot().filter { !$0.histogram.isEmpty }.costliestFirst().map { .init($0) },
            memory: Self.memory(before: heapBefore),
            findingCounts: ProfilingResults.Scenario.counts(of: messages)
        )
        return (scenario, failure)
    }

    private func send(_ text: String, index: Int, to session: String) async throws -> ProfilingResults.Message {
        let start = ContinuousClock.now
        let result = try await manager.processMessage(sessionId: session, userMessage: text)
        var message = ProfilingResults.Message(
            index: index,
            durationNanoseconds: (ContinuousClock.now - start).wholeNanoseconds,
            modelLatencyNanoseconds: result.modelLatency.wholeNanoseconds,
            unscaledModelLatencyNanoseconds: result.unscaledModelLatency?.wholeNanoseconds,
            phaseBefore: result.phaseBefore.rawValue,
            phaseAfter: result.phase.rawValue,
            findings: result.findings.map(\.kind.rawValue)
        )
        message.inputTokens = result.usage.input
        message.outputTokens = result.usage.output
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

extension Duration {
    /// The duration in nanoseconds. A negative duration is 0.
    var wholeNanoseconds: UInt64 { UInt64(clamping: ReadableDuration(self).nanoseconds) }
}

/// The failure of a message.
struct ConversationFailure: Error {
    let cause: CommandFailure
    /// Whether every other message would fail in the same way.
    let isPermanent: Bool

    /// The failure for an error of the coach, its stores or its model.
    /// - Parameters:
    ///   - place: The scenario and the number of the message.
    ///   - redact: Redacts the text of the error, which may quote a message.
    init(_ error: any Error, at place: String, _ redact: (String) -> String) {
        let modelError = error as? LanguageModelError
        cause = CommandFailure(modelError?.status ?? .internalError, "\(place): \(redact("\(error)"))")
        isPermanent = modelError?.isPermanent ?? false
    }
}

extension LanguageModelError {
    /// The exit status of the command. Missing or wrong settings count as wrong usage.
    var status: ExitStatus {
        switch self {
        case .missingKey, .invalidConfiguration: .usage
        default: .unavailable
        }
    }

    fileprivate var isPermanent: Bool {
        switch self {
        case .missingKey, .invalidConfiguration, .unauthorized, .notFound, .unreachable: true
        case .rateLimited, .overloaded, .timeout, .rejected, .serverError, .invalidResponse, .brokenOff: false
        }
    }
}
