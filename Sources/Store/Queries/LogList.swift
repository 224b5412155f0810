import GRDB
import SpanKitInputs
import SpanKitRecording
import SpanKitReports

/// A part of the list of log records, newest first.
package struct LogList: Sendable {
    package private(set) var logs: [DecodedLog] = []
    /// The number of records that are selected; `nil` if not all were looked at.
    package private(set) var total: Int?
    /// The time of the last record that was looked at, if the time for the search was over before the end.
    package private(set) var searchedTo: Int64?
    /// Where the next part begins; `nil` at the end.
    package private(set) var cursor: TraceCursor?

    /// - Parameters:
    ///   - query: A selection of log records. With bounds of a duration, they are those of traces.
    ///   - time: How long records are searched.
    package init(
        _ query: TraceQuery,
        limit: Int,
        after cursor: TraceCursor? = nil,
        searching time: Duration,
        in db: Database
    ) throws {
        let deadline = ContinuousClock.now + time
        let selection = query.selection
        let source = try Source(query, after: cursor, db)
        let rows = try Row.fetchCursor(db.cachedStatement(sql: source.sql), arguments: source.arguments)
        let spans = StoredSpans(db)
        var hasMore = false
        while let row = try rows.next() {
            guard logs.count < limit else {
                hasMore = true
                break
            }
            let place = TraceCursor(key: row[4], number: row[3])
            if let log = try spans.log(row), selection.filter.map(log.isMatched) ?? true { logs.append(log) }
            self.cursor = place
            guard selection.filter == nil || ContinuousClock.now < deadline else {
                searchedTo = place.key
                hasMore = true
                break
            }
        }
        if !hasMore {
            self.cursor = nil
            if cursor == nil { total = logs.count }
        }
        if selection.filter == nil, total == nil {
            let all = try Source(query, after: nil, db)
            total = try Int.fetchOne(
                db.cachedStatement(sql: "SELECT count(*) FROM (\(all.sql))"),
                arguments: all.arguments
            )
        }
    }

    /// The statement that reads candidates.
    struct Source {
        private(set) var sql = "SELECT record.resource, record.scope, record.body, record.id, record.time FROM record"
        private(set) var arguments = StatementArguments()

        init(_ query: TraceQuery, after cursor: TraceCursor?, _ db: Database) throws {
            let selection = query.selection
            var conditions: [String] = []
            if query.shortest != nil || query.longest != nil {
                conditions.append(
                    "record.trace IN (SELECT trace FROM trace WHERE duration BETWEEN ? AND ?)"
                )
                arguments += [query.shortest ?? 0, query.longest ?? .max]
            }
            if let digits = selection.traceDigits {
                let ranges = TraceCandidates.ranges(ofDigits: digits)
                let condition = ranges.map { _ in "record.trace BETWEEN ? AND ?" }.joined(separator: " OR ")
                conditions.append("(\(condition))")
                for range in ranges {
                    arguments += [range.lower.databaseBytes, range.upper.databaseBytes]
                }
            }
            if selection.since != nil || selection.until != nil {
                conditions.append("record.time >= ? AND record.time < ?")
                arguments += [max(1, selection.since ?? 1), selection.until ?? .max]
            }
            if let cursor {
                conditions.append("(record.time, record.id) < (?, ?)")
                arguments += [cursor.key, cursor.number]
            }
            let words = FilterIndexes(selection.filter).words
            var isLookup = selection.traceDigits != nil
            if !words.isEmpty {
                let text = words.map { "\"\($0)\"" }.joined(separator: " ")
                let hits = "SELECT rowid FROM record_words WHERE record_words MATCH ?"
                let limit = TraceCandidates.lookupLimit
                let count = try db.cachedStatement(sql: "SELECT count(*) FROM (\(hits) LIMIT \(limit + 1))")
                if let count = try count.int64([text]), count <= limit {
                    conditions.append("record.id IN (\(hits))")
                    arguments += [text]
                    isLookup = true
                }
            }
            if !conditions.isEmpty { sql += " WHERE " + conditions.joined(separator: " AND ") }
            sql += " ORDER BY \(isLookup ? "+" : "")record.time DESC, record.id DESC"
        }
    }
}
