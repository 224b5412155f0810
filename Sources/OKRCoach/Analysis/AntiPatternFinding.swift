/// A common OKR mistake that was found in a text.
public struct AntiPatternFinding: Sendable, Equatable, Codable {
    /// The mistake.
    public var kind: AntiPattern
    /// The author of the text.
    public var source: Source
    /// The words that show the mistake, at most 120 characters.
    public var excerpt: String

    /// The author of a text.
    public enum Source: String, Sendable, Codable {
        /// The user, in a message.
        case input
        /// The model, in an answer.
        case output
    }

    /// Creates a finding.
    public init(kind: AntiPattern, source: Source, excerpt: String) {
        self.kind = kind
        self.source = source
        self.excerpt = excerpt
    }
}

/// A common OKR mistake.
public enum AntiPattern: String, Sendable, Codable, CaseIterable {
    /// An activity instead of a change.
    case activityInsteadOfOutcome
    /// Words that mean something different to every reader.
    case vagueWords
    /// A key result without a number.
    case noNumber
    /// A goal that is either reached or not, without a scale in between.
    case binaryGoal
    /// More than five key results.
    case tooManyKeyResults
    /// Work that the team does anyway.
    case businessAsUsual
    /// A target that is almost certain to be reached.
    case sandbagging
    /// A key result that counts deliverables instead of their effect.
    case outputAsKeyResult
    /// Two goals in one objective.
    case multipleObjectives
    /// A number that can grow while nothing improves.
    case vanityMetric
    /// A change without its starting value.
    case noBaseline
    /// A goal without a date.
    case noTimeFrame

    /// The harm a mistake does.
    public enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
        /// The OKR is slightly weaker.
        case low
        /// The mistake causes trouble at the end of the period.
        case medium
        /// The OKR cannot guide the team's work.
        case high

        /// Orders severities from ``low`` to ``high``.
        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// The harm the mistake does.
    public var severity: Severity { advice.severity }

    /// The reason why it is a mistake, in one sentence for the user.
    public var explanation: String { advice.explanation }

    /// What to do instead, in one sentence for the user.
    public var suggestion: String { advice.suggestion }

    private var advice: (severity: Severity, explanation: String, suggestion: String) {
        switch self {
        case .activityInsteadOfOutcome:
            (
                .high, "This says what you will do, not what will change for other people.",
                "Ask what it is for until the answer is a change that people outside the team notice."
            )
        case .vagueWords:
            (
                .medium, "Words like “better” or “optimise” mean something different to every reader.",
                "Say which behaviour or which measure changes."
            )
        case .noNumber:
            (
                .high, "Without a number, you cannot tell how far you have come.",
                "Name a metric, its value today and its target."
            )
        case .binaryGoal:
            (
                .medium, "A goal that is either done or not done shows no progress until the last day.",
                "Turn it into a scale: how many, how often or how fast?"
            )
        case .tooManyKeyResults:
            (
                .medium, "With more than five key results, none of them is a priority.",
                "Keep the three to five that would convince a sceptic."
            )
        case .businessAsUsual:
            (
                .medium, "Keeping things running is necessary work, but it is not a change.",
                "Track it as a health metric, and use the OKR for what should change."
            )
        case .sandbagging:
            (
                .low, "You are almost certain to reach this target, so it does not change how you work.",
                "Choose a target that you reach with a probability of about 70 %."
            )
        case .outputAsKeyResult:
            (
                .high, "Counting what you ship does not show whether it helped.",
                "Measure the effect: adoption, time saved, errors avoided."
            )
        case .multipleObjectives:
            (
                .medium, "Two goals in one objective compete for the same time.",
                "Choose the more important one, or write two objectives."
            )
        case .vanityMetric:
            (
                .low, "This number can grow while nothing improves.",
                "Use a rate or a cohort: who comes back, who pays, who succeeds?"
            )
        case .noBaseline:
            (.low, "Without a starting value, the size of the change is unknown.", "Write it as “from X to Y”.")
        case .noTimeFrame:
            (.low, "Without a date, there is no moment to review the result.", "Add the quarter or the date.")
        }
    }
}
