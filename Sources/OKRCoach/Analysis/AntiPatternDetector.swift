/// Finds common OKR mistakes in a text. Pure and linear in the length of the text.
public struct AntiPatternDetector: Sendable {
    /// Creates the detector.
    public init() {}

    /// At most one finding of each kind, in the order of ``AntiPattern``.
    /// - Parameters:
    ///   - text: the user's message or the model's answer. Of an answer, only the lines that state an objective or a key result
    ///     are judged: the prose around them may explain a mistake.
    ///   - source: whose text it is.
    ///   - session: phase, draft and period; what they settle is not asked for, and numbers are not asked for too early.
    public func findings(
        in text: String,
        source: AntiPatternFinding.Source,
        session: Session
    ) -> [AntiPatternFinding] {
        let text = source == .input ? text : OKRExtractor.labelledLines(of: text)
        let evidence = Evidence(
            words: Words(text),
            quantities: Quantity.all(in: text),
            source: source,
            session: session
        )
        guard !evidence.words.isEmpty else { return [] }
        return AntiPatternRule.all.compactMap { rule in
            rule.find(evidence).map { AntiPatternFinding(kind: rule.kind, source: source, excerpt: $0) }
        }
    }
}

/// What a rule looks at.
struct Evidence: Sendable {
    let words: Words
    let quantities: [Quantity]
    let source: AntiPatternFinding.Source
    let session: Session
    let goals: [GoalSentence]

    init(words: Words, quantities: [Quantity], source: AntiPatternFinding.Source, session: Session) {
        self.words = words
        self.quantities = quantities
        self.source = source
        self.session = session
        goals = GoalSentence.all(in: words, quantities)
    }
}

/// A sentence that states something to be reached, as opposed to background or a question.
struct GoalSentence: Sendable {
    enum Role: Sendable {
        case objective
        case keyResult
        case intention
    }

    var role: Role
    var text: Substring
    var sentence: Int
    var quantities: [Quantity]

    static func all(in words: Words, _ quantities: [Quantity]) -> [GoalSentence] {
        words.sentences.indices.compactMap { index in
            guard let first = words.words[words.wordsOfSentence[index]].first else { return nil }
            let range = words.sentences[index]
            let role: Role
            switch first.text {
            case "objective", "goal", "o": role = .objective
            case "kr", "kr1", "kr2", "kr3", "kr4", "kr5", "kr6", "kr7", "kr8": role = .keyResult
            case "key" where words.source[range].lowercased().contains("key result"): role = .keyResult
            default:
                guard !words.isQuestion(range),
                    intentionPhrases.contains(where: { words.firstMatch(of: $0, inSentence: index) != nil })
                else {
                    return nil
                }
                role = .intention
            }
            return GoalSentence(
                role: role,
                text: words.source[range],
                sentence: index,
                quantities: quantities.filter { range.overlaps($0.range) }
            )
        }
    }

    private static let intentionPhrases: [Phrase] = [
        "we want", "i want", "we will", "we'll", "i will", "we plan", "our goal", "my goal", "we need", "we aim",
        "we'd like",
        "i'd like", "goal is", "target is", "objective is", "should", "wir wollen", "ich will", "wir werden",
    ]
}

/// One mistake and how it shows.
struct AntiPatternRule: Sendable {
    let kind: AntiPattern
    /// The excerpt that proves it, nil when the text is free of it.
    let find: @Sendable (Evidence) -> String?

    static let all: [AntiPatternRule] = [
        AntiPatternRule(kind: .activityInsteadOfOutcome) { evidence in
            evidence.goals.lazy.compactMap { goal in
                let start = goalStart(goal, evidence)
                guard let start,
                    activityVerbs.contains(where: { $0.matches(evidence.words.words[start].text, $0.words[0]) }),
                    !mentionsOutcome(goal.text)
                else { return nil }
                return Words.shortened(goal.text)
            }.first
        },
        AntiPatternRule(kind: .vagueWords) { evidence in
            evidence.goals.lazy.filter { $0.quantities.isEmpty }.compactMap { goal in
                vagueWords.lazy.compactMap { phrase in
                    evidence.words.firstMatch(of: phrase, inSentence: goal.sentence)
                }.first.map { evidence.words.excerpt(around: $0) }
            }.first
        },
        AntiPatternRule(kind: .noNumber) { evidence in
            let results = evidence.goals.filter { $0.role == .keyResult }
            if let bare = results.first(where: { $0.quantities.isEmpty }) { return Words.shortened(bare.text) }
            guard results.isEmpty, evidence.quantities.isEmpty, evidence.source == .input,
                evidence.session.phase >= .refinement, evidence.session.draft.keyResults.isEmpty,
                let goal = evidence.goals.first(where: { $0.role == .intention })
            else { return nil }
            return Words.shortened(goal.text)
        },
        AntiPatternRule(kind: .binaryGoal) { evidence in
            evidence.goals.lazy.filter { $0.quantities.isEmpty && $0.role != .objective }.compactMap { goal in
                binaryVerbs.lazy.compactMap { evidence.words.firstMatch(of: $0, inSentence: goal.sentence) }.first
                    .map { evidence.words.excerpt(around: $0) }
            }.first
        },
        AntiPatternRule(kind: .tooManyKeyResults) { evidence in
            let counts = [
                evidence.goals.filter { $0.role == .keyResult }.count, evidence.session.draft.keyResults.count,
            ]
            let count = counts.max() ?? 0
            return count > 5 ? "\(count) key results" : nil
        },
        AntiPatternRule(kind: .businessAsUsual) { evidence in
            evidence.words.firstMatch(of: usualBusiness).map { evidence.words.excerpt(around: $0) }
        },
        AntiPatternRule(kind: .sandbagging) { evidence in
            evidence.words.firstMatch(of: certainty).map { evidence.words.excerpt(around: $0) }
        },
        AntiPatternRule(kind: .outputAsKeyResult) { evidence in
            evidence.goals.lazy.compactMap { goal in
                guard goal.quantities.contains(where: { $0.unit.isEmpty }) else { return nil }
                guard
                    outputVerbs.contains(where: { evidence.words.firstMatch(of: $0, inSentence: goal.sentence) != nil }
                    ),
                    outputNouns.contains(where: { evidence.words.firstMatch(of: $0, inSentence: goal.sentence) != nil }
                    ),
                    !mentionsOutcome(goal.text)
                else { return nil }
                return Words.shortened(goal.text)
            }.first
        },
        AntiPatternRule(kind: .multipleObjectives) { evidence in
            evidence.goals.lazy.filter { $0.role == .objective }.compactMap { goal in
                let verbs = evidence.words.words[evidence.words.wordsOfSentence[goal.sentence]].filter { word in
                    changeVerbs.contains { $0.matches(word.text, $0.words[0]) }
                }
                return verbs.count > 1 && goal.text.lowercased().contains(" and ") ? Words.shortened(goal.text) : nil
            }.first
        },
        AntiPatternRule(kind: .vanityMetric) { evidence in
            evidence.words.firstMatch(of: vanityMetrics).map { evidence.words.excerpt(around: $0) }
        },
        AntiPatternRule(kind: .noBaseline) { evidence in
            evidence.goals.lazy.compactMap { goal in
                guard goal.role != .objective, goal.quantities.count == 1, !statesStart(goal.text) else { return nil }
                let isRelative = relativeChange.contains {
                    evidence.words.firstMatch(of: $0, inSentence: goal.sentence) != nil
                }
                return isRelative ? Words.shortened(goal.text) : nil
            }.first
        },
        AntiPatternRule(kind: .noTimeFrame) { evidence in
            let results = evidence.goals.filter { $0.role == .keyResult || !$0.quantities.isEmpty }
            guard evidence.source == .input, evidence.session.user.period.isEmpty, !results.isEmpty,
                !statesTime(evidence.words)
            else { return nil }
            return Words.shortened(results[0].text)
        },
    ]

    // MARK: What the rules look for

    private static let activityVerbs: [Phrase] = [
        "launch*", "implement*", "build*", "create*", "write*", "develop*", "migrat*", "introduc*", "organi*", "hold",
        "run",
        "roll", "set", "conduct*", "deploy*", "ship*", "finish*", "complet*", "deliver*", "redesign*", "rewrit*",
        "hire",
        "publish*", "prepare*", "attend*", "refactor*", "einführen", "bauen",
    ]
    private static let outputVerbs: [Phrase] = [
        "launch*", "ship*", "publish*", "write*", "create*", "deliver*", "build*", "run", "hold", "release*", "send",
        "produce*", "hire", "conduct*", "host*",
    ]
    private static let outputNouns: [Phrase] = [
        "feature*", "article*", "post*", "blog*", "workshop*", "training*", "event*", "release*", "campaign*", "email*",
        "webinar*",
        "dashboard*", "report*", "ticket*", "meeting*", "interview*", "people", "engineers", "pages", "experiments",
        "newsletter*",
    ]
    private static let vagueWords: [Phrase] = [
        "better", "improve*", "optimi*", "enhance*", "world-class", "best-in-class", "efficient*", "great*", "amazing",
        "more",
        "innovative", "seamless*", "strengthen*", "modern*", "excellen*", "leading", "happier", "faster", "verbessern",
        "besser",
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
        "we know we can",
        "for sure", "definitely reach", "low-hanging", "play it safe", "guaranteed",
    ]
    private static let vanityMetrics: [Phrase] = [
        "page views", "pageviews", "impressions", "followers", "likes", "downloads", "registered users",
        "sign-ups in total",
        "total users", "website visits", "visitors", "lines of code", "story points", "velocity",
    ]
    private static let changeVerbs: [Phrase] = [
        "become*", "increase*", "reduc*", "grow*", "launch*", "enter*", "win", "delight*", "make", "build*", "improve*",
        "lower*",
        "double*", "cut", "expand*", "strengthen*", "modern*", "raise*", "hire",
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

    private static func mentionsOutcome(_ text: Substring) -> Bool {
        let lower = text.lowercased()
        return outcomes.contains { lower.contains($0) }
    }

    private static func statesStart(_ text: Substring) -> Bool {
        let lower = text.lowercased()
        return ["from ", "→", "->", "currently", "today", "baseline", "at the moment", "von ", "derzeit"].contains {
            lower.contains($0)
        }
    }

    static func statesTime(_ words: Words) -> Bool {
        let phrases: [Phrase] = [
            "q1", "q2", "q3", "q4", "quarter", "by end", "by the end", "this year", "next year", "by january",
            "by february",
            "by march", "by april", "by may", "by june", "by july", "by august", "by september", "by october",
            "by november",
            "by december", "h1", "h2", "months", "weeks", "deadline", "quartal", "jahresende",
        ]
        return words.firstMatch(of: phrases) != nil || words.words.contains { isYear($0.text) }
    }

    private static func isYear(_ word: String) -> Bool {
        word.count == 4 && (Int(word).map { (2_020...2_060).contains($0) } ?? false)
    }

    /// The verb a goal starts with: behind "Objective:", "KR 2:", "we want to", "our goal is to".
    private static func goalStart(_ goal: GoalSentence, _ evidence: Evidence) -> Int? {
        let words = evidence.words.words
        let first = evidence.words.wordsOfSentence[goal.sentence].lowerBound
        let skipped: Set<String> = [
            "objective", "goal", "o", "key", "result", "kr", "we", "i", "want", "will", "plan", "need", "to", "our",
            "my", "is",
            "aim", "we'll", "should", "also", "and", "so", "then", "first", "like", "we'd", "i'd", "1", "2", "3", "4",
            "5", "6", "7",
            "kr1", "kr2", "kr3", "kr4", "kr5", "kr6", "kr7", "kr8", "this", "next", "quarter", "year", "the", "team",
            "for", "q1",
            "q2", "q3", "q4", "in",
        ]
        var position = first
        while position < words.count, words[position].sentence == goal.sentence, skipped.contains(words[position].text)
        {
            position += 1
        }
        guard position < words.count, words[position].sentence == goal.sentence, !words[position].isQuoted,
            !evidence.words.isNegated(at: position)
        else { return nil }
        return position
    }
}
