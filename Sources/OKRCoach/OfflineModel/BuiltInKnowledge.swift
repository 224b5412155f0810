/// Finds entries of the bundled knowledge without a database: what the offline model knows, as a hosted model knows from its training.
struct BuiltInKnowledge {
    /// The function the person works in; its entries are preferred.
    let function: String

    /// The entries that answer best, at most two. The second one adds a word that the first does not cover.
    /// - Parameter kinds: nil for all.
    func entries(for terms: [String], kinds: Set<KnowledgeEntry.Kind>?) -> [KnowledgeEntry] {
        let entries = KnowledgeSeed.entries.filter { kinds?.contains($0.kind) ?? true }
        let functionTerms = SearchTerms(function).terms
        let scored = entries.compactMap { entry -> (entry: KnowledgeEntry, score: Double)? in
            let score = terms.reduce(0) { $0 + Self.weight($1, in: entry) }
            guard score >= 1 else { return nil }
            return (entry, score + functionTerms.reduce(0) { $0 + Self.weight($1, in: entry) } / 2)
        }.sorted { ($0.score, $1.entry.id) > ($1.score, $0.entry.id) }
        guard let best = scored.first?.entry else { return [] }
        let open = terms.filter { !Self.matches($0, best) }
        let second = scored.dropFirst().first { candidate in
            open.reduce(0) { $0 + Self.weight($1, in: candidate.entry) } >= 1
        }
        return [best] + (second.map { [$0.entry] } ?? [])
    }

    /// Whether the title or a tag of an entry has the word, in the singular or the plural.
    static func matches(_ term: String, _ entry: KnowledgeEntry) -> Bool { weight(term, in: entry) > 0 }

    /// Rare words weigh more: 1 for a word that a tenth of the entries have.
    private static func weight(_ term: String, in entry: KnowledgeEntry) -> Double {
        let stem = stem(term)
        guard let places = index[stem], places.contains(entry.id) else { return 0 }
        return min(3, Double(KnowledgeSeed.entries.count) / Double(10 * places.count))
    }

    /// The entries that have a word in their title or tags.
    private static let index: [String: Set<String>] = {
        var index: [String: Set<String>] = [:]
        for entry in KnowledgeSeed.entries {
            for word in SearchTerms(entry.title).terms + entry.tags.flatMap({ SearchTerms($0).terms }) {
                index[stem(word), default: []].insert(entry.id)
            }
        }
        return index
    }()

    private static func stem(_ word: String) -> String {
        word.count > 3 && word.hasSuffix("s") && !word.hasSuffix("ss") ? String(word.dropLast()) : word
    }
}
