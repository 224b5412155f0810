/// How far above the ground a text speaks.
public enum Altitude: String, Sendable, Codable, CaseIterable, Comparable {
    /// A single piece of work.
    case task
    /// What a team changes in a quarter.
    case tactical
    /// Where the company goes in years.
    case strategic

    /// Lower altitudes are smaller.
    public static func < (left: Altitude, right: Altitude) -> Bool { left.rank < right.rank }

    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Whether a message left the altitude the conversation needs.
public struct AltitudeAssessment: Sendable, Equatable, Codable {
    /// Where the message speaks; nil when it gives no sign.
    public var level: Altitude?
    /// Where the conversation's phase needs it.
    public var expected: Altitude
    /// How many levels it is off: positive is too high, negative too low.
    public var drift: Int
    /// The words that show it.
    public var signals: [String]
}

/// Tells strategy, team goals and tasks apart by the words people use for them.
public struct AltitudeDriftDetector: Sendable {
    /// Creates the detector.
    public init() {}

    /// Judges a message.
    /// - Parameter previous: the user's earlier messages, newest last; a message that gives no sign speaks where the last
    ///   one did.
    public func assess(_ text: String, phase: Phase, previous: [String] = []) -> AltitudeAssessment {
        let (own, signals) = level(of: text)
        let level = own ?? previous.reversed().prefix(3).lazy.compactMap { self.level(of: $0).0 }.first
        let expected: Altitude = phase == .discovery ? level.map { max(.tactical, $0) } ?? .tactical : .tactical
        return AltitudeAssessment(
            level: level,
            expected: expected,
            drift: level.map { $0.rank - expected.rank } ?? 0,
            signals: signals
        )
    }

    private func level(of text: String) -> (Altitude?, [String]) {
        let words = Words(text)
        var scores: [Altitude: [String]] = [:]
        for (altitude, phrases) in Self.signals {
            for phrase in phrases where words.firstMatch(of: phrase) != nil {
                scores[altitude, default: []].append(phrase.words.joined(separator: " ").replacingStar)
            }
        }
        // A tie goes to the lower level: a plan that names its tasks is already down there.
        let best = scores.max { left, right in
            left.value.count != right.value.count ? left.value.count < right.value.count : left.key > right.key
        }
        return (best?.key, best?.value ?? [])
    }

    private static let signals: [(Altitude, [Phrase])] = [
        (
            .strategic,
            [
                "vision", "mission", "strategy", "strategic", "market leader*", "industry", "world", "five years",
                "three years",
                "long-term", "company-wide", "north star", "transform*", "category", "acquisition of", "ipo",
                "market share",
            ]
        ),
        (
            .tactical,
            [
                "quarter", "q1", "q2", "q3", "q4", "team", "retention", "churn", "conversion", "lead time", "adoption",
                "nps",
                "satisfaction", "from", "revenue", "activation", "response time", "objective", "key result", "pipeline",
                "onboarding",
            ]
        ),
        (
            .task,
            [
                "ticket*", "jira", "meeting", "tomorrow", "this week", "today", "pull request*", "button", "migrate",
                "deploy*",
                "install*", "refactor*", "fix the", "bug*", "spreadsheet", "slide*", "schedule", "write a", "script",
                "upgrade to",
            ]
        ),
    ]
}

extension String {
    fileprivate var replacingStar: String { hasSuffix("*") ? dropLast() + "…" : self }
}
