import SpanKitSummaries

/// The rules for improvements: when each applies, its effort and its expected gain.
///
/// | Rule | Condition | Effort | Expected gain |
/// |---|---|---|---|
/// | `repeatedCalls` | at least five calls in a row below one parent | low | all calls but one |
/// | `sequentialCalls` | two consecutive children that never overlap | medium | the shorter of the two |
/// | `modelCall` | a model call with at least 10 % of all time | medium | 30 %, by caching, streaming or fewer output tokens |
/// | `slowMode` | two kinds of runs, at least 0.5 % | medium | slow runs become as fast as the others |
/// | `heavyTail` | p99 at least five times p50, at least 0.5 % | medium | runs above p95 become as fast as p95 |
/// | `database` | reads or writes, at least 2 % | low | half, by one transaction or an index |
/// | `remoteCall` | another service, at least 5 % | medium | 30 %, by kept connections or cached answers |
/// | `computation` | work in the process, at least 5 % | high | half, by a better algorithm or a cached result |
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
    func gain(_ operation: OperationProfile) -> Double? {
        let own = operation.ownNanoseconds
        switch self {
        case .repeatedCalls:
            return operation.repetition.map { own * (1 - 1 / $0.calls) }
        case .sequentialCalls:
            guard let sequence = operation.sequence, operation.share >= 0.02 else { return nil }
            return sequence.orderVaries || operation.category != .computation ? sequence.gain : nil
        case .modelCall:
            return operation.isModelCall && operation.share >= 0.1 ? own * 0.3 : nil
        case .slowMode:
            return operation.shape == .bimodal && operation.share >= 0.005 ? operation.slowModeExcess : nil
        case .heavyTail:
            return operation.shape == .heavyTail && operation.share >= 0.005 ? operation.tailExcess : nil
        case .database:
            return operation.category == .database && operation.share >= 0.02 && operation.repetition == nil
                ? own / 2 : nil
        case .remoteCall:
            return operation.category == .api && !operation.isModelCall && operation.share >= 0.05 ? own * 0.3 : nil
        case .computation:
            return operation.category == .computation && operation.share >= 0.05 ? own / 2 : nil
        case .memoryGrowth:
            return operation.averageMemoryDeltaBytes.flatMap { $0 >= 1_048_576 ? 0 : nil }
        case .failures:
            return operation.failureCount > 0 && Double(operation.failureCount) >= 0.01 * Double(operation.count)
                ? 0 : nil
        }
    }

    /// The advice in words.
    package func strategy(_ operation: OperationProfile) -> String {
        switch self {
        case .repeatedCalls:
            let calls = operation.repetition.map { Readable.oneDecimal($0.calls) } ?? ""
            let parent = operation.repetition?.parent ?? ""
            return
                "\(calls) calls in a row below \(parent): combine them into one, or keep the result for the rest of the request"
        case .sequentialCalls:
            let other = operation.sequence?.other ?? ""
            return operation.sequence?.orderVaries == true
                ? "runs before \(other) in some traces and after it in others, so neither needs the other: run both in parallel"
                : "never runs in parallel with \(other): if it does not need its result, run both in parallel"
        case .modelCall:
            var ways = ["request fewer output tokens", "use a faster model for easy turns"]
            if operation.modelCalls?.isStreaming != true { ways.insert("stream the answer", at: 1) }
            if operation.modelCalls?.cacheShare ?? 0 < 0.5 {
                ways.insert("cache the constant part of the prompt", at: 0)
            }
            return ways.dropLast().joined(separator: ", ") + (ways.count > 2 ? ", or " : " or ") + ways[ways.count - 1]
        case .slowMode:
            return
                "two kinds of runs: find what the slow ones have in common, such as a cold cache, a retry or another branch"
        case .heavyTail:
            switch operation.category {
            case .database:
                return "look at the slowest runs: a lock, a checkpoint, or a plan that changes with the data"
            case .api:
                return
                    "set a timeout near p95 and retry on another connection; the slowest calls often share a bad one"
            case .computation, .memory:
                return "look at the slowest runs: their input is larger, or they wait for a lock"
            }
        case .database: return "read and write in one transaction, and look at the query plan for a missing index"
        case .remoteCall: return "keep connections open, request less data, and cache answers that do not change"
        case .computation:
            return operation.hint
                ?? "add nested spans to find the slow part, and cache results that do not change"
        case .memoryGrowth:
            return "find what keeps the allocated memory, such as an unbounded cache"
        case .failures:
            return "failed in \(Readable.count(operation.failureCount)) of \(Readable.count(operation.count)) runs: "
                + "fix the failures first, because failed runs distort all other numbers"
        }
    }
}
