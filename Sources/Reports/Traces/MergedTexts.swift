import SpanKitPlatform
import SpanKitSummaries

/// The names, services, values or other texts beyond a limit, which are merged into one.
///
/// The memory is bounded: beyond 100,000 different texts, their number is a lower bound.
package struct MergedTexts: Sendable {
    private static let countLimit = 100_000

    private let noun: String
    private let container: String
    private let substitute: String
    private let limit: Int
    private var hashes: Set<Int> = []
    /// The number of spans, or other containers, with such a text.
    package private(set) var useCount = 0
    /// The number of different texts. If ``isLowerBound``, there are more.
    package var textCount: Int { hashes.count }
    /// Whether there are too many different texts to count them.
    package private(set) var isLowerBound = false

    /// - Parameters:
    ///   - noun: The noun for a text, such as `name`.
    ///   - substitute: The text that stands for the others.
    ///   - limit: The number of texts that are kept.
    ///   - container: The noun for what contains such a text.
    init(of noun: String, as substitute: String, limit: Int, in container: String = "span") {
        self.noun = noun
        self.substitute = substitute
        self.limit = limit
        self.container = container
    }

    /// Adds a text to the set of different texts.
    mutating func add(_ text: some Hashable) {
        if hashes.count < Self.countLimit {
            hashes.insert(text.hashValue)
        } else if !isLowerBound, !hashes.contains(text.hashValue) {
            isLowerBound = true
        }
    }

    /// Counts a span with one of the texts.
    mutating func count() { useCount += 1 }

    /// A sentence without a full stop; `nil` if there is nothing to say.
    package var sentence: String? {
        guard useCount > 0 else { return nil }
        let uses = Readable.count(useCount, of: container)
        let texts = (isLowerBound ? "at least " : "") + Readable.count(textCount, of: "more \(noun)")
        let advice =
            noun == "name" || noun == "operation" ? "record names without ids, or read fewer files" : "read fewer files"
        return "\(uses) of \(texts) \(useCount == 1 ? "counts" : "count") as '\(substitute)', because only "
            + "\(Readable.count(limit)) \(noun)s are kept apart; \(advice) at a time"
    }
}

extension HTMLReport.Content {
    /// Sentences about names and other texts that the page merges because there are too many.
    package var merged: [String] {
        [totals.mergedOperations, calls.mergedModels, calls.mergedConversations].compactMap(\.sentence)
            + [failures.ungroupedSentence].compactMap { $0 }
    }
}
