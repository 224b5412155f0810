/// A common OKR mistake, found in a text.
public struct AntiPatternFinding: Sendable, Equatable, Codable {
    /// Which mistake.
    public var kind: AntiPattern
    /// Whose text it was found in.
    public var source: Source
    /// The words that gave it away, at most 120 characters.
    public var excerpt: String

    /// Whose text a finding is about.
    public enum Source: String, Sendable, Codable {
        /// The user's message.
        case input
        /// The model's answer.
        case output
    }

    /// Creates a finding.
    public init(kind: AntiPattern, source: Source, excerpt: String) {
        self.kind = kind
        self.source = source
        self.excerpt = excerpt
    }
}

/// The mistakes the coach knows.
public enum AntiPattern: String, Sendable, Codable, CaseIterable {
    /// Something that is done, instead of something that changes.
    case activityInsteadOfOutcome
    /// Words that can mean anything.
    case vagueWords
    /// A result without any number.
    case noNumber
    /// A goal that is either reached or not, with nothing in between.
    case binaryGoal
    /// Too many key results to steer by.
    case tooManyKeyResults
    /// What the team does anyway.
    case businessAsUsual
    /// A target that is as good as reached.
    case sandbagging
    /// A count of things made, as a result.
    case outputAsKeyResult
    /// Two goals in one sentence.
    case multipleObjectives
    /// A number that looks good and says little.
    case vanityMetric
    /// A target without where it starts.
    case noBaseline
    /// No date.
    case noTimeFrame

    /// How much it harms.
    public enum Severity: Int, Sendable, Codable, Comparable {
        /// Worth a thought.
        case low
        /// Will hurt at the end of the period.
        case medium
        /// Nothing can be steered by it.
        case high

        /// Less harm is smaller.
        public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    /// How much it harms.
    public var severity: Severity {
        switch self {
        case .activityInsteadOfOutcome, .noNumber, .outputAsKeyResult: .high
        case .binaryGoal, .tooManyKeyResults, .businessAsUsual, .multipleObjectives, .vagueWords: .medium
        case .sandbagging, .vanityMetric, .noBaseline, .noTimeFrame: .low
        }
    }

    /// Why it is a mistake, in one sentence for the user.
    public var explanation: String {
        switch self {
        case .activityInsteadOfOutcome: "This says what you will do, not what will change for other people."
        case .vagueWords: "Words like “better” or “optimise” mean something different to every reader."
        case .noNumber: "Without a number, you cannot tell how far you have come."
        case .binaryGoal: "A goal that is either done or not done shows no progress until the last day."
        case .tooManyKeyResults: "With more than five key results, none of them is a priority."
        case .businessAsUsual: "Keeping things running is necessary work, but it is not a change."
        case .sandbagging: "You are almost certain to reach this target, so it does not change how you work."
        case .outputAsKeyResult: "Counting what you ship does not show whether it helped."
        case .multipleObjectives: "Two goals in one objective compete for the same time."
        case .vanityMetric: "This number can grow while nothing improves."
        case .noBaseline: "Without a starting value, the size of the change is unknown."
        case .noTimeFrame: "Without a date, there is no moment to review the result."
        }
    }

    /// What to do instead, in one sentence for the user.
    public var suggestion: String {
        switch self {
        case .activityInsteadOfOutcome:
            "Ask what it is for until the answer is a change that people outside the team notice."
        case .vagueWords: "Say which behaviour or which measure changes."
        case .noNumber: "Name a metric, its value today and its target."
        case .binaryGoal: "Turn it into a scale: how many, how often or how fast?"
        case .tooManyKeyResults: "Keep the three to five that would convince a sceptic."
        case .businessAsUsual: "Track it as a health metric, and use the OKR for what should change."
        case .sandbagging: "Choose a target that you reach with a probability of about 70 %."
        case .outputAsKeyResult: "Measure the effect: adoption, time saved, errors avoided."
        case .multipleObjectives: "Choose the more important one, or write two objectives."
        case .vanityMetric: "Use a rate or a cohort: who comes back, who pays, who succeeds?"
        case .noBaseline: "Write it as “from X to Y”."
        case .noTimeFrame: "Add the quarter or the date."
        }
    }
}
