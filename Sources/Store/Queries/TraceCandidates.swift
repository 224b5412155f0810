import GRDB
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports

/// A trace that a query may select.
struct TraceCandidate {
    /// The number of the trace in the store.
    let number: Int64
    /// Its first start, in nanoseconds since 1970-01-01 UTC.
    let start: Int64
    /// Where the list goes on after it.
    let cursor: TraceCursor
}

/// The traces that a query may select, in an order. The spans decide which of them it does.
///
/// If few spans have the name or the words that the query demands, or few traces take as long as it demands, their traces are looked up and
/// sorted. Otherwise the traces are read in the order of an index. No question reads the table of spans without an index.
struct TraceCandidates {
    /// The number of spans with a name or a word up to which their traces are looked up.
    static let lookupLimit = 20_000
    /// The number of traces of a duration up to which they are looked up. With 10 million spans in a million traces, a page of 50 that is
    /// read in the order of the list then looks at 10,000 entries of an index at most, which takes as long as to sort 5,000.
    static let slowLimit = 5_000

    private var conditions: [String] = []
    private var arguments = StatementArguments()
    /// Bounds of the duration of the trace.
    private var durations: [(comparison: String, nanoseconds: Int64)] = []
    /// Whether the durations select few traces.
    private var areFewSlow = false
    /// Whether all traces are candidates.
    var isAll: Bool { conditions.isEmpty && durations.isEmpty && !isEmpty }
    private let order: TraceOrder
    /// No trace can match.
    private(set) var isEmpty = false

    init(
        _ query: TraceQuery,
        _ order: TraceOrder,
        after cursor: TraceCursor? = nil,
        slowLimit: Int = slowLimit,
        in db: Database
    ) throws {
        self.order = order
        let selection = query.selection
        let indexes = FilterIndexes(selection.filter)
        if let digits = selection.traceDigits { addDigits(digits) }
        try addTimes(selection, db)
        let shortest = max(query.shortest ?? 0, indexes.shortest ?? 0)
        if shortest > 0 { try addShortest(shortest, slowLimit, db) }
        if let longest = query.longest { durations.append(("<=", longest)) }
        if indexes.hasError || order == .errors { conditions.append("trace.errors > 0") }
        if let cursor { add("(trace.\(order.column), trace.id) < (?, ?)", cursor.key, cursor.number) }
        if let service = indexes.service {
            guard let number = try db.number(ofName: service) else {
                isEmpty = true
                return
            }
            add(
                "EXISTS (SELECT 1 FROM trace_service WHERE trace_service.service = ? AND trace_service.trace = trace.id)",
                number
            )
        }
        try addLookup(indexes, selection, db)
    }

    private mutating func add(_ condition: String, _ values: (any DatabaseValueConvertible)?...) {
        conditions.append(condition)
        arguments += StatementArguments(values)
    }

    /// The ids that begin with digits. The zeros of an id of 64 bits may be missing.
    static func ranges(ofDigits digits: String) -> [(lower: [UInt8], upper: [UInt8])] {
        func bytes(_ digits: String, _ filler: Character) -> [UInt8] {
            let text = Array((digits + String(repeating: filler, count: 32 - digits.count)).utf8)
            return stride(from: 0, to: 32, by: 2).map { place in
                UInt8(String(decoding: text[place..<(place + 2)], as: UTF8.self), radix: 16) ?? 0
            }
        }
        let beginnings = digits.utf8.count <= 16 ? [digits, String(repeating: "0", count: 16) + digits] : [digits]
        return beginnings.map { (bytes($0, "0"), bytes($0, "f")) }
    }

    private mutating func addDigits(_ digits: String) {
        let ranges = Self.ranges(ofDigits: digits)
        let condition = ranges.map { _ in "trace.trace BETWEEN ? AND ?" }.joined(separator: " OR ")
        conditions.append("(\(condition))")
        for range in ranges { arguments += [range.lower.databaseBytes, range.upper.databaseBytes] }
        isLookup = true
    }

    /// Traces with a span that started in the period.
    private mutating func addTimes(_ selection: SpanSelection, _ db: Database) throws {
        if let until = selection.until { add("trace.start < ?", until) }
        guard let since = selection.since else { return }
        // A trace that began before may have a span in the period, but not if all are shorter than the time since.
        let longest = try db.cachedStatement(sql: "SELECT max(duration) FROM trace").int64([]) ?? 0
        add("trace.start >= ?", since.subtractingReportingOverflow(longest).partialValue)
        add(
            """
            (trace.start >= ? OR trace.finish >= ? AND EXISTS \
            (SELECT 1 FROM span WHERE span.trace = trace.id AND span.start >= ? AND span.start < ?))
            """,
            since,
            since,
            since,
            selection.until ?? .max
        )
    }

    private mutating func addShortest(_ shortest: Int64, _ limit: Int, _ db: Database) throws {
        durations.append((">=", shortest))
        guard order != .slowest else { return }
        let sql = "SELECT count(*) FROM (SELECT 1 FROM trace WHERE duration >= ? LIMIT \(limit + 1))"
        if let count = try db.cachedStatement(sql: sql).int64([shortest]), count <= limit {
            (areFewSlow, isLookup) = (true, true)
        }
    }

    /// Restricts the traces to those of few spans.
    private mutating func addLookup(
        _ indexes: FilterIndexes,
        _ selection: SpanSelection,
        _ db: Database
    ) throws {
        let limit = Self.lookupLimit
        if let name = indexes.name {
            guard let number = try db.number(ofName: name) else { return isEmpty = true }
            let spans = "FROM span WHERE name = ? AND start >= ? AND start < ?"
            let values: StatementArguments = [number, selection.since ?? 0, selection.until ?? .max]
            // The index answers this without a look at the rows.
            let count = try db.cachedStatement(sql: "SELECT count(*) FROM (SELECT 1 \(spans) LIMIT \(limit + 1))")
            if let count = try count.int64(values), count <= limit { return lookUp("SELECT trace \(spans)", values) }
            // Takes less time than to decode the spans of a trace that has none of this name. The sign keeps SQLite from using the index of
            // names, which has more spans than a trace.
            add("EXISTS (SELECT 1 FROM span WHERE span.trace = trace.id AND +span.name = ?)", number)
        }
        guard !indexes.words.isEmpty else { return }
        let words = indexes.words.map { "\"\($0)\"" }.joined(separator: " ")
        let hits = "SELECT rowid FROM span_words WHERE span_words MATCH ?"
        let count = try db.cachedStatement(sql: "SELECT count(*) FROM (\(hits) LIMIT \(limit + 1))").int64([words])
        if let count, count <= limit { lookUp("SELECT trace FROM span WHERE id IN (\(hits))", [words]) }
    }

    private mutating func lookUp(_ traces: String, _ values: StatementArguments) {
        conditions.append("trace.id IN (\(traces))")
        arguments += values
        isLookup = true
    }

    /// Whether the traces are looked up, so that the order is made by sorting.
    private var isLookup = false

    /// A statement about the traces, and the values of its parameters.
    private func statement(
        _ columns: String,
        _ source: String = "trace",
        duration: String = "trace.duration"
    ) -> (sql: String, arguments: StatementArguments) {
        let all = conditions + durations.map { "\(duration) \($0.comparison) ?" }
        return (
            "SELECT \(columns) FROM \(source)\(all.isEmpty ? "" : " WHERE \(all.joined(separator: " AND "))")",
            arguments + StatementArguments(durations.map(\.nanoseconds))
        )
    }

    /// The statement that counts the traces, and the values of its parameters.
    var counting: (sql: String, arguments: StatementArguments) { statement("count(*)") }

    /// The statement that reads the traces in their order, and the values of its parameters.
    /// - Parameter columns: Of the index of the order; see ``StoreSchema``. Thousands of traces may be sorted with them.
    func reading(_ columns: String) -> (sql: String, arguments: StatementArguments) {
        let (sql, arguments) =
            if areFewSlow {
                statement(columns, "trace INDEXED BY trace_duration")
            } else if order == .slowest {
                statement(columns)
            } else {
                // By an index of durations, SQLite would have to sort all traces before the first one. The index of starts has these columns.
                statement(columns, duration: "trace.finish - trace.start")
            }
        // The sign keeps SQLite from reading the traces in the order of the index, of which few would be those.
        let sign = isLookup ? "+" : ""
        return ("\(sql) ORDER BY \(sign)trace.\(order.column) DESC, trace.id DESC", arguments)
    }

    /// Passes the traces to a closure, until it returns false.
    func forEach(in db: Database, _ body: (TraceCandidate) throws -> Bool) throws {
        guard !isEmpty else { return }
        let (sql, arguments) = reading("trace.id, trace.start, trace.\(order.column)")
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
        while let row = try rows.next() {
            let cursor = TraceCursor(key: row[2], number: row[0])
            guard try body(TraceCandidate(number: row[0], start: row[1], cursor: cursor)) else { return }
        }
    }
}

extension TraceRow {
    /// The columns that ``init(_:)`` reads.
    static let columns = """
        trace.id, trace.trace, trace.start, trace.duration, trace.spans, trace.errors, trace.root, trace.conversation, \
        trace.tokens, trace.changed, (SELECT text FROM name WHERE id = trace.name), \
        (SELECT text FROM name WHERE id = trace.service)
        """

    /// Reads the row of a candidate.
    init(_ candidate: TraceCandidate, in db: Database) throws {
        let sql = "SELECT \(Self.columns) FROM trace WHERE trace.id = ?"
        guard let row = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [candidate.number]) else {
            throw StoreError.failed(
                "trace \(candidate.number) is in an index and not in its table; remove the store and start again"
            )
        }
        self.init(row)
    }

    /// - Parameter row: A row with ``columns``.
    init(_ row: Row) {
        number = row[0]
        id = TraceID(bytes: row.bytes(1))
        start = row[2]
        duration = row[3]
        spanCount = row[4]
        errorCount = row[5]
        isOrphan = (row[6] as Int64?) == nil
        conversation = row[7]
        tokens = row[8]
        changed = row[9]
        name = row.text(10)
        service = row.text(11)
    }
}

extension TraceID {
    /// Creates an id of 16 bytes.
    init(bytes: [UInt8]) {
        func number(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(high: number(bytes.prefix(8)), low: number(bytes.dropFirst(8).prefix(8)))
    }

    var bytes: [UInt8] {
        [high, low].flatMap { part in (0..<8).map { UInt8(truncatingIfNeeded: part >> (56 - 8 * UInt64($0))) } }
    }
}

extension Row {
    /// A text that is stored as a BLOB of UTF-8.
    func text(_ column: Int) -> String { String(decoding: bytes(column), as: UTF8.self) }
}
