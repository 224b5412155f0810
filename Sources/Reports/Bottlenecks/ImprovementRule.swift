import SpanKitSummaries

/// What may be done about an operation, and when: the table behind the strategies.
///
/// | Rule | When | Effort | Expected gain |
/// |---|---|---|---|
/// | `repeatedCalls` | at least five calls in a row below one parent | low | all calls but one |
/// | `sequentialCalls` | two children in sequence that never overlap; sure where their order varies | medium | the shorter of the two |
/// | `modelCall` | the language model's call, at least 10 % of all time | medium | 30 %: what the calls do not do yet: caching, streaming; fewer output tokens |
/// | `slowMode` | two kinds of runs, at least 0.5 % | medium | the slow kind as fast as the other |
/// | `heavyTail` | p99 at least five times p50, at least 0.5 % | medium | runs above p95 down to p95 |
/// | `database` | reads or writes, at least 2 % | low | half: one transaction, an index |
/// | `remoteCall` | another service, at least 5 % | medium | 30 %: kept connections, cached answers |
/// | `computation` | own work, at least 5 % | high | half: a better algorithm, or the result kept |
/// | `memoryGrowth` | the heap grows by 1 MiB a run | medium | no time; memory |
/// | `failures` | of a step at least one run in a hundred fails | medium | no time; the other numbers become right |
package enum ImprovementRule: String, Sendable, CaseIterable {
    case repeatedCalls, sequentialCalls, modelCall, slowMode, heavyTail, database, remoteCall, computation, memoryGrowth
    case failures

    /// How much work it is to follow.
    package enum Effort: Int, Sendable {
        case low = 1
        case medium = 2
        case high = 4

        package var title: String {
            switch self {
            case .low: "low"
            case .medium: "medium"
            case .high: "high"
            }
        }
    }

    package var effort: Effort {
        switch self {
        case .repeatedCalls, .database: .low
        case .computation: .high
        default: .medium
        }
    }

    /// What following it should gain altogether, in nanoseconds; nil where it does not apply.
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

    /// What to do.
    package func strategy(_ operation: OperationProfile) -> String {
        switch self {
        case .repeatedCalls:
            let calls = operation.repetition.map { Readable.oneDecimal($0.calls) } ?? ""
            let parent = operation.repetition?.parent ?? ""
            return
                "\(calls) calls in a row below \(parent): collect them into one, or keep what was read for the rest of the request"
        case .sequentialCalls:
            let other = operation.sequence?.other ?? ""
            return operation.sequence?.orderVaries == true
                ? "runs before \(other) in some traces and after it in others, so neither needs the other: start both, then wait"
                : "never runs beside \(other); if it does not need its result, start both, then wait"
        case .modelCall:
            var ways = ["ask for fewer output tokens", "give easy turns to a faster model"]
            if operation.modelCalls?.isStreaming != true { ways.insert("stream the answer", at: 1) }
            if operation.modelCalls?.cacheShare ?? 0 < 0.5 {
                ways.insert("cache the constant part of the prompt", at: 0)
            }
            return ways.dropLast().joined(separator: ", ") + (ways.count > 2 ? ", or " : " or ") + ways[ways.count - 1]
        case .slowMode:
            return
                "two kinds of runs: find what the slow ones have in common (a cold cache, a retry, another branch) and take them the fast way"
        case .heavyTail:
            switch operation.category {
            case .database:
                return "look at the slowest runs: a lock, a checkpoint, or a plan that changes with the data"
            case .api:
                return
                    "set a deadline near p95 and try again elsewhere; the slowest calls are mostly one bad connection"
            case .computation, .memory:
                return "look at the slowest runs: their input is larger, or they wait for a lock"
            }
        case .database: return "read and write in one transaction, and look at the query plan for a missing index"
        case .remoteCall: return "keep connections open, ask for less, and keep answers that do not change"
        case .computation:
            return operation.hint
                ?? "profile inside it: nested spans show which part is worth the work; keep results that do not change"
        case .memoryGrowth:
            return "find who keeps what it allocates: a cache without a bound, or text held longer than its message"
        case .failures:
            return "failed in \(Readable.count(operation.failureCount)) of \(Readable.count(operation.count)) runs: "
                + "make it succeed before making it fast, because failed runs distort every other number"
        }
    }
}

extension Readable {
    /// `12.5`, and `12` where nothing is behind the point.
    static func oneDecimal(_ value: Double) -> String {
        let tenths = Int((min(max(value, 0), 1e12) * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
