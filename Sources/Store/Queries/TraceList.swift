import GRDB
import SpanKitReports

/// A part of the list of traces that a query selects.
package struct TraceList: Sendable {
    package private(set) var rows: [TraceRow] = []
    /// The number of traces that the query selects; `nil` if not all of them were looked at.
    package private(set) var total: Int?
    /// The start of the last trace that was looked at, if the time for the search was over before its end.
    package private(set) var searchedTo: Int64?
    /// Where the next part begins; `nil` at the end.
    package private(set) var cursor: TraceCursor?

    /// Reads a part of the list.
    /// - Parameters:
    ///   - limit: The maximum number of rows.
    ///   - time: How long spans are searched for one part.
    package init(
        _ query: TraceQuery,
        _ order: TraceOrder,
        limit: Int,
        after cursor: TraceCursor? = nil,
        searching time: Duration,
        in db: Database
    ) throws {
        let deadline = ContinuousClock.now + time
        let candidates = try TraceCandidates(query, order, after: cursor, in: db)
        let matcher = TraceMatcher(query, db)
        var hasMore = false
        try candidates.forEach(in: db) { candidate in
            guard rows.count < limit else {
                hasMore = true
                return false
            }
            if try matcher.matches(candidate.number) { rows.append(try TraceRow(candidate, in: db)) }
            self.cursor = candidate.cursor
            guard matcher.reads, rows.count < limit, ContinuousClock.now >= deadline else { return true }
            searchedTo = candidate.start
            hasMore = true
            return false
        }
        if !hasMore { self.cursor = nil }
        if !matcher.reads {
            total = try Self.count(query, order, db)
        } else if cursor == nil, self.cursor == nil {
            total = rows.count
        }
        for place in rows.indices { rows[place].services = try Self.services(of: rows[place].number, db) }
    }

    /// The traces with one of some ids.
    package static func rows(of ids: [String], in db: Database) throws -> [TraceRow] {
        try ids.flatMap { digits in
            var selection = SpanSelection()
            selection.traceDigits = digits
            return try TraceList(TraceQuery(selection), .newest, limit: 2, searching: .zero, in: db).rows
        }
    }

    private static func count(_ query: TraceQuery, _ order: TraceOrder, _ db: Database) throws -> Int {
        let candidates = try TraceCandidates(query, order, in: db)
        guard !candidates.isEmpty else { return 0 }
        // Counting a million rows takes as long as reading thousands.
        if candidates.isAll { return try StoreCounts.read(db).traces }
        let (sql, arguments) = candidates.counting
        return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: arguments) ?? 0
    }

    static func services(of number: Int64, _ db: Database) throws -> [String] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT name.text FROM trace_service JOIN name ON name.id = trace_service.service \
                WHERE trace_service.trace = ? ORDER BY name.text
                """
        )
        return try Row.fetchAll(statement, arguments: [number]).map { $0.text(0) }
    }
}

/// Decides which candidates a query selects.
struct TraceMatcher {
    private let filter: SpanFilter?
    private let selection: SpanSelection
    private let spans: StoredSpans

    init(_ query: TraceQuery, _ db: Database) {
        filter = query.selection.filter
        selection = query.selection
        spans = StoredSpans(db)
    }

    /// Whether spans have to be read.
    var reads: Bool { filter != nil }

    /// Whether one span of the trace is selected.
    /// - Parameter number: The number of a candidate.
    func matches(_ number: Int64) throws -> Bool {
        // The candidates fulfil everything but the filter.
        guard let filter else { return true }
        let (since, until) = (selection.since, selection.until)
        var isFound = false
        struct Found: Error {}
        do {
            try spans.forEachSpan(ofTrace: number) { span in
                guard filter.matches(span) else { return }
                let start = span.span.startUnixNanoseconds
                guard since == nil && until == nil || start > 0 && start >= since ?? 0 && start < until ?? .max else {
                    return
                }
                isFound = true
                throw Found()
            }
        } catch is Found {}
        return isFound
    }
}
