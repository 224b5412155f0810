import GRDB
import SpanKitInputs
import SpanKitRecording
import SpanKitReports

/// Assembles stored traces for reports, newest first.
package struct TraceReading {
    /// How the spans of the traces are kept.
    package struct Details: Sendable {
        package var level: TraceSpan.DetailLevel
        package var grouping: SpanGrouping?
        package var readsLogs: Bool

        package init(_ level: TraceSpan.DetailLevel = .none, grouping: SpanGrouping? = nil, readsLogs: Bool = false) {
            (self.level, self.grouping, self.readsLogs) = (level, grouping, readsLogs)
        }
    }

    /// The assembler, which counts what was left out.
    package let assembler: TraceAssembler
    /// What was selected.
    package let selection: SpanSelection
    /// The number of traces that were looked at.
    package let candidateCount: Int
    /// The start of the last trace that was looked at, if the time was over before the end.
    package let searchedTo: Int64?

    package var names: NameTable { assembler.names }

    /// Passes the traces with a selected span to a closure.
    /// - Parameters:
    ///   - time: How long traces are read; `nil` for no limit.
    ///   - limit: The maximum number of traces to look at.
    package init(
        _ query: TraceQuery,
        _ details: Details = Details(),
        within time: Duration?,
        limit: Int = .max,
        in db: Database,
        _ body: (Trace, NameTable) throws -> Void
    ) throws {
        let deadline = time.map { ContinuousClock.now + $0 }
        var selection = query.selection
        var assembler = TraceAssembler(details: details.level, grouping: details.grouping)
        let spans = StoredSpans(db)
        var count = 0
        var searchedTo: Int64?
        var failure: (any Error)?
        try TraceCandidates(query, .newest, in: db).forEach(in: db) { candidate in
            let row = try TraceRow(candidate, in: db)
            var part = PreparedSpans(query.selection, details: details.level, grouping: details.grouping)
            try spans.forEachSpan(ofTrace: row.number) { part.add($0) }
            if details.readsLogs { try spans.forEachLog(ofTrace: row.id) { part.add($0) } }
            selection.add(part)
            func deliver(_ trace: Trace, _ names: NameTable) {
                guard trace.hasSelection, failure == nil else { return }
                do { try body(trace, names) } catch { failure = error }
            }
            assembler.add(part, deliver)
            assembler.finish(deliver)
            if let failure { throw failure }
            count += 1
            guard count < limit, deadline.map({ ContinuousClock.now < $0 }) ?? true else {
                searchedTo = row.start
                return false
            }
            return true
        }
        (self.assembler, self.selection, candidateCount, self.searchedTo) = (assembler, selection, count, searchedTo)
    }

    /// Passes the decoded spans of each trace that a query selects to a closure.
    /// - Returns: The start of the last trace that was looked at, if the time was over before the end.
    package static func decoded(
        _ query: TraceQuery,
        within time: Duration,
        in db: Database,
        _ body: (TraceRow, [DecodedSpan]) throws -> Void
    ) throws -> Int64? {
        let deadline = ContinuousClock.now + time
        let spans = StoredSpans(db)
        var searchedTo: Int64?
        try TraceCandidates(query, .newest, in: db).forEach(in: db) { candidate in
            let row = try TraceRow(candidate, in: db)
            var all: [DecodedSpan] = []
            var isSelected = query.selection.filter == nil
            var selection = query.selection
            try spans.forEachSpan(ofTrace: row.number) { span in
                if !isSelected, selection.part(of: span) == .selected { isSelected = true }
                all.append(span)
            }
            if isSelected { try body(row, all) }
            guard ContinuousClock.now < deadline else {
                searchedTo = row.start
                return false
            }
            return true
        }
        return searchedTo
    }

    /// The starts and durations of the traces that a query selects, newest first. Their ids are set if there are at most
    /// ``DurationMap/pointLimit``.
    /// - Parameters:
    ///   - limit: The maximum number of traces.
    ///   - time: How long traces are read.
    package static func durations(
        _ query: TraceQuery,
        limit: Int,
        within time: Duration,
        in db: Database
    ) throws -> (entries: [DurationMap.Entry], searchedTo: Int64?) {
        let deadline = ContinuousClock.now + time
        let matcher = TraceMatcher(query, db)
        let candidates = try TraceCandidates(query, .newest, in: db)
        guard !candidates.isEmpty else { return ([], nil) }
        var found: [(number: Int64, start: Int64, duration: UInt64, isError: Bool)] = []
        var searchedTo: Int64?
        // The index of starts has these columns, so that a million traces take no look at their rows.
        let (sql, arguments) = candidates.reading("trace.id, trace.start, trace.finish, trace.errors")
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
        while let row = try rows.next() {
            let start: Int64 = row[1]
            // A trace without times has no place on the map.
            if start > 0, try matcher.matches(row[0]) {
                found.append((row[0], start, UInt64(clamping: (row[2] as Int64) - start), (row[3] as Int64) > 0))
            }
            let isTimeToLook = matcher.reads || found.count.isMultiple(of: 1_000)
            if found.count >= limit || isTimeToLook && ContinuousClock.now >= deadline {
                searchedTo = start
                break
            }
        }
        let hasIDs = found.count <= DurationMap.pointLimit
        let identity = try db.cachedStatement(sql: "SELECT trace FROM trace WHERE id = ?")
        let entries = try found.map { trace in
            let row = hasIDs ? try Row.fetchOne(identity, arguments: [trace.number]) : nil
            return DurationMap.Entry(
                trace: row.map { TraceID(bytes: $0.bytes(0)) } ?? .invalid,
                start: trace.start,
                duration: trace.duration,
                isError: trace.isError
            )
        }
        return (entries, searchedTo)
    }

    /// The given traces with one table of names.
    package static func traces(
        _ rows: [TraceRow],
        _ details: Details = Details(),
        in db: Database
    ) throws -> (traces: [Trace], names: NameTable) {
        var assembler = TraceAssembler(details: details.level, grouping: details.grouping)
        var traces: [Trace] = []
        let spans = StoredSpans(db)
        for row in rows {
            var part = PreparedSpans(SpanSelection(), details: details.level, grouping: details.grouping)
            try spans.forEachSpan(ofTrace: row.number) { part.add($0) }
            if details.readsLogs { try spans.forEachLog(ofTrace: row.id) { part.add($0) } }
            assembler.add(part) { trace, _ in traces.append(trace) }
            assembler.finish { trace, _ in traces.append(trace) }
        }
        return (traces, assembler.names)
    }
}
