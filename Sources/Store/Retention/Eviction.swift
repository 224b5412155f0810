import GRDB
import SpanKitPlatform

/// Removes what is too old or too much, in slices between the batches of the writer.
///
/// Whole traces are removed, those first whose latest span arrived first, with their log records. Log records without a stored trace and
/// data points are removed in the order of their arrival. Histograms outlive their spans, until they are too old or use a quarter of
/// the limit.
final class Eviction {
    /// The number of spans after which a slice ends.
    private static let sliceSpans = 5_000
    private static let sliceRows = 2_000

    private let limits: StoreLimits
    private let statements: EvictionStatements

    init(_ database: Database, _ limits: StoreLimits) throws {
        self.limits = limits
        statements = try EvictionStatements(database)
    }

    /// Removes one slice in the current transaction, if there is something to remove.
    /// - Returns: What was removed; nil if nothing has to be, or nothing can be.
    func removeSlice(_ database: Database, now: Int64) throws -> StoreCounts? {
        let expired = now - Int64(clamping: limits.age.components.seconds) * 1_000_000_000
        var counts = StoreCounts()
        try removeTraces(until: expired, isProtecting: false, &counts)
        try removeRecords(until: expired, &counts)
        try removePoints(until: expired, &counts)
        statements.removeHistograms.bind(1, MinuteHistograms.minute(of: max(0, expired)))
        try statements.removeHistograms.run()
        let bytes = try Self.usedBytes(database)
        if counts == StoreCounts(), bytes > limits.bytes {
            try removeOldest(&counts)
            // Traces of many services, or one of millions of spans, must not fill the disk because they are protected.
            if counts == StoreCounts(), bytes > limits.bytes / 4 * 5 {
                try removeTraces(until: .max, isProtecting: false, &counts)
            }
        }
        return counts == StoreCounts() ? nil : counts
    }

    /// Removes a slice of that kind of rows of which the oldest arrived first.
    private func removeOldest(_ counts: inout StoreCounts) throws {
        try removeOldHistograms()
        let trace = try firstRemovableTrace()
        let record = try Self.first(statements.oldestRecord)
        let point = try Self.first(statements.oldestPoint)
        switch [trace, record, point].compactMap(\.self).min() {
        case nil: break
        case trace: try removeTraces(until: .max, isProtecting: true, &counts)
        case record: try removeRecords(until: .max, &counts)
        default: try removePoints(until: .max, &counts)
        }
    }

    private static func first(_ statement: SQLiteStatement) throws -> Int64? {
        defer { statement.reset() }
        return try statement.step() ? statement.integer(0) : nil
    }

    /// The bytes of the pages in use.
    static func usedBytes(_ database: Database) throws -> Int {
        let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
        let size = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 4_096
        return (pages - free) * size
    }

    private func firstRemovableTrace() throws -> Int64? {
        var first: Int64?
        try forEachTrace(until: .max) { id, changed in
            guard try !isProtected(id) else { return true }
            first = changed
            return false
        }
        return first
    }

    /// Calls a closure for each trace, the one that changed first first, while it returns true.
    private func forEachTrace(until cut: Int64, _ body: (_ id: Int64, _ changed: Int64) throws -> Bool) throws {
        let select = statements.selectTraces
        select.bind(1, cut)
        defer { select.reset() }
        while try select.step() {
            guard try body(select.integer(0) ?? 0, select.integer(1) ?? 0) else { return }
        }
    }

    private func removeTraces(until cut: Int64, isProtecting: Bool, _ counts: inout StoreCounts) throws {
        // Rows are removed after the list is complete, because a statement must not read what another one removes.
        var candidates: [Int64] = []
        var spans = 0
        try forEachTrace(until: cut) { id, _ in
            if isProtecting, try isProtected(id) { return true }
            candidates.append(id)
            spans += Int(statements.selectTraces.integer(2) ?? 0)
            return spans < Self.sliceSpans
        }
        for id in candidates { try removeTrace(id, &counts) }
    }

    /// Whether a trace is one of the latest of one of its services.
    private func isProtected(_ trace: Int64) throws -> Bool {
        statements.countLater.bind(1, trace)
        statements.countLater.bind(2, Int64(limits.tracesPerService))
        defer { statements.countLater.reset() }
        return try statements.countLater.step()
    }

    private func removeTrace(_ id: Int64, _ counts: inout StoreCounts) throws {
        var words = IndexedText()
        statements.selectSpans.bind(1, id)
        var spans = 0
        while try statements.selectSpans.step() {
            spans += 1
            let row = statements.selectSpans
            words.read(span: row.blob(1)[...])
            statements.removeSpanWords.bind(1, row.integer(0))
            statements.removeSpanWords.bind(2, text: words.bytes[...])
            try statements.removeSpanWords.run()
        }
        statements.selectSpans.reset()
        statements.selectTraceRecords.bind(1, id)
        var records: [(Int64, [UInt8])] = []
        while try statements.selectTraceRecords.step() {
            records.append((statements.selectTraceRecords.integer(0) ?? 0, statements.selectTraceRecords.blob(1)))
        }
        statements.selectTraceRecords.reset()
        for (record, body) in records { try remove(record: record, body, &counts) }
        for statement in [statements.removeSpans, statements.removeServices, statements.removeTrace] {
            statement.bind(1, id)
            try statement.run()
        }
        counts.traces -= 1
        counts.spans -= spans
        counts.evictedTraces += 1
        counts.evictedSpans += spans
    }

    private func removeRecords(until cut: Int64, _ counts: inout StoreCounts) throws {
        let select = statements.selectRecords
        select.bind(1, cut)
        select.bind(2, Int64(Self.sliceRows))
        var rows: [(Int64, [UInt8])] = []
        while try select.step() { rows.append((select.integer(0) ?? 0, select.blob(1))) }
        select.reset()
        for (id, body) in rows { try remove(record: id, body, &counts) }
    }

    private func remove(record id: Int64, _ body: [UInt8], _ counts: inout StoreCounts) throws {
        var words = IndexedText()
        words.read(record: body[...])
        statements.removeRecordWords.bind(1, id)
        statements.removeRecordWords.bind(2, text: words.bytes[...])
        try statements.removeRecordWords.run()
        statements.removeRecord.bind(1, id)
        try statements.removeRecord.run()
        counts.logs -= 1
        counts.evictedLogs += 1
    }

    private func removePoints(until cut: Int64, _ counts: inout StoreCounts) throws {
        statements.removePoints.bind(1, cut)
        statements.removePoints.bind(2, Int64(Self.sliceRows))
        let removed = try statements.removePoints.run()
        counts.points -= removed
        counts.evictedPoints += removed
    }

    /// Removes ten minutes of histograms if all use more than a quarter of the limit.
    private func removeOldHistograms() throws {
        // Computed only while the store is full, and once for each slice.
        let bytes = try Self.first(statements.histogramBytes) ?? 0
        if bytes > Int64(limits.bytes / 4) { try statements.removeOldestHistograms.run() }
    }
}

/// The statements of an eviction, prepared once.
final class EvictionStatements {
    let oldestRecord, oldestPoint: SQLiteStatement
    let selectTraces, countLater, selectSpans, selectTraceRecords, selectRecords: SQLiteStatement
    let removeSpanWords, removeRecordWords, removeSpans, removeServices, removeTrace, removeRecord: SQLiteStatement
    let removePoints, removeHistograms, histogramBytes, removeOldestHistograms: SQLiteStatement

    init(_ database: Database) throws {
        func prepare(_ sql: String) throws -> SQLiteStatement { try SQLiteStatement(database, sql) }
        oldestRecord = try prepare(
            """
            SELECT received FROM record WHERE trace IS NULL OR NOT EXISTS (SELECT 1 FROM trace WHERE trace.trace = record.trace)
            ORDER BY id LIMIT 1
            """
        )
        oldestPoint = try prepare("SELECT received FROM point ORDER BY id LIMIT 1")
        selectTraces = try prepare("SELECT id, changed, spans FROM trace WHERE changed <= ? ORDER BY changed")
        // A row if one of the services of the trace has fewer later traces than the number.
        countLater = try prepare(
            """
            SELECT 1 FROM trace_service AS own WHERE own.trace = ?1 AND (SELECT count(*) FROM (SELECT 1 FROM trace_service AS other
              WHERE other.service = own.service AND other.trace > ?1 LIMIT ?2)) < ?2
            """
        )
        selectSpans = try prepare("SELECT id, body FROM span WHERE trace = ?")
        selectTraceRecords = try prepare(
            "SELECT record.id, record.body FROM record WHERE trace IS NOT NULL AND trace = (SELECT trace FROM trace WHERE id = ?)"
        )
        // Records of stored traces stay with them.
        selectRecords = try prepare(
            """
            SELECT id, body FROM record WHERE received <= ?1
              AND (trace IS NULL OR NOT EXISTS (SELECT 1 FROM trace WHERE trace.trace = record.trace)) ORDER BY id LIMIT ?2
            """
        )
        let removal = "INSERT INTO %(%, rowid, text) VALUES('delete', ?, ?)"
        removeSpanWords = try prepare(removal.replacing("%", with: "span_words"))
        removeRecordWords = try prepare(removal.replacing("%", with: "record_words"))
        removeSpans = try prepare("DELETE FROM span WHERE trace = ?")
        removeServices = try prepare("DELETE FROM trace_service WHERE trace = ?")
        removeTrace = try prepare("DELETE FROM trace WHERE id = ?")
        removeRecord = try prepare("DELETE FROM record WHERE id = ?")
        removePoints = try prepare(
            "DELETE FROM point WHERE id IN (SELECT id FROM point WHERE received <= ? ORDER BY id LIMIT ?)"
        )
        // Traces are as old as their arrival. Those of a file may have started long before, and are still counted.
        removeHistograms = try prepare(
            """
            DELETE FROM histogram
            WHERE minute < min(?1, coalesce((SELECT min(start) / 60000000000 FROM trace WHERE start > 0), ?1))
            """
        )
        histogramBytes = try prepare("SELECT sum(length(body) + 40) FROM histogram")
        removeOldestHistograms = try prepare(
            "DELETE FROM histogram WHERE minute <= (SELECT minute + 10 FROM histogram ORDER BY minute LIMIT 1)"
        )
    }
}
