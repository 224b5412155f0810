/// One piece of advice from the knowledge base.
public struct KnowledgeEntry: Sendable, Equatable, Identifiable {
    /// A stable short name, such as `metric-net-revenue-retention`.
    public let id: String
    /// What the entry is about.
    public let kind: Kind
    /// One line.
    public let title: String
    /// A few sentences.
    public let body: String
    /// Lower-case words the entry is found by, among them the functions it fits.
    public let tags: [String]

    /// What an entry is about.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A common mistake and the way out.
        case antiPattern
        /// A metric: what it measures, how, and what good looks like.
        case metric
        /// A whole OKR for a function.
        case example
        /// How to do OKRs: cadence, scoring, alignment, check-ins.
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

/// An entry that fits the conversation, and how well.
public struct KnowledgeSuggestion: Sendable, Equatable {
    /// The entry.
    public let entry: KnowledgeEntry
    /// Larger fits better; comparable within one search only.
    public let score: Double
    /// Why it was suggested, in words for the user.
    public let reason: String

    /// Creates a suggestion.
    public init(entry: KnowledgeEntry, score: Double, reason: String) {
        self.entry = entry
        self.score = score
        self.reason = reason
    }
}
