/// A search in the bundled knowledge without a database, for the offline model.
struct BuiltInKnowledge {
    /// The person's function. Entries for it are preferred.
    let function: String

    /// The entries that fit best, at most two. The second one covers a term that the first one does not.
    /// - Parameter kinds: The kinds of entries to search, or nil for all.
    func entries(for terms: [String], kinds: Set<KnowledgeEntry.Kind>?) -> [KnowledgeEntry] {
        let entries = KnowledgeSeed.entries.filter { kinds?.contains($0.kind) ?? true }
        let functionTerms = SearchTerms(function).terms
        let scored = entries.compactMap { entry -> (entry: KnowledgeEntry, score: Double)? in
            let score = terms.reduce(0) { $0 + Self.weight($1, in: entry) }
            // A single term scores less than several.
            guard score >= (terms.count == 1 ? 0.4 : 1) else { return nil }
            return (entry, score + functionTerms.reduce(0) { $0 + Self.weight($1, in: entry) } / 2)
        }.sorted { left, right in
            if left.score != right.score { return left.score > right.score }
            // Of equal entries, the one with the shorter title is more specific.
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

    /// The weight of a term in an entry. Rare terms weigh more: a term that a tenth of the entries have weighs 1.
    private static func weight(_ term: String, in entry: KnowledgeEntry) -> Double {
        let stem = stem(term)
        guard let places = index[stem], let place = places[entry.id] else { return 0 }
        return place * min(3, Double(KnowledgeSeed.entries.count) / Double(10 * places.count))
    }

    /// For each term, the entries that contain it, with the weight 1.5 for a term of the title and 1 for a tag.
    private static let index: [String: [String: Double]] = {
        var index: [String: [String: Double]] = [:]
        for entry in KnowledgeSeed.entries {
            for word in entry.tags.flatMap({ SearchTerms($0).terms }) { index[stem(word), default: [:]][entry.id] = 1 }
            for word in SearchTerms(entry.title).terms { index[stem(word), default: [:]][entry.id] = 1.5 }
        }
        return index
    }()

    /// The stem of a word: the same for "hires", "hire" and "hiring".
    private static func stem(_ word: String) -> String {
        var stem = word
        if stem.count > 3, stem.hasSuffix("s"), !stem.hasSuffix("ss") { stem.removeLast() }
        if stem.count > 5, stem.hasSuffix("ing") { return String(stem.dropLast(3)) }
        return stem.count > 3 && stem.hasSuffix("e") ? String(stem.dropLast()) : stem
    }
}
