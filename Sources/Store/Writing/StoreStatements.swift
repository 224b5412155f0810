import GRDB

/// The statements that write a batch, prepared once.
final class StoreStatements {
    let selectName, insertName: SQLiteStatement
    let selectResource, insertResource, selectScope, insertScope: SQLiteStatement
    let selectTrace, insertTrace, updateTrace, insertService, selectStart: SQLiteStatement
    let insertSpan, insertSpanWords: SQLiteStatement
    let insertRecord, insertRecordWords: SQLiteStatement
    let selectStream, insertStream, insertPoint: SQLiteStatement
    let selectHistogram, replaceHistogram: SQLiteStatement
    let addCount: SQLiteStatement

    init(_ database: Database) throws {
        func prepare(_ sql: String) throws -> SQLiteStatement { try SQLiteStatement(database, sql) }
        selectName = try prepare("SELECT id FROM name WHERE text = ?")
        insertName = try prepare("INSERT INTO name(text) VALUES(?)")
        selectResource = try prepare("SELECT id, service FROM resource WHERE body = ?")
        insertResource = try prepare("INSERT INTO resource(service, instance, body) VALUES(?, ?, ?)")
        selectScope = try prepare("SELECT id FROM scope WHERE body = ?")
        insertScope = try prepare("INSERT INTO scope(name, body) VALUES(?, ?)")
        selectTrace = try prepare("SELECT id FROM trace WHERE trace = ?")
        insertTrace = try prepare(
            """
            INSERT INTO trace(trace, start, finish, spans, errors, name, service, changed) VALUES(?, 0, 0, 0, 0, ?, ?, ?)
            """
        )
        updateTrace = try prepare(
            """
            UPDATE trace SET start = CASE WHEN start = 0 OR (?2 > 0 AND ?2 < start) THEN ?2 ELSE start END,
              finish = max(finish, ?3), spans = spans + ?4, errors = errors + ?5, changed = ?6, root = coalesce(?7, root),
              name = coalesce(?8, name), service = coalesce(?9, service), conversation = coalesce(?10, conversation),
              tokens = CASE WHEN ?11 IS NULL THEN tokens ELSE coalesce(tokens, 0) + ?11 END
            WHERE id = ?1
            """
        )
        insertService = try prepare("INSERT OR IGNORE INTO trace_service(service, trace) VALUES(?, ?)")
        selectStart = try prepare("SELECT start FROM span WHERE id = (SELECT root FROM trace WHERE id = ?)")
        insertSpan = try prepare(
            """
            INSERT OR IGNORE INTO span(trace, span, parent, resource, scope, name, kind, start, duration, status, checksum, body)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        insertSpanWords = try prepare("INSERT INTO span_words(rowid, text) VALUES(?, ?)")
        insertRecord = try prepare(
            "INSERT INTO record(trace, span, resource, scope, time, severity, received, body) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
        )
        insertRecordWords = try prepare("INSERT INTO record_words(rowid, text) VALUES(?, ?)")
        selectStream = try prepare("SELECT id FROM stream WHERE hash = ?")
        insertStream = try prepare(
            """
            INSERT INTO stream(hash, name, unit, description, kind, temporality, monotonic, resource, scope, attributes, head, data)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        insertPoint = try prepare("INSERT INTO point(stream, time, received, body) VALUES(?, ?, ?, ?)")
        selectHistogram = try prepare(
            "SELECT errors, body FROM histogram WHERE minute = ? AND service = ? AND name = ?"
        )
        replaceHistogram = try prepare(
            "INSERT OR REPLACE INTO histogram(minute, service, name, errors, body) VALUES(?, ?, ?, ?, ?)"
        )
        addCount = try prepare(
            "INSERT INTO count(name, value) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET value = value + excluded.value"
        )
    }
}
