import GRDB
import SpanKitInputs
import SpanKitRecording
import SpanKitReports

/// Reads what a store contains as OTLP, in parts, so that neither memory nor the time of one read grows with the store.
package struct StoreExport: Sendable {
    /// A message of `TracesData`, `LogsData` or `MetricsData`.
    package struct Message: Sendable {
        package let signal: Signal
        package let body: [UInt8]
    }

    /// A part is passed on when it has this size.
    private static let partBytes = 1 << 20

    private enum Step: Sendable {
        /// All log records, by number.
        case logs(after: Int64)
        case traces(after: TraceCursor?)
        case metrics(after: Int64)
    }

    private let query: TraceQuery
    private let logFilter: SpanSelection?
    private let withLogs: Bool
    private var steps: [Step] = []

    /// - Parameters:
    ///   - signals: What is read. With a selection, only the traces with a selected span and their log records are.
    ///   - query: The traces. If only log records are read, its selection is one of log records.
    package init(_ signals: Set<Signal>, _ query: TraceQuery) {
        self.query = query
        let isOfLogs = signals == [.logs]
        logFilter = isOfLogs ? query.selection : nil
        withLogs = signals.contains(.logs) && !query.isEverything
        // Log records first: reports that evaluate traces early to limit memory need them by then.
        if signals.contains(.logs), query.isEverything || isOfLogs { steps.append(.logs(after: 0)) }
        if signals.contains(.traces) { steps.append(.traces(after: nil)) }
        if signals.contains(.metrics), query.isEverything { steps.append(.metrics(after: 0)) }
    }

    /// The next messages; `nil` at the end. There may be none in a part.
    package mutating func next(in db: Database) throws -> [Message]? {
        guard let step = steps.first else { return nil }
        let (messages, following): ([Message], Step?) =
            switch step {
            case .logs(let number): try logs(after: number, db)
            case .traces(let cursor): try traces(after: cursor, db)
            case .metrics(let number): try metrics(after: number, db)
            }
        if let following { steps[0] = following } else { steps.removeFirst() }
        return messages
    }

    private func logs(after number: Int64, _ db: Database) throws -> ([Message], Step?) {
        var (condition, arguments) = ("record.id > ?", StatementArguments([number]))
        if let digits = logFilter?.traceDigits {
            let ranges = TraceCandidates.ranges(ofDigits: digits)
            condition += " AND (\(ranges.map { _ in "record.trace BETWEEN ? AND ?" }.joined(separator: " OR ")))"
            for range in ranges { arguments += [range.lower.databaseBytes, range.upper.databaseBytes] }
        }
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT record.resource, record.scope, record.body, record.id FROM record WHERE \(condition) \
                    ORDER BY record.id
                    """
            ),
            arguments: arguments
        )
        let spans = StoredSpans(db)
        var selection = logFilter
        var parts: [OTLPAssembly.Part] = []
        var bytes = 0
        var last = number
        var looked = 0
        while let row = try rows.next() {
            last = row[3]
            looked += 1
            if selection == nil || selection?.isActive == false {
                parts.append(.init(resource: row[0], scope: row[1], body: row.bytes(2)))
            } else if let log = try spans.log(row), selection?.part(of: log) == .selected {
                parts.append(.init(resource: row[0], scope: row[1], body: row.bytes(2)))
            }
            bytes += parts.last?.body.count ?? 0
            guard bytes < Self.partBytes, looked < 50_000 else {
                return ([Message(signal: .logs, body: try OTLPAssembly.message(parts, db))], .logs(after: last))
            }
        }
        guard !parts.isEmpty else { return ([], nil) }
        return ([Message(signal: .logs, body: try OTLPAssembly.message(parts, db))], nil)
    }

    private func traces(after cursor: TraceCursor?, _ db: Database) throws -> ([Message], Step?) {
        let matcher = TraceMatcher(query, db)
        let bodies = try db.cachedStatement(sql: "SELECT resource, scope, body FROM span WHERE trace = ? ORDER BY id")
        let records = try db.cachedStatement(
            sql: "SELECT resource, scope, body FROM record WHERE trace = ? ORDER BY id"
        )
        var (spans, logs): ([OTLPAssembly.Part], [OTLPAssembly.Part]) = ([], [])
        var bytes = 0
        var looked = 0
        var following: TraceCursor?
        func read(_ statement: Statement, _ value: StatementArguments, _ parts: inout [OTLPAssembly.Part]) throws {
            let rows = try Row.fetchCursor(statement, arguments: value)
            while let row = try rows.next() {
                let body = row.bytes(2)
                bytes += body.count
                parts.append(.init(resource: row[0], scope: row[1], body: body))
            }
        }
        try TraceCandidates(query, .newest, after: cursor, in: db).forEach(in: db) { candidate in
            looked += 1
            if try matcher.matches(candidate.number) {
                if withLogs {
                    try read(records, [try TraceRow(candidate, in: db).id.bytes.databaseBytes], &logs)
                }
                try read(bodies, [candidate.number], &spans)
            }
            guard bytes < Self.partBytes, looked < 10_000 else {
                following = candidate.cursor
                return false
            }
            return true
        }
        var messages: [Message] = []
        if !logs.isEmpty { messages.append(Message(signal: .logs, body: try OTLPAssembly.message(logs, db))) }
        if !spans.isEmpty { messages.append(Message(signal: .traces, body: try OTLPAssembly.message(spans, db))) }
        return (messages, following.map { .traces(after: $0) })
    }

    private func metrics(after number: Int64, _ db: Database) throws -> ([Message], Step?) {
        let streams = try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT id FROM stream WHERE id > ? ORDER BY id"),
            arguments: [number]
        )
        let points = try db.cachedStatement(sql: "SELECT body FROM point WHERE stream = ? ORDER BY time, id")
        var parts: [OTLPAssembly.Point] = []
        var bytes = 0
        for stream in streams {
            let rows = try Row.fetchCursor(points, arguments: [stream])
            while let row = try rows.next() {
                parts.append(.init(stream: stream, body: row.bytes(0)))
                bytes += parts.last?.body.count ?? 0
            }
            guard bytes < Self.partBytes else {
                return ([Message(signal: .metrics, body: try OTLPAssembly.metrics(parts, db))], .metrics(after: stream))
            }
        }
        guard !parts.isEmpty else { return ([], nil) }
        return ([Message(signal: .metrics, body: try OTLPAssembly.metrics(parts, db))], nil)
    }
}
