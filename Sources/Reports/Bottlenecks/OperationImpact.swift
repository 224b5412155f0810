import Foundation
import SpanKitPercentiles
import SpanKitRecording

/// The time by which traces would be shorter without one operation, over any number of traces.
struct OperationImpact: Sendable {
    /// The time in nanoseconds by which traces would be shorter if the operation took no time of its own.
    private(set) var nanoseconds: UInt128 = 0
    /// The time of its spans on the critical paths in nanoseconds, which is at least ``nanoseconds``.
    private(set) var criticalNanoseconds: UInt128 = 0
    /// The trace that would gain the most.
    private(set) var example = TracePatterns.Example()
    /// The trace with the longest run on its critical path.
    private(set) var slowest = TracePatterns.Example()
    /// The operation's calls of language models.
    var calls = ModelCallEvidence()
    /// Whether the traces contain the other side of some of its calls, such as the server's span.
    var isAnswered = false

    /// The longest run of each trace, in buckets of its own time.
    private var runs: [Int: Runs] = [:]

    /// The runs of one bucket, an eighth of a doubling wide.
    private struct Runs {
        /// The time in nanoseconds by which their traces would be shorter without these runs.
        var gain = 0.0
        /// The sum of these times, each divided by the run's own time.
        var gainByTime = 0.0
    }

    /// Adds a trace.
    mutating func add(_ gain: UInt64, critical: UInt64, _ trace: TraceID) {
        nanoseconds += UInt128(gain)
        criticalNanoseconds += UInt128(critical)
        example.add(gain, trace)
    }

    /// Adds the longest run of a trace.
    /// - Parameter gain: The time in nanoseconds by which the trace would be shorter without this run.
    mutating func addRun(of own: Int64, gain: UInt64, _ trace: TraceID) {
        guard own > 0, gain > 0 else { return }
        slowest.add(UInt64(own), trace)
        let bucket = Int(log2(Double(own)) * 8)
        runs[bucket, default: Runs()].gain += Double(gain)
        runs[bucket]?.gainByTime += Double(gain) / Double(own)
    }

    /// The time in nanoseconds by which traces would be shorter if their longest run took no longer than a limit.
    ///
    /// Shortening a run by a fraction of its time gains at least the same fraction of what removing it would gain,
    /// because the duration of a trace is a maximum of sums. Runs near the limit are left out, so that the gain is
    /// never too large.
    /// - Parameter lowest: The own time from which runs are shortened; at least the limit.
    func gain(limiting limit: Double, from lowest: Double) -> Double {
        runs.reduce(0) { sum, entry in
            guard exp2(Double(entry.key) / 8) >= max(limit, lowest) else { return sum }
            return sum + max(0, entry.value.gain - limit * entry.value.gainByTime)
        }
    }
}

/// What is known about an operation's calls of a language model.
package struct ModelCallEvidence: Sendable {
    package private(set) var callCount = 0
    /// Whether an answer was streamed.
    package private(set) var isStreaming = false
    private var input = Sum()
    private var output = Sum()
    private var cacheReadTokens = 0
    private var cacheableTokens = 0

    private struct Sum {
        var tokens = 0
        var count = 0

        mutating func add(_ tokens: Int?, count: Int = 1) {
            guard let tokens else { return }
            self.tokens = self.tokens.addingSaturating(tokens)
            self.count += count
        }

        var average: Double? { count == 0 ? nil : Double(tokens) / Double(count) }
    }

    package init() {}

    /// The average number of input tokens of a call; `nil` if no call reports it.
    package var inputTokens: Double? { input.average }
    /// The average number of output tokens of a call; `nil` if no call reports it.
    package var outputTokens: Double? { output.average }
    /// The fraction of the input that was read from the provider's cache; `nil` if no call reports it.
    package var cacheShare: Double? {
        cacheableTokens > 0 ? Double(cacheReadTokens) / Double(cacheableTokens) : nil
    }

    mutating func add(_ call: ModelCallFacts) {
        callCount += 1
        if call.isStreaming { isStreaming = true }
        input.add(call.inputTokens)
        output.add(call.outputTokens)
        guard let read = call.cacheReadTokens, let whole = call.inputTokens else { return }
        cacheReadTokens = cacheReadTokens.addingSaturating(read)
        cacheableTokens = cacheableTokens.addingSaturating(whole)
    }
}
