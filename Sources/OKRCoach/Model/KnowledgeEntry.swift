/// An entry of the knowledge base: advice on one subject.
public struct KnowledgeEntry: Sendable, Equatable, Identifiable {
    /// A stable short name, such as `metric-win-rate`.
    public let id: String
    /// The kind of advice.
    public let kind: Kind
    /// The title in one line.
    public let title: String
    /// The advice in a few sentences.
    public let body: String
    /// Lower-case search words. They include the functions that the entry is for, such as `sales`.
    public let tags: [String]

    /// The kind of advice that an entry gives.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A common mistake and how to correct it.
        case antiPattern
        /// A metric: what it measures, how to measure it, and typical values.
        case metric
        /// An example of an OKR for a function.
        case example
        /// A practice, such as the cadence of OKRs, scoring, alignment or check-ins.
        case practice
    }

    /// Creates an entry.
    public init(id: String, kind: Kind, title: String, body: String, tags: [String]) {
        self.id = id
        self.kind = kind
        self.title = title
        self.body = body
        self.tags = tags
    }
}

/// An entry that is suggested for a conversation.
public struct KnowledgeSuggestion: Sendable, Equatable {
    /// The entry.
    public let entry: KnowledgeEntry
    /// The relevance. A larger score is better; scores of different searches cannot be compared.
    public let score: Double
    /// The reason for the suggestion, for the user.
    public let reason: String

    /// Creates a suggestion.
    public init(entry: KnowledgeEntry, score: Double, reason: String) {
        self.entry = entry
        self.score = score
        self.reason = reason
    }
}
