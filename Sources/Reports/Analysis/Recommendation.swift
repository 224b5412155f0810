/// What to do next, with the measurement it follows from.
package struct Recommendation: Codable, Sendable, Equatable {
    /// The rule that fired; the rules are listed in `docs/results-file.md`.
    package var rule: Rule
    /// The operation it is about; nil for the whole.
    package var operation: String?
    /// What was measured.
    package var finding: String
    /// What to do about it.
    package var advice: String
    /// The most that could be gained for each message, if the cause went away completely; nil where time is not the point.
    package var upperBoundOfGainNanosecondsPerMessage: UInt64?

    /// What a recommendation follows from.
    package enum Rule: String, Codable, Sendable, CaseIterable {
        /// The model call has at least 40 % of the projected time.
        case modelCallDominates
        /// Any other operation has at least 10 % of the projected time.
        case largeShare
        /// p99 is at least five times p50, over at least 20 runs, with at least 1 % of the projected time.
        case variable
        /// An operation with at least 1 % of the projected time runs more than 1.5 times for each message.
        case repeatedCalls
        /// The heap grows by at least 1 MiB with each run of an operation.
        case memoryGrowth
        /// At least one run in a hundred fails.
        case errors
        /// The whole spends at least 5 % of the projected time outside its steps.
        case unattributedTime
        /// The mean time per message is below the target.
        case targetMet
        /// Fewer messages than a verdict needs.
        case tooFewMessages
    }
}
