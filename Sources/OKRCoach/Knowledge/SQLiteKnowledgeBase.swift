import GRDB

/// The knowledge base of a ``CoachDatabase``.
///
/// A full-text search (FTS5, BM25) finds entries, which are then ranked by the person's function and the phase.
public struct SQLiteKnowledgeBase: KnowledgeBase {
    /// The number of results of the full-text search that are ranked.
    private static let candidates = 24

    private let database: CoachDatabase

    /// Creates a knowledge base on an open database.
    public init(_ database: CoachDatabase) {
        self.database = database
    }

    /// The entries that best match the query, user and phase; best first, at most two of each kind.
    public func suggestions(
        for query: String,
        user: UserContext,
        phase: Phase,
        limit: Int
    ) async throws -> [KnowledgeSuggestion] {
        guard limit > 0, let match = SearchTerms(query).match else { return [] }
        let found = try await database.writer.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT knowledge.*, -bm25(knowledgeIndex, 4.0, 3.0, 1.0) AS relevance
                    FROM knowledgeIndex JOIN knowledge ON knowledge.rowid = knowledgeIndex.rowid
                    WHERE knowledgeIndex MATCH ? ORDER BY relevance DESC, knowledge.id LIMIT ?
                    """,
                arguments: [match, Self.candidates]
            ).compactMap { Self.candidate($0) }
        }
        return Self.rank(found, user: user, phase: phase, limit: limit)
    }

    private static func candidate(_ row: Row) -> (KnowledgeEntry, Double)? {
        let tags: String = row["tags"]
        guard let kind = KnowledgeEntry.Kind(rawValue: row["kind"]) else { return nil }
        let entry = KnowledgeEntry(
            id: row["id"],
            kind: kind,
            title: row["title"],
            body: row["body"],
            tags: tags.split(separator: " ").map(String.init)
        )
        return (entry, row["relevance"])
    }

    private static func rank(
        _ candidates: [(entry: KnowledgeEntry, relevance: Double)],
        user: UserContext,
        phase: Phase,
        limit: Int
    ) -> [KnowledgeSuggestion] {
        let function = Set(SearchTerms(user.function).terms)
        let scored = candidates.map { candidate -> KnowledgeSuggestion in
            let fitsFunction = !function.isDisjoint(with: candidate.entry.tags)
            let fitsPhase = preferredKinds(in: phase).contains(candidate.entry.kind)
            let score = candidate.relevance * (fitsFunction ? 1.5 : 1) * (fitsPhase ? 1.25 : 1)
            let reason =
                fitsFunction
                ? "fits \(user.function)"
                : fitsPhase ? "useful in the \(phase.rawValue) phase" : "matches your message"
            return KnowledgeSuggestion(entry: candidate.entry, score: score, reason: reason)
        }
        var taken: [KnowledgeEntry.Kind: Int] = [:]
        let ordered = scored.sorted { ($0.score, $1.entry.id) > ($1.score, $0.entry.id) }
        return Array(
            ordered.filter { suggestion in
                taken[suggestion.entry.kind, default: 0] += 1
                return taken[suggestion.entry.kind, default: 0] <= 2
            }.prefix(limit)
        )
    }

    private static func preferredKinds(in phase: Phase) -> Set<KnowledgeEntry.Kind> {
        switch phase {
        case .discovery: [.practice]
        case .exploration: [.example, .practice]
        case .refinement: [.metric, .example]
        case .quality: [.antiPattern]
        case .done: [.practice]
        }
    }
}

/// The significant words of a text, for a search.
struct SearchTerms {
    /// The maximum number of terms. More terms make the search slower and not better.
    static let maximum = 24

    let terms: [String]

    init(_ text: String) {
        var terms: [String] = []
        let words = Words(String(text.prefix(4_000))).words
        // The index contains "check-in" as two words.
        let pieces = words.lazy.flatMap { $0.text.split { !$0.isLetter && !$0.isNumber }.map(String.init) }
        for piece in pieces where terms.count < Self.maximum {
            // Numbers do not distinguish subjects; half of the entries contain some.
            guard piece.count > 1, !piece.allSatisfy(\.isNumber) else { continue }
            if !Self.stopWords.contains(piece), !terms.contains(piece) { terms.append(piece) }
        }
        self.terms = terms
    }

    /// An FTS5 query for any of the terms, or nil without a term. The terms are quoted so that none is read as an
    /// operator.
    var match: String? {
        terms.isEmpty ? nil : terms.map { "\"\($0)\"" }.joined(separator: " OR ")
    }

    private static let stopWords: Set<String> = [
        "the", "and", "for", "are", "but", "not", "you", "all", "any", "can", "had", "has", "was", "one", "our", "out",
        "get", "how", "its", "may", "new", "now", "see", "two", "way", "who", "did", "let", "say", "she", "too", "use",
        "that", "with", "have", "this", "will", "your", "from", "they", "know", "want", "been", "much", "some", "time",
        "what", "when", "which", "would", "should", "could", "there", "their", "we", "to", "of", "in", "is", "it", "on",
        "as", "at", "be", "by", "do", "if", "me", "my", "no", "or", "so", "up", "us", "an", "am", "he", "hi", "like",
        "than", "then", "them", "into", "more", "also", "does", "every", "each", "about", "very", "just", "make",
        "need", "good", "well", "first", "only", "day", "days", "hour", "hours", "week", "weeks", "month", "months",
        "percent", "today", "far", "ended", "call", "look", "looks", "take", "takes", "taken", "anything", "something",
        "hello", "where", "below", "above", "least", "why",
    ]
}
