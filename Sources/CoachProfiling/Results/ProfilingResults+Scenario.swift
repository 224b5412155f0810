import SpanKitPercentiles
import SpanKitReports

extension ProfilingResults {
    /// One conversation of a run.
    package struct Scenario: Codable, Sendable, Equatable {
        /// Its place in the catalogue, from 1.
        package var number: Int
        /// Its short name, as `--scenario` takes it.
        package var name: String
        /// Its name for people.
        package var title: String
        /// How it ended.
        package var outcome: Outcome
        /// What went wrong, in one line; nil unless ``outcome`` is `failed`.
        package var failure: String?
        /// How many messages it has when it runs to its end.
        package var plannedMessageCount: Int
        /// The messages that were answered, in order.
        package var messages: [Message]
        /// What was recorded while it ran, costliest first.
        package var operations: [Operation]
        /// The process's heap before and after; nil where the system cannot say.
        package var memory: Memory?
        /// How often each kind of finding occurred.
        package var findingCounts: [String: Int]

        /// Creates the record of one conversation; ``findingCounts`` follow from the messages.
        package init(
            number: Int,
            name: String,
            title: String,
            outcome: Outcome,
            failure: String? = nil,
            plannedMessageCount: Int,
            messages: [Message],
            operations: [Operation],
            memory: Memory?
        ) {
            self.number = number
            self.name = name
            self.title = title
            self.outcome = outcome
            self.failure = failure
            self.plannedMessageCount = plannedMessageCount
            self.messages = messages
            self.operations = operations
            self.memory = memory
            findingCounts = messages.reduce(into: [:]) { counts, message in
                for finding in message.findings { counts[finding, default: 0] += 1 }
            }
        }
    }

    /// One answered message.
    package struct Message: Codable, Sendable, Equatable {
        /// Its place in the scenario, from 1.
        package var index: Int
        /// From the call to the answer.
        package var durationNanoseconds: UInt64
        /// The part of ``durationNanoseconds`` that the language model took.
        package var modelLatencyNanoseconds: UInt64
        /// What the offline model would have taken at scale 1; nil for a real model.
        package var unscaledModelLatencyNanoseconds: UInt64?
        /// ``durationNanoseconds`` with the model's latency at scale 1; the same number for a real model.
        package var projectedDurationNanoseconds: UInt64
        /// The phase the conversation was in when the message came.
        package var phaseBefore: String
        /// The phase after the answer.
        package var phaseAfter: String
        /// The kinds of what the analysis found, in its order.
        package var findings: [String]
        /// Tokens the model read; nil where it did not say.
        package var inputTokens: Int?
        /// Tokens the model wrote; nil where it did not say.
        package var outputTokens: Int?
        /// The part of ``inputTokens`` that came out of the provider's cache; nil where it did not say.
        package var cacheReadTokens: Int?
        /// The part of ``inputTokens`` that went into the provider's cache; nil where it did not say.
        package var cacheWriteTokens: Int?
        /// The part of ``outputTokens`` that was reasoning; nil where it did not say.
        package var reasoningTokens: Int?
        /// From the call to the first piece of the answer; nil where it did not come in pieces.
        package var timeToFirstTokenNanoseconds: UInt64?
        /// The model that answered; nil where it did not say.
        package var model: String?
        /// What the call cost; nil without a price.
        package var cost: ModelCost?
        /// What was said; nil where the run was asked not to keep it, and in files of earlier releases.
        package var exchange: Exchange?

        /// Creates the record of one message; the projection follows from the three durations.
        package init(
            index: Int,
            durationNanoseconds: UInt64,
            modelLatencyNanoseconds: UInt64,
            unscaledModelLatencyNanoseconds: UInt64?,
            phaseBefore: String,
            phaseAfter: String,
            findings: [String],
            inputTokens: Int? = nil,
            outputTokens: Int? = nil
        ) {
            self.index = index
            self.durationNanoseconds = durationNanoseconds
            self.modelLatencyNanoseconds = modelLatencyNanoseconds
            self.unscaledModelLatencyNanoseconds = unscaledModelLatencyNanoseconds
            projectedDurationNanoseconds = projected(
                durationNanoseconds,
                by: Self.projection(from: modelLatencyNanoseconds, to: unscaledModelLatencyNanoseconds)
            )
            self.phaseBefore = phaseBefore
            self.phaseAfter = phaseAfter
            self.findings = findings
            self.inputTokens = inputTokens
            self.outputTokens = outputTokens
        }

        /// What scale 1 adds to the message, negative when the model was slowed down.
        var projectionNanoseconds: Int64 {
            Self.projection(from: modelLatencyNanoseconds, to: unscaledModelLatencyNanoseconds)
        }

        private static func projection(from measured: UInt64, to unscaled: UInt64?) -> Int64 {
            guard let unscaled else { return 0 }
            return Int64(clamping: unscaled).subtractingSaturating(Int64(clamping: measured))
        }
    }

    /// What was said in one message and its answer, and what was found in it. Redacted where redaction is configured.
    package struct Exchange: Codable, Sendable, Equatable {
        /// What the user wrote.
        package var userMessage: String
        /// What the user got to read.
        package var answer: String
        /// Why the conversation is in the phase it is in after it.
        package var phaseReason: String
        /// As ``Message/findings``, with the words they are about.
        package var findings: [Finding]
    }

    /// Something that was found in a text.
    package struct Finding: Codable, Sendable, Equatable {
        /// What harm it does.
        package enum Severity: String, Codable, Sendable {
            case low, medium, high
        }

        /// Whose text it was found in.
        package enum Source: String, Codable, Sendable {
            case userMessage, answer
        }

        /// As in ``Message/findings``.
        package var kind: String
        /// Whose text it was found in.
        package var source: Source
        /// How much it harms.
        package var severity: Severity
        /// The words that gave it away.
        package var excerpt: String
        /// Why it is a mistake, in one sentence.
        package var explanation: String
    }

    /// The process's heap around a scenario.
    package struct Memory: Codable, Sendable, Equatable {
        /// Bytes in use before its first message.
        package var heapBeforeBytes: UInt64
        /// Bytes in use after its last message.
        package var heapAfterBytes: UInt64
        /// What it kept, negative where it gave back more than it took.
        package var deltaBytes: Int64
        /// Which counter the numbers come from.
        package var counter: String

        /// Creates the pair; the difference follows.
        package init(heapBeforeBytes: UInt64, heapAfterBytes: UInt64, counter: String) {
            self.heapBeforeBytes = heapBeforeBytes
            self.heapAfterBytes = heapAfterBytes
            deltaBytes = Int64(clamping: heapAfterBytes).subtractingSaturating(Int64(clamping: heapBeforeBytes))
            self.counter = counter
        }
    }
}

/// A measured time with the difference that scale 1 makes; never below zero.
func projected(_ nanoseconds: UInt64, by difference: Int64) -> UInt64 {
    difference < 0
        ? nanoseconds - min(nanoseconds, difference.magnitude)
        : nanoseconds.addingReportingOverflow(difference.magnitude).overflow ? .max : nanoseconds + difference.magnitude
}
