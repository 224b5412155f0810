import GRDB
import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording

/// Reads stored spans, log records and metrics. Each resource and scope is decoded once.
///
/// An instance belongs to one access of the database.
final class StoredSpans {
    private let db: Database
    private var reader = StoredMessageReader()
    private var resources: [Int64: Resource] = [:]
    private var scopes: [Int64: InstrumentationScope] = [:]
    /// More resources and scopes than that are not remembered.
    private static let headLimit = 10_000

    init(_ db: Database) {
        self.db = db
    }

    /// Passes the spans of a trace to a closure, in the order in which they arrived.
    func forEachSpan(ofTrace number: Int64, _ body: (DecodedSpan) throws -> Void) throws {
        // The index finds only numbers, which are sorted instead of bodies, and the bodies are read in the order of the file.
        let statement = try db.cachedStatement(
            sql: """
                SELECT resource, scope, body FROM span
                WHERE id IN (SELECT id FROM span WHERE trace = ?) ORDER BY id
                """
        )
        let rows = try Row.fetchCursor(statement, arguments: [number])
        while let row = try rows.next() {
            let (resource, scope) = (try resource(row[0]), try scope(row[1]))
            if let span = reader.span(row.bytes(2)[...], resource, scope) { try body(span) }
        }
    }

    /// Passes the log records of a trace to a closure, in the order in which they arrived.
    func forEachLog(ofTrace id: TraceID, _ body: (DecodedLog) throws -> Void) throws {
        let statement = try db.cachedStatement(
            sql: "SELECT resource, scope, body FROM record WHERE trace = ? ORDER BY id"
        )
        let rows = try Row.fetchCursor(statement, arguments: [id.bytes.databaseBytes])
        while let row = try rows.next() { if let log = try log(row) { try body(log) } }
    }

    /// The log record of a row with the columns resource, scope and body; `nil` if it is damaged.
    func log(_ row: Row) throws -> DecodedLog? {
        reader.log(row.bytes(2)[...], try resource(row[0]), try scope(row[1]))
    }

    /// The metric of a message with its resource and scope; `nil` if it is damaged.
    func metric(_ message: [UInt8], resource: Int64, scope: Int64) throws -> DecodedMetric? {
        reader.metric(message[...], try self.resource(resource), try self.scope(scope))
    }

    private func resource(_ number: Int64) throws -> Resource {
        if let known = resources[number] { return known }
        let resource = reader.resource(try head("SELECT body FROM resource WHERE id = ?", number)[...])
        if resources.count < Self.headLimit { resources[number] = resource }
        return resource
    }

    private func scope(_ number: Int64) throws -> InstrumentationScope {
        if let known = scopes[number] { return known }
        let scope = reader.scope(try head("SELECT body FROM scope WHERE id = ?", number)[...])
        if scopes.count < Self.headLimit { scopes[number] = scope }
        return scope
    }

    private func head(_ sql: String, _ number: Int64) throws -> [UInt8] {
        try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [number])?.bytes(0) ?? []
    }
}
