/// The level of abstraction of a text.
public enum Altitude: String, Sendable, Codable, CaseIterable, Comparable {
    /// A single piece of work.
    case task
    /// A change that a team makes in a quarter.
    case tactical
    /// The direction of the company over years.
    case strategic

    /// Orders levels from ``task`` to ``strategic``.
    public static func < (left: Altitude, right: Altitude) -> Bool { left.rank < right.rank }

    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// How the level of a message compares with the level that the conversation needs.
public struct AltitudeAssessment: Sendable, Equatable, Codable {
    /// The level of the message, or nil if the message gives no sign of it.
    public var level: Altitude?
    /// The level that the conversation's phase needs.
    public var expected: Altitude
    /// The number of levels between ``level`` and ``expected``: positive if the message is too high, negative if it is
    /// too low.
    public var drift: Int
    /// The words that show the level.
    public var signals: [String]
}

/// Determines from characteristic words whether a message is about strategy, team goals or tasks.
public struct AltitudeDriftDetector: Sendable {
    /// Creates the detector.
    public init() {}

    /// The level of a message.
    /// - Parameter previous: The user's earlier messages, newest last. If the message gives no sign of its level, the
    ///   newest of the last three messages that gives one is used.
    public func assess(_ text: String, phase: Phase, previous: [String] = []) -> AltitudeAssessment {
        let (own, signals) = level(of: text)
        let level = own ?? previous.reversed().prefix(3).lazy.compactMap { self.level(of: $0).0 }.first
        let expected = phase == .discovery ? max(.tactical, level ?? .tactical) : .tactical
        return AltitudeAssessment(
            level: level,
            expected: expected,
            drift: level.map { $0.rank - expected.rank } ?? 0,
            signals: signals
        )
    }

    private func level(of text: String) -> (Altitude?, [String]) {
        let words = Words(text)
        // `max` returns the first of a tie, and so the lower level: a plan that names its tasks is at task level.
        let best = Self.signals.map { ($0, $1.filter { words.contains([$0]) }) }.filter { !$0.1.isEmpty }
            .reversed().max { $0.1.count < $1.1.count }
        let signals = best?.1.map { phrase in
            let text = phrase.words.joined(separator: " ")
            return text.hasSuffix("*") ? text.dropLast() + "…" : text
        }
        return (best?.0, signals ?? [])
    }

    private static let signals: [(Altitude, [Phrase])] = [
        (
            .strategic,
            [
                "vision", "mission", "strategy", "strategic", "market leader*", "industry", "world", "five years",
                "three years", "long-term", "company-wide", "north star", "transform*", "category", "acquisition of",
                "ipo", "market share",
            ]
        ),
        (
            .tactical,
            [
                "quarter", "q1", "q2", "q3", "q4", "team", "retention", "churn", "conversion", "lead time", "adoption",
                "nps", "satisfaction", "from", "revenue", "activation", "response time", "objective", "key result",
                "pipeline", "onboarding",
            ]
        ),
        (
            .task,
            [
                "ticket*", "jira", "meeting", "tomorrow", "this week", "today", "pull request*", "button", "migrate",
                "deploy*", "install*", "refactor*", "fix the", "bug*", "spreadsheet", "slide*", "schedule", "write a",
                "script", "upgrade to",
            ]
        ),
    ]
}
