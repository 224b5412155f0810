import SpanKitPercentiles
import SpanKitRecording
import SpanKitSummaries

/// The rules for improvements: when each applies, its effort and its expected gain.
///
/// Shares are parts of the duration of all traces. An operation that runs while others run has a small share, however long it takes.
///
/// | Rule | Condition | Effort | Assumption |
/// |---|---|---|---|
/// | `repeatedCalls` | at least five calls in a row below one parent | low | one call takes as long as each one does |
/// | `sequentialCalls` | two consecutive children that never overlap, at least 2 % | medium | neither needs the other |
/// | `modelCall` | a model call with at least 10 % of all time | medium | it takes 30 % less time |
/// | `slowMode` | two kinds of runs, at least 0.5 % | medium | slow runs become as fast as the others |
/// | `heavyTail` | p99 at least five times p50, at least 0.5 % | medium | runs above p95 become as fast as p95 |
/// | `database` | reads or writes, at least 2 % | low | they take half the time |
/// | `remoteCall` | another service, at least 5 % | medium | it takes 30 % less time |
/// | `computation` | work in the process, at least 5 % | high | it takes half the time |
/// | `memoryGrowth` | the heap grows by 1 MiB a run | medium | memory, no time |
/// | `failures` | at least one run of a step in a hundred fails | medium | correct numbers, no time |
package enum ImprovementRule: String, Sendable, CaseIterable {
    case repeatedCalls, sequentialCalls, modelCall, slowMode, heavyTail, database, remoteCall, computation, memoryGrowth
    case failures

    /// The amount of work to follow a rule, relative to a low effort.
    package enum Effort: Int, Sendable {
        case low = 1
        case medium = 2
        case high = 4

        package var title: String { "\(self)" }
    }

    package var effort: Effort {
        switch self {
        case .repeatedCalls, .database: .low
        case .computation: .high
        default: .medium
        }
    }

    /// The expected gain over the whole run in nanoseconds; `nil` if the rule does not apply.
    ///
    /// A part of an operation's time gains at least the same part of its impact (see ``OperationImpact/gain(limiting:from:)``).
    func gain(_ operation: OperationProfile) -> Double? {
        let gain = possibleGain(operation)
        switch self {
        case .memoryGrowth, .failures: return gain
        default: return gain.flatMap { $0 > 0 ? $0 : nil }
        }
    }

    private func possibleGain(_ operation: OperationProfile) -> Double? {
        let impact = operation.impactNanoseconds
        switch self {
        case .repeatedCalls:
            return operation.repetition?.gain
        case .sequentialCalls:
            return operation.share >= 0.02 ? operation.sequence?.gain : nil
        case .modelCall:
            return operation.isModelCall && operation.share >= 0.1 ? impact * 0.3 : nil
        case .slowMode:
            return operation.share >= 0.005 ? operation.slowMode?.gain : nil
        case .heavyTail:
            return operation.shape == .heavyTail && operation.share >= 0.005 ? operation.tailGain : nil
        case .database:
            return operation.category == .database && operation.share >= 0.02 && operation.repetition == nil
                ? impact / 2 : nil
        case .remoteCall:
            return operation.category == .api && !operation.isModelCall && operation.share >= 0.05 ? impact * 0.3 : nil
        case .computation:
            return operation.category == .computation && operation.share >= 0.05 ? impact / 2 : nil
        case .memoryGrowth:
            return operation.averageMemoryDeltaBytes.flatMap { $0 >= 1_048_576 ? 0 : nil }
        case .failures:
            return operation.failureCount > 0 && Double(operation.failureCount) >= 0.01 * Double(operation.count)
                ? 0 : nil
        }
    }

    /// What the gain assumes, after "if"; `nil` if the rule saves no time.
    package func assumption(_ operation: OperationProfile) -> String? {
        switch self {
        case .repeatedCalls: "one call takes as long as each of them does"
        case .sequentialCalls: operation.sequence?.orderVaries == true ? "both start together" : "neither needs the other"
        case .modelCall, .remoteCall: "it takes 30 % less time"
        case .slowMode: "slow runs become as fast as the others"
        case .heavyTail: "no run takes longer than p95"
        case .database, .computation: "it takes half the time"
        case .memoryGrowth, .failures: nil
        }
    }

    /// A trace in which the advice can be checked.
    package func example(_ operation: OperationProfile) -> TraceID? {
        switch self {
        case .repeatedCalls: operation.repetition?.example
        case .sequentialCalls: operation.sequence?.example
        case .slowMode, .heavyTail: operation.slowest
        default: operation.example
        }
    }

    /// The measurement and the advice in words.
    package func strategy(_ operation: OperationProfile) -> String {
        switch self {
        case .repeatedCalls:
            let calls = operation.repetition.map { Readable.oneDecimal($0.calls) } ?? ""
            let parent = operation.repetition?.parent ?? ""
            return
                "\(calls) calls in a row below \(parent): combine them into one, or keep the result for the rest of the request"
        case .sequentialCalls:
            guard let sequence = operation.sequence else { return "" }
            let (before, after) = sequence.counts
            return sequence.orderVaries
                ? "runs before \(sequence.other) \(Self.times(before)) and after it \(Self.times(after)), so neither needs "
                    + "the other: run both in parallel"
                : "runs \(before > 0 ? "before" : "after") \(sequence.other) \(Self.times(before + after)) and never at the "
                    + "same time: if neither needs the other, run both in parallel"
        case .modelCall: return modelStrategy(operation)
        case .slowMode:
            let evidence = operation.slowMode.map { mode in
                "\(Readable.percent(mode.shape.share)) of the runs take \(Self.time(mode.shape.slow)) on average, the others "
                    + "\(Self.time(mode.shape.fast)): "
            }
            return (evidence ?? "")
                + "find what the slow ones have in common, such as a cold cache, a retry or another branch"
        case .heavyTail:
            let evidence = operation.runs.map {
                "p50 is \(Self.time($0.p50)), p95 \(Self.time($0.p95)), the longest run \(Self.time(Double($0.maximum))): "
            }
            return (evidence ?? "") + Self.tail(operation.category)
        case .database:
            let isOne = operation.callsPerConversation < 1.5
            return evidence(operation)
                + (isOne ? "look at the query plan for a missing index"
                    : "read and write in one transaction, and look at the query plan for a missing index")
        case .remoteCall:
            return evidence(operation)
                + (operation.isAnswered
                    ? "the time is not spent in the called service: keep connections open, and look for queues and retries"
                    : "keep connections open, request less data, and cache answers that do not change")
        case .computation:
            return evidence(operation)
                + (operation.hint ?? "add nested spans to find the slow part, and cache results that do not change")
        case .memoryGrowth:
            let growth = operation.averageMemoryDeltaBytes.map { "the heap grows by \(Readable.signedBytes($0)) a run: " }
            return (growth ?? "") + "find what keeps the allocated memory, such as an unbounded cache"
        case .failures:
            return "failed in \(Readable.count(operation.failureCount)) of \(Readable.count(operation.count)) runs: "
                + "fix the failures first, because failed runs distort all other numbers"
        }
    }

    /// Only what shortens a call, and what the calls do not do yet.
    private func modelStrategy(_ operation: OperationProfile) -> String {
        let calls = operation.modelCalls
        func average(_ tokens: Double?) -> String {
            tokens.map { " (\(Readable.count(wholeNanoseconds($0))) a call)" } ?? ""
        }
        var ways = ["request fewer output tokens\(average(calls?.outputTokens))", "use a faster model for easy turns"]
        if calls?.cacheShare ?? 0 < 0.5 {
            let share = calls?.cacheShare.map { ", \(Readable.percent($0)) from cache" } ?? ""
            let tokens = calls?.inputTokens.map { " (\(Readable.count(wholeNanoseconds($0))) input tokens a call\(share))" }
            ways.insert("cache the constant part of the prompt\(tokens ?? "")", at: 0)
        }
        let text = ways.dropLast().joined(separator: ", ") + (ways.count > 2 ? ", or " : " or ") + ways[ways.count - 1]
        let streaming = calls?.isStreaming == true ? "" : "; stream the answer, so that its reader waits less"
        return evidence(operation) + text + streaming
    }

    private func evidence(_ operation: OperationProfile) -> String {
        let calls = operation.callsPerConversation
        let time = Self.time(operation.perConversation(operation.impactNanoseconds))
        return "takes \(time)" + (calls < 1.05 ? ": " : " in \(Readable.oneDecimal(calls)) calls: ")
    }

    private static func tail(_ category: WorkCategory) -> String {
        switch category {
        case .database: "look at the slowest runs: a lock, a checkpoint, or a plan that changes with the data"
        case .api: "set a timeout near p95 and retry on another connection; the slowest calls often share a bad one"
        case .computation, .memory: "look at the slowest runs: their input is larger, or they wait for a lock"
        }
    }

    private static func times(_ count: Int) -> String { count == 1 ? "once" : "\(Readable.count(count)) times" }

    private static func time(_ nanoseconds: Double) -> String { Readable.durationInText(wholeNanoseconds(nanoseconds)) }
}
