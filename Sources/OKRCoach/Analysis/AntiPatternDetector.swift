/// Finds common OKR mistakes in a text.
///
/// The result depends on the arguments only. The time is linear in the length of the text.
public struct AntiPatternDetector: Sendable {
    /// Creates the detector.
    public init() {}

    /// At most one finding of each kind, in the order of ``AntiPattern``.
    /// - Parameters:
    ///   - text: The user's message or the model's answer. In an answer, only the lines with an objective or a key result
    ///     count, because the prose around them may explain a mistake.
    ///   - source: The author of the text.
    ///   - session: The conversation. Its phase, draft and period decide which numbers and dates are missing.
    public func findings(
        in text: String,
        source: AntiPatternFinding.Source,
        session: Session
    ) -> [AntiPatternFinding] {
        let evidence = Evidence(source == .input ? text : OKRExtractor.labelledLines(of: text), source, session)
        guard !evidence.words.words.isEmpty else { return [] }
        return AntiPattern.allCases.compactMap { kind in
            kind.excerpt(in: evidence).map { AntiPatternFinding(kind: kind, source: source, excerpt: $0) }
        }
    }

    /// The mistakes in lines that state an objective or key results.
    static func mistakes(in lines: String, of user: UserContext) -> Set<AntiPattern> {
        let session = Session(id: "", user: user, phase: .refinement, createdAtUnixNanoseconds: 0)
        return Set(AntiPatternDetector().findings(in: lines, source: .output, session: session).map(\.kind))
    }
}

/// A text with its sentences and numbers, in which mistakes are looked for.
private struct Evidence {
    /// A sentence that states a goal, as opposed to background or a question.
    struct Goal {
        enum Role {
            case objective
            case keyResult
            case intention
        }

        var role: Role
        var text: Substring
        var sentence: Int
        var quantities: [Quantity]

        func mentions(_ texts: [String]) -> Bool {
            let lower = text.lowercased()
            return texts.contains { lower.contains($0) }
        }
    }

    let words: Words
    let quantities: [Quantity]
    let source: AntiPatternFinding.Source
    let session: Session
    let goals: [Goal]

    init(_ text: String, _ source: AntiPatternFinding.Source, _ session: Session) {
        let words = Words(text)
        let quantities = Quantity.all(in: text)
        self.words = words
        self.quantities = quantities
        self.source = source
        self.session = session
        goals = words.sentences.enumerated().compactMap { sentence, range in
            Self.role(of: sentence, in: words).map { role in
                let quantities = quantities.filter { range.overlaps($0.range) }
                return Goal(role: role, text: words.text(of: sentence), sentence: sentence, quantities: quantities)
            }
        }
    }

    private static func role(of sentence: Int, in words: Words) -> Goal.Role? {
        switch words.words(in: sentence).first?.text {
        case nil: return nil
        case "objective", "goal", "o": return .objective
        case "kr", "kr1", "kr2", "kr3", "kr4", "kr5", "kr6", "kr7", "kr8": return .keyResult
        case "key" where words.text(of: sentence).lowercased().contains("key result"): return .keyResult
        default:
            return !words.isQuestion(sentence) && words.contains(AntiPattern.intentions, in: sentence)
                ? .intention : nil
        }
    }

    /// The text of the first goal that meets a condition.
    func firstGoal(where condition: (Goal) -> Bool) -> String? {
        goals.first(where: condition).map { Words.shortened($0.text) }
    }

    func excerpt(of phrases: [Phrase]) -> String? { words.firstMatch(of: phrases).map { words.excerpt(around: $0) } }

    func contains(_ phrases: [Phrase], in goal: Goal) -> Bool { words.contains(phrases, in: goal.sentence) }

    /// Whether the first word of a goal after "Objective:", "KR 2:", "we want to" … is in a list.
    func starts(_ goal: Goal, with verbs: [Phrase]) -> Bool {
        let range = words.wordsOfSentence[goal.sentence]
        guard let start = range.first(where: { !AntiPattern.openings.contains(words.words[$0].text) }) else {
            return false
        }
        let word = words.words[start]
        return !word.isQuoted && !words.isNegated(at: start) && verbs.contains { $0.isPrefix(of: [word.text]) }
    }

    func count(of verbs: [Phrase], in goal: Goal) -> Int {
        words.words(in: goal.sentence).count { word in verbs.contains { $0.isPrefix(of: [word.text]) } }
    }
}

extension AntiPattern {
    /// The words that show the mistake, or nil if the text does not contain it.
    fileprivate func excerpt(in text: Evidence) -> String? {
        switch self {
        case .activityInsteadOfOutcome:
            return text.firstGoal { text.starts($0, with: Self.activityVerbs) && !$0.mentions(Self.outcomes) }
        case .vagueWords:
            return text.firstGoal { $0.quantities.isEmpty && text.contains(Self.vaguePhrases, in: $0) }
        case .noNumber:
            if let bare = text.firstGoal(where: { $0.role == .keyResult && $0.quantities.isEmpty }) { return bare }
            guard text.source == .input, text.quantities.isEmpty, text.session.phase >= .refinement,
                text.session.draft.keyResults.isEmpty
            else { return nil }
            return text.firstGoal { $0.role == .intention }
        case .binaryGoal:
            return text.firstGoal {
                $0.role != .objective && $0.quantities.isEmpty && text.contains(Self.binaryVerbs, in: $0)
            }
        case .tooManyKeyResults:
            let count = max(text.goals.count { $0.role == .keyResult }, text.session.draft.keyResults.count)
            return count > 5 ? "\(count) key results" : nil
        case .businessAsUsual: return text.excerpt(of: Self.usualBusiness)
        case .sandbagging: return text.excerpt(of: Self.certainty)
        case .outputAsKeyResult:
            return text.firstGoal { goal in
                goal.quantities.contains { $0.unit.isEmpty } && text.contains(Self.outputVerbs, in: goal)
                    && text.contains(Self.outputNouns, in: goal) && !goal.mentions(Self.outcomes)
            }
        case .multipleObjectives:
            return text.firstGoal {
                $0.role == .objective && text.count(of: Self.changeVerbs, in: $0) > 1 && $0.mentions([" and "])
            }
        case .vanityMetric: return text.excerpt(of: Self.vanityMetrics)
        case .noBaseline:
            return text.firstGoal {
                $0.role != .objective && $0.quantities.count == 1 && !$0.mentions(Self.starts)
                    && text.contains(Self.relativeChange, in: $0)
            }
        case .noTimeFrame:
            guard text.source == .input, text.session.user.period.isEmpty, !text.words.stateTime else { return nil }
            return text.firstGoal { $0.role == .keyResult || !$0.quantities.isEmpty }
        }
    }

    fileprivate static let intentions: [Phrase] = [
        "we want", "i want", "we will", "we'll", "i will", "we plan", "our goal", "my goal", "we need", "we aim",
        "we'd like",
        "i'd like", "goal is", "target is", "objective is", "should", "wir wollen", "ich will", "wir werden",
    ]
    /// Words before the verb of a goal.
    fileprivate static let openings: Set<String> = [
        "objective", "goal", "o", "key", "result", "kr", "we", "i", "want", "will", "plan", "need", "to", "our", "my",
        "is", "aim", "we'll", "should", "also", "and", "so", "then", "first", "like", "we'd", "i'd", "1", "2", "3", "4",
        "5", "6", "7", "kr1", "kr2", "kr3", "kr4", "kr5", "kr6", "kr7", "kr8", "this", "next", "quarter", "year", "the",
        "team", "for", "q1", "q2", "q3", "q4", "in",
    ]
    private static let activityVerbs: [Phrase] = [
        "launch*", "implement*", "build*", "create*", "write*", "develop*", "migrat*", "introduc*", "organi*", "hold",
        "run", "roll", "set", "conduct*", "deploy*", "ship*", "finish*", "complet*", "deliver*", "redesign*", "rewrit*",
        "hire", "publish*", "prepare*", "attend*", "refactor*", "einführen", "bauen",
    ]
    private static let outputVerbs: [Phrase] = [
        "launch*", "ship*", "publish*", "write*", "create*", "deliver*", "build*", "run", "hold", "release*", "send",
        "produce*", "hire", "conduct*", "host*",
    ]
    private static let outputNouns: [Phrase] = [
        "feature*", "article*", "post*", "blog*", "workshop*", "training*", "event*", "release*", "campaign*", "email*",
        "webinar*", "dashboard*", "report*", "ticket*", "meeting*", "interview*", "people", "engineers", "pages",
        "experiments", "newsletter*",
    ]
    private static let vaguePhrases: [Phrase] = [
        "better", "improve*", "optimi*", "enhance*", "world-class", "best-in-class", "efficient*", "great*", "amazing",
        "more", "innovative", "seamless*", "strengthen*", "modern*", "excellen*", "leading", "happier", "faster",
        "verbessern", "besser",
    ]
    private static let binaryVerbs: [Phrase] = [
        "launch", "launched", "is live", "go live", "goes live", "be done", "is done", "finished", "completed",
        "migrated",
        "get certified", "certified", "sign", "signed", "introduce", "implemented", "is released", "finish", "complete",
    ]
    private static let usualBusiness: [Phrase] = [
        "keep the lights on", "business as usual", "as usual", "as we always", "as always", "maintain", "continue to",
        "keep doing",
        "keep running", "keep answering", "day-to-day", "daily business", "regular maintenance", "same as last",
    ]
    private static let certainty: [Phrase] = [
        "already at", "already reached", "almost there", "easily reach", "easy to reach", "safe target",
        "we know we can", "for sure", "definitely reach", "low-hanging", "play it safe", "guaranteed",
    ]
    private static let vanityMetrics: [Phrase] = [
        "page views", "pageviews", "impressions", "followers", "likes", "downloads", "registered users",
        "sign-ups in total", "total users", "website visits", "visitors", "lines of code", "story points", "velocity",
    ]
    private static let changeVerbs: [Phrase] = [
        "become*", "increase*", "reduc*", "grow*", "launch*", "enter*", "win", "delight*", "make", "build*", "improve*",
        "lower*", "double*", "cut", "expand*", "strengthen*", "modern*", "raise*", "hire",
    ]
    private static let relativeChange: [Phrase] = [
        "by", "increase*", "reduc*", "grow*", "raise*", "lower*", "double*", "improve*", "cut", "decrease*", "more",
        "fewer", "less",
    ]
    private static let outcomes = [
        "so that", "from ", "retention", "churn", "conversion", "adoption", "satisfaction", "nps", "revenue",
        "lead time",
        "response time", "error rate", "usage", "customers who", "users who", "reduce", "increase", "activation",
    ]
    private static let starts = [
        "from ", "→", "->", "currently", "today", "baseline", "at the moment", "von ", "derzeit",
    ]
}

extension Words {
    /// Whether the text names a date, a quarter or a year.
    var stateTime: Bool {
        contains(Self.times) || words.contains { $0.text.count == 4 && (2_020...2_060).contains(Int($0.text) ?? 0) }
    }

    private static let times: [Phrase] = [
        "q1", "q2", "q3", "q4", "quarter", "by end", "by the end", "this year", "next year", "by january",
        "by february", "by march", "by april", "by may", "by june", "by july", "by august", "by september",
        "by october", "by november", "by december", "h1", "h2", "months", "weeks", "deadline", "quartal", "jahresende",
    ]
}
