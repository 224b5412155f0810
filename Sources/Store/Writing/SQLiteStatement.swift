import GRDB
import GRDBSQLite

/// A prepared statement that takes bytes and integers without a copy of each value.
///
/// GRDB's statements build an array of values for each row, which takes as long as the insertion itself.
/// Invariants: the database outlives the statement; one thread uses both. SQLite copies what is bound (`SQLITE_TRANSIENT`).
final class SQLiteStatement {
    private let statement: OpaquePointer
    private let connection: OpaquePointer

    init(_ database: Database, _ sql: String) throws {
        guard let connection = database.sqliteConnection else { throw StoreError.closed }
        self.connection = connection
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw Self.error(connection) }
        self.statement = statement
    }

    deinit { sqlite3_finalize(statement) }

    func bind(_ index: Int32, _ value: Int64?) {
        if let value { sqlite3_bind_int64(statement, index, value) } else { sqlite3_bind_null(statement, index) }
    }

    func bind(_ index: Int32, blob: ArraySlice<UInt8>?) {
        guard let blob else { return _ = sqlite3_bind_null(statement, index) }
        _ = blob.withUnsafeBytes { bytes in
            // An empty BLOB is not NULL.
            bytes.isEmpty
                ? sqlite3_bind_zeroblob(statement, index, 0)
                : sqlite3_bind_blob(statement, index, bytes.baseAddress, Int32(bytes.count), Self.transient)
        }
    }

    func bind(_ index: Int32, text: ArraySlice<UInt8>?) {
        guard let text else { return _ = sqlite3_bind_null(statement, index) }
        _ = text.withUnsafeBytes { bytes in
            // A missing address would be NULL.
            let start = bytes.isEmpty ? nil : bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            return start.map { sqlite3_bind_text(statement, index, $0, Int32(bytes.count), Self.transient) }
                ?? sqlite3_bind_text(statement, index, "", 0, Self.transient)
        }
    }

    /// Runs the statement and keeps its values for ``integer(_:)`` until ``reset()``.
    /// - Returns: Whether there is a row.
    func step() throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let error = Self.error(connection)
            sqlite3_reset(statement)
            throw error
        }
    }

    /// Runs a statement without rows.
    /// - Returns: The number of rows that it changed.
    @discardableResult
    func run() throws -> Int {
        _ = try step()
        reset()
        return Int(sqlite3_changes(connection))
    }

    func reset() { sqlite3_reset(statement) }

    func integer(_ column: Int32) -> Int64? {
        sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : sqlite3_column_int64(statement, column)
    }

    func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }

    /// The row that was inserted last on this connection.
    var insertedID: Int64 { sqlite3_last_insert_rowid(connection) }

    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private static func error(_ connection: OpaquePointer) -> StoreError {
        .failed("SQLite: \(String(cString: sqlite3_errmsg(connection)))")
    }
}
