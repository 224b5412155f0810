import GRDB
import SpanKitPlatform

/// A SQLite file with spans, log records and metrics as OTLP.
///
/// One thread writes; any number of tasks read at the same time, each from a snapshot (SQLite's write-ahead log). ``StoreSchema`` describes
/// the tables.
package final class Store: Sendable {
    /// The file.
    package let path: String
    /// How much it keeps.
    package let limits: StoreLimits
    private let pool: DatabasePool
    private let writer: StoreWriter
    private let isClosed = Locked(false)

    /// Opens a store, or creates it if the file does not exist or is empty. Only the user can read it (0600).
    /// - Parameter limits: What is removed from it, also of what is in the file already.
    /// - Throws: ``StoreError/refused(_:)`` if the file is not a store, or one of another version.
    package init(path: String, limits: StoreLimits = StoreLimits()) throws {
        self.path = path
        self.limits = limits
        try StoreFile.create(path)
        var configuration = Configuration()
        configuration.label = "spankit.store"
        configuration.maximumReaderCount = 6
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            // A checkpoint of 4,000 pages (16 MiB) rewrites fewer pages than one of 1,000.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_autocheckpoint = 4000") }
            try pool.write { try StoreSchema.prepare($0, path: path) }
            let counts = try pool.read(StoreCounts.read)
            writer = try StoreWriter(pool, counts, limits)
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError.refused("\(path): cannot be opened as a store (\(error)); give --store another file")
        }
    }

    /// Adds a request. When the call returns, it is committed: a killed process does not lose it.
    /// - Throws: ``StoreError`` if it could not be written. Nothing of it is stored then.
    package func write(_ request: OTLPRequest) async throws {
        guard request.acceptedCount > 0 else { return }
        try await writer.write(request)
    }

    /// Reads from a snapshot. The closure runs on a thread of its own pool, and does not block writing.
    package func read<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result
    {
        try await pool.read(body)
    }

    /// The counts after the last commit.
    package var counts: StoreCounts { writer.counts.withLock { $0 } }

    /// A number that increases with every commit.
    package var revision: Int { writer.revision.withLock { $0 } }

    /// The average number of spans a second in the last five seconds.
    package var spansPerSecond: Int {
        writer.rate.withLock { $0.perSecond(at: UnixTime.nanoseconds() / 1_000_000_000) }
    }

    /// The names of all services, and when the oldest trace that is kept changed last, in Unix nanoseconds.
    package func overview() async throws -> (services: [String], keptSince: Int64?) {
        try await read { database in
            let names = try Row.fetchAll(
                database,
                sql: "SELECT text FROM name WHERE id IN (SELECT service FROM resource)"
            )
            .map { String(decoding: $0.bytes(0), as: UTF8.self) }
            return (names.sorted(), try Int64.fetchOne(database, sql: "SELECT min(changed) FROM trace"))
        }
    }

    /// The bytes of the content, without the free pages of the file.
    package func usedBytes() async throws -> Int { try await read(Eviction.usedBytes) }

    /// The `TracesData` message of a trace with all its spans; nil if the store has none.
    /// - Parameter id: The 16 bytes of the trace id.
    package func traceData(_ id: [UInt8]) async throws -> [UInt8]? {
        try await read { try OTLPAssembly.trace(id, $0) }
    }

    /// Commits what waits, and closes the file. Call it after the last read. Later calls of ``write(_:)`` fail.
    package func close() {
        let wasOpen = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard wasOpen else { return }
        writer.close()
        // A reader that has not ended keeps SQLite from doing this when the file is closed.
        _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try? pool.close()
    }
}

extension StoreCounts {
    static func read(_ database: Database) throws -> StoreCounts {
        var counts = StoreCounts()
        let rows = try Row.fetchAll(database, sql: "SELECT name, value FROM count")
        for row in rows {
            let name: String = row[0]
            for known in names where known.name == name { counts[keyPath: known.path] = row[1] }
        }
        return counts
    }
}

enum StoreFile {
    /// Creates a file that only the user can read. SQLite would use the umask.
    static func create(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StoreError.refused("\(path): \(FileSystem.describe(errno)); give --store a file that can be written")
        }
        close(descriptor)
    }
}
