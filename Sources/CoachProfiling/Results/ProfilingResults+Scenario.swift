import OKRCoach
import SpanKitPercentiles
import SpanKitReports

// Every field is described in docs/results-file.md.
extension ProfilingResults {
    /// One conversation of a run.
    struct Scenario: Codable, Sendable, Equatable {
        var number: Int
        var name: String
        var title: String
        var outcome: Outcome
        /// What went wrong, in one line. It is nil unless ``outcome`` is `failed`.
        var failure: String?
        var plannedMessageCount: Int
        /// The answered messages in order.
        var messages: [Message]
        /// The recorded operations, costliest first.
        var operations: [Operation]
        /// The heap of the process, or nil if the system does not report it.
        var memory: Memory?
        /// The number of findings of each kind, as ``counts(of:)`` returns it.
        var findingCounts: [String: Int] = [:]

        static func counts(of messages: [Message]) -> [String: Int] {
            messages.flatMap(\.findings).reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }

    /// One answered message. Token counts and times are nil if the model did not report them.
    struct Message: Codable, Sendable, Equatable {
        /// The position in the scenario, from 1.
        var index: Int
        /// The time from the call to the answer.
        var durationNanoseconds: UInt64
        /// The part of ``durationNanoseconds`` that the language model took.
        var modelLatencyNanoseconds: UInt64
        /// The latency of the offline model at scale 1, or nil for a real model.
        var unscaledModelLatencyNanoseconds: UInt64?
        /// ``durationNanoseconds`` with the model's latency at scale 1.
        var projectedDurationNanoseconds: UInt64
        var phaseBefore: String
        var phaseAfter: String
        /// The kinds of the findings in order.
        var findings: [String]
        var inputTokens: Int?
        var outputTokens: Int?
        /// The part of ``inputTokens`` that was read from the provider's cache.
        var cacheReadTokens: Int?
        /// The part of ``inputTokens`` that was written to the provider's cache.
        var cacheWriteTokens: Int?
        /// The part of ``outputTokens`` that was reasoning.
        var reasoningTokens: Int?
        /// The time from the call to the first piece of the answer.
        var timeToFirstTokenNanoseconds: UInt64?
        var model: String?
        /// The cost of the call, or nil without a price.
        var cost: ModelCost?
        /// The texts of the message and its answer, or nil if the run did not keep them.
        var exchange: Exchange?

        /// Creates a message without the values that the model reported. The projected duration is computed from the
        /// three durations.
        init(
            index: Int,
            durationNanoseconds: UInt64,
            modelLatencyNanoseconds: UInt64,
            unscaledModelLatencyNanoseconds: UInt64? = nil,
            phaseBefore: String = "",
            phaseAfter: String = "",
            findings: [String] = []
        ) {
            self.index = index
            self.durationNanoseconds = durationNanoseconds
            self.modelLatencyNanoseconds = modelLatencyNanoseconds
            self.unscaledModelLatencyNanoseconds = unscaledModelLatencyNanoseconds
            projectedDurationNanoseconds = durationNanoseconds
            self.phaseBefore = phaseBefore
            self.phaseAfter = phaseAfter
            self.findings = findings
            projectedDurationNanoseconds = projected(durationNanoseconds, by: projectionNanoseconds)
        }

        /// The time that scale 1 adds to the message. It is negative for a scale above 1.
        var projectionNanoseconds: Int64 {
            guard let unscaledModelLatencyNanoseconds else { return 0 }
            return Int64(clamping: unscaledModelLatencyNanoseconds)
                .subtractingSaturating(Int64(clamping: modelLatencyNanoseconds))
        }
    }

    /// The texts of a message and its answer. They are redacted if redaction is configured.
    struct Exchange: Codable, Sendable, Equatable {
        var userMessage: String
        var answer: String
        var phaseReason: String
        var findings: [Finding]
    }

    /// A mistake that was found in a text.
    struct Finding: Codable, Sendable, Equatable {
        /// The author of the text.
        enum Source: String, Codable, Sendable {
            case userMessage, answer
        }

        var kind: String
        var source: Source
        var severity: AntiPattern.Severity
        var excerpt: String
        var explanation: String
    }

    /// The heap of the process before and after a scenario.
    struct Memory: Codable, Sendable, Equatable {
        var heapBeforeBytes: UInt64
        var heapAfterBytes: UInt64
        var deltaBytes: Int64
        /// The counter that the numbers come from.
        var counter: String

        init(heapBeforeBytes: UInt64, heapAfterBytes: UInt64, counter: String) {
            self.heapBeforeBytes = heapBeforeBytes
            self.heapAfterBytes = heapAfterBytes
            deltaBytes = Int64(clamping: heapAfterBytes).subtractingSaturating(Int64(clamping: heapBeforeBytes))
            self.counter = counter
        }
    }
}

/// A duration plus a difference, clamped to the range of `UInt64`.
func projected(_ nanoseconds: UInt64, by difference: Int64) -> UInt64 {
    difference < 0
        ? nanoseconds - min(nanoseconds, difference.magnitude)
        : nanoseconds.addingReportingOverflow(difference.magnitude).overflow ? .max : nanoseconds + difference.magnitude
}
