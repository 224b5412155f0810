import GRDB
import SpanKitReports

/// What a filter says about traces that the indexes of the store can answer.
///
/// Each condition is necessary, not sufficient: a trace with a span that matches fulfils all of them.
struct FilterIndexes {
    /// A span with this name.
    private(set) var name: String?
    /// A span of this service.
    private(set) var service: String?
    /// Words in the text of a span.
    private(set) var words: [String] = []
    /// The trace takes at least so many nanoseconds, because a span does.
    private(set) var shortest: Int64?
    /// A span that failed.
    private(set) var hasError = false

    init(_ filter: SpanFilter?) {
        guard let filter else { return }
        let parts = if case .all(let parts) = filter { parts } else { [filter] }
        for part in parts { add(part) }
    }

    private mutating func add(_ condition: SpanFilter) {
        switch condition {
        case .all(let parts): for part in parts { add(part) }
        case .compares(.name, .equal, .text(let text)): name = name ?? text.text
        case .compares(.service, .equal, .text(let text)): service = service ?? text.text
        case .compares(.duration, .greater, .duration(let limit)), .compares(.duration, .atLeast, .duration(let limit)),
            .compares(.duration, .equal, .duration(let limit)):
            shortest = max(shortest ?? 0, limit)
        case .has(.error), .compares(.error, .equal, .truth(true)), .compares(.error, .notEqual, .truth(false)),
            .compares(.status, .equal, .status(.error)):
            hasError = true
        case .mentions(let text): words += SpanText.indexedWords(of: text.text)
        default: break
        }
    }
}

extension Database {
    /// The number of a name, a service or a metric; `nil` if none has it.
    func number(ofName text: String) throws -> Int64? {
        try cachedStatement(sql: "SELECT id FROM name WHERE text = ?").int64([Array(text.utf8).databaseBytes])
    }
}

extension Statement {
    /// The first column of the first row.
    func int64(_ arguments: StatementArguments) throws -> Int64? { try Int64.fetchOne(self, arguments: arguments) }
}
