import SpanKitPercentiles
import SpanKitRecording
import SpanKitSummaries

/// The rules for improvements: when each applies, its effort and its expected gain.
///
/// Percentages are impacts relative to the duration of all traces. An operation that runs at the same time as others
/// has a small impact, however long it takes.
///
/// | Rule | Condition | Effort | Assumption |
/// |---|---|---|---|
/// | `repeatedCalls` | at least five calls below one parent, one after the other | low | one call takes as long as each one does |
/// | `sequentialCalls` | two children, one after the other, that never overlap, at least 2 % | medium | both start together |
/// | `modelCall` | a model call with at least 10 % of all time | medium | it takes 30 % less time |
/// | `slowMode` | two kinds of runs, at least 0.5 % | medium | slow runs become as fast as the others |
/// | `heavyTail` | p99 at least five times p50, at least 0.5 % | medium | runs above p95 become as fast as p95 |
/// | `database` | reads or writes, at least 2 % | low | they take half the time |
/// | `remoteCall` | another service, at least 5 % | medium | it takes 30 % less time |
/// | `computation` | work in the process, at least 5 %, without the time in which its task waits | high | it takes half the time |
/// | `actorContention` | tasks wait for an actor in at least 10 % of the time, at least 2 % | medium | no task waits for an actor |
/// | `blockedPool` | tasks wait for a thread in at least 10 % of the time, at least 2 % | medium | no task waits for a thread |
/// | `memoryGrowth` | the heap grows by 1 MiB a run | medium | memory, no time |
/// | `failures` | at least one run of a step in a hundred fails | medium | correct numbers, no time |
package enum ImprovementRule: String, Sendable, CaseIterable {
    case repeatedCalls, sequentialCalls, modelCall, slowMode, heavyTail, database, remoteCall, computation
    case actorContention, blockedPool, memoryGrowth, failures

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
    /// Saving a fraction of an operation's time gains at least the same fraction of its impact (see
    /// ``OperationImpact/gain(limiting:from:)``).
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
            let running = operation.runningShare
            return operation.category == .computation && operation.share * running >= 0.05 ? impact * running / 2 : nil
        case .actorContention:
            return operation.waits.flatMap { waits in
                waits.actor >= 0.1 && operation.share * waits.actor >= 0.02 ? impact * waits.actor : nil
            }
        case .blockedPool:
            return operation.waits.flatMap { waits in
                waits.thread >= 0.1 && operation.share * waits.thread >= 0.02 ? impact * waits.thread : nil
            }
        case .memoryGrowth:
            return operation.averageMemoryDeltaBytes.flatMap { $0 >= 1_048_576 ? 0 : nil }
        case .failures:
            return operation.failureCount > 0 && Double(operation.failureCount) >= 0.01 * Double(operation.count)
                ? 0 : nil
        }
    }

    /// The assumption behind the gain, as text that can follow the word "if"; `nil` if the rule saves no time.
    package func assumption(_ operation: OperationProfile) -> String? {
        switch self {
        case .repeatedCalls: "one call takes as long as each of them does"
        case .sequentialCalls: "both start together"
        case .modelCall, .remoteCall: "it takes 30 % less time"
        case .slowMode: "slow runs become as fast as the others"
        case .heavyTail: "no run takes longer than p95"
        case .database, .computation: "it takes half the time"
        case .actorContention: "no task waits for an actor"
        case .blockedPool: "no task waits for a thread"
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

    /// The measurement and the change in words.
    package func strategy(_ operation: OperationProfile) -> String {
        let evidence = evidence(operation) ?? Self.duration(of: operation)
        return "\(evidence): \(change(operation))"
    }

    /// The measurement in words; `nil` if it is only the time that the operation takes.
    package func evidence(_ operation: OperationProfile) -> String? {
        switch self {
        case .repeatedCalls:
            operation.repetition.map { "\(Readable.oneDecimal($0.calls)) calls one after the other below \($0.parent)" }
        case .sequentialCalls: operation.sequence.map(Self.order)
        case .slowMode:
            operation.slowMode.map { mode in
                "\(Readable.percent(mode.shape.share)) of the runs take \(Self.time(mode.shape.slow)) on average, the others "
                    + Self.time(mode.shape.fast)
            }
        case .heavyTail:
            operation.runs.map {
                "p50 is \(Self.time($0.p50)), p95 \(Self.time($0.p95)), the longest run \(Self.time(Double($0.maximum)))"
            }
        case .memoryGrowth:
            operation.averageMemoryDeltaBytes.map { "the heap changes by \(Readable.signedBytes($0)) a run" }
        case .failures:
            "failed in \(Readable.count(operation.failureCount)) of \(Readable.count(operation.count)) runs"
        case .actorContention:
            operation.waits.map { "waits for an actor in \(Readable.percent($0.actor)) of its own time" }
        case .blockedPool:
            operation.waits.map { "waits for a thread of the pool in \(Readable.percent($0.thread)) of its own time" }
        case .modelCall, .database, .remoteCall, .computation: nil
        }
    }

    /// The change in words.
    package func change(_ operation: OperationProfile) -> String {
        switch self {
        case .repeatedCalls: "combine them into one, or keep the result for the rest of the request"
        case .sequentialCalls:
            operation.sequence?.orderVaries == true
                ? "neither needs the other, so run both in parallel"
                : "if neither needs the other, run both in parallel"
        case .modelCall: Self.fasterModelCalls(operation.modelCalls)
        case .slowMode: "find what the slow ones have in common, such as a cold cache, a retry or another branch"
        case .heavyTail: Self.tail(operation.category)
        case .database:
            operation.callsPerConversation < 1.5
                ? "look at the query plan for a missing index"
                : "read and write in one transaction, and look at the query plan for a missing index"
        case .remoteCall:
            operation.isAnswered
                ? "the called service does not take this time: keep connections open, and look for queues and retries"
                : "keep connections open, request less data, and cache answers that do not change"
        case .computation:
            operation.hint ?? "add nested spans to find the slow part, and cache results that do not change"
        case .actorContention:
            "do less in the actor: compute outside of it, do not block in it, or divide its state among several actors"
        case .blockedPool:
            "move blocking calls and long computations of other spans to threads of their own; the metric "
                + "spankit.blocked_threads and the log name them"
        case .memoryGrowth: "find what keeps the allocated memory, such as an unbounded cache"
        case .failures: "fix the failures first, because failed runs distort all other numbers"
        }
    }

    /// Advice that shortens calls and that the calls do not follow yet.
    private static func fasterModelCalls(_ calls: ModelCallEvidence?) -> String {
        func tokens(_ count: Double) -> String { Readable.count(wholeNanoseconds(count)) }
        let output = calls?.outputTokens.map { " (\(tokens($0)) a call)" } ?? ""
        var ways = ["request fewer output tokens\(output)", "use a faster model for easy turns"]
        if calls?.cacheShare ?? 0 < 0.5 {
            let share = calls?.cacheShare.map { ", \(Readable.percent($0)) from cache" } ?? ""
            let input = calls?.inputTokens.map { " (\(tokens($0)) input tokens a call\(share))" } ?? ""
            ways.insert("cache the constant part of the prompt\(input)", at: 0)
        }
        let text = ways.dropLast().joined(separator: ", ") + (ways.count > 2 ? ", or " : " or ") + ways[ways.count - 1]
        return text + (calls?.isStreaming == true ? "" : "; stream the answer, so that its reader waits less")
    }

    private static func duration(of operation: OperationProfile) -> String {
        let calls = operation.callsPerConversation
        let time = time(operation.perConversation(operation.impactNanoseconds))
        return "takes \(time)" + (calls < 1.05 ? "" : " in \(Readable.oneDecimal(calls)) calls")
    }

    private static func order(_ sequence: OperationProfile.Sequence) -> String {
        let (before, after) = sequence.counts
        if sequence.orderVaries { return "runs before \(sequence.other) \(times(before)) and after it \(times(after))" }
        return
            "runs \(before > 0 ? "before" : "after") \(sequence.other) \(times(before + after)), never at the same time"
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
