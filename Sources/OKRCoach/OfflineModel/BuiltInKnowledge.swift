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
            // A single word has to be enough where the person said no more.
            guard score >= (terms.count == 1 ? 0.4 : 1) else { return nil }
            return (entry, score + functionTerms.reduce(0) { $0 + Self.weight($1, in: entry) } / 2)
        }.sorted { left, right in
            if left.score != right.score { return left.score > right.score }
            // Among equals the entry that is about this and nothing else.
            let lengths = (SearchTerms(left.entry.title).terms.count, SearchTerms(right.entry.title).terms.count)
            return (lengths.0, left.entry.id) < (lengths.1, right.entry.id)
        }
        guard let best = scored.first?.entry else { return [] }
        let open = terms.filter { !Self.matches($0, best) }
        let second = scored.dropFirst().first { candidate in
            open.reduce(0) { $0 + Self.weight($1, in: candidate.entry) } >= 1
        }
        return [best] + (second.map { [$0.entry] } ?? [])
    }

    private static func matches(_ term: String, _ entry: KnowledgeEntry) -> Bool { weight(term, in: entry) > 0 }

    /// Rare words weigh more: 1 for a word that a tenth of the entries have.
    private static func weight(_ term: String, in entry: KnowledgeEntry) -> Double {
        let stem = stem(term)
        guard let places = index[stem], let place = places[entry.id] else { return 0 }
        return place * min(3, Double(KnowledgeSeed.entries.count) / Double(10 * places.count))
    }

    /// For each word the entries that have it, with 1.5 where it is in the title and 1 where it is a tag.
    private static let index: [String: [String: Double]] = {
        var index: [String: [String: Double]] = [:]
        for entry in KnowledgeSeed.entries {
            for word in entry.tags.flatMap({ SearchTerms($0).terms }) { index[stem(word), default: [:]][entry.id] = 1 }
            for word in SearchTerms(entry.title).terms { index[stem(word), default: [:]][entry.id] = 1.5 }
        }
        return index
    }()

    /// "hires", "hire" and "hiring" are one word.
    private static func stem(_ word: String) -> String {
        var stem = word
        if stem.count > 3, stem.hasSuffix("s"), !stem.hasSuffix("ss") { stem.removeLast() }
        if stem.count > 5, stem.hasSuffix("ing") { return String(stem.dropLast(3)) }
        return stem.count > 3 && stem.hasSuffix("e") ? String(stem.dropLast()) : stem
    }
}
