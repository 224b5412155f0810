import Foundation
import GRDB
import GRDBSQLite
import SpanKitOTLP
import SpanKitStore

/// The store of `spankit serve`: requests compared with a loop that inserts the same rows into the same tables and indexes.
enum ServeBenchmarks {
    private static let requestCount = 200
    private static let spansInRequest = 500
    private static let spansInTrace = 10

    // Not optimized, because the optimizer of Swift 6.3.1 crashes in this function.
    @_optimize(none)
    static func rows() async throws -> [BenchmarkRow] {
        let requests = try (0..<requestCount).map { try OTLPRequest(.traces, body($0)) }
        let spans = requestCount * spansInRequest
        let clock = ContinuousClock()
        var samples: [BenchmarkRow.Sample] = []
        for _ in 0..<5 {
            let folder = FileManager.default.temporaryDirectory.appending(path: "spankit-bench-\(UUID().uuidString)")
                .path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let store = try Store(path: "\(folder)/store.sqlite")
            let measured = try await clock.measure { try await write(requests, to: store) }
            guard store.counts.spans == spans else {
                throw BenchmarkError("the store has \(store.counts.spans) of \(spans) spans; find the lost ones")
            }
            let rows = try await store.read(Rows.init)
            store.close()
            let reference = try clock.measure { try rows.insert(into: "\(folder)/reference.sqlite") }
            samples.append(
                BenchmarkRow.Sample(
                    measured: seconds(measured) / Double(spans),
                    reference: seconds(reference) / Double(spans)
                )
            )
        }
        return [
            BenchmarkRow(
                "store a span of a protobuf request / insert its row by a bare loop",
                unit: .seconds,
                bar: 3,
                runs: [samples]
            )
        ]
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    /// Four senders, each of which waits for the answer to its request.
    private static func write(_ requests: [OTLPRequest], to store: Store) async throws {
        try await withThrowingTaskGroup(of: Void.self) { senders in
            for sender in 0..<4 {
                senders.addTask {
                    for number in stride(from: sender, to: requests.count, by: 4) {
                        try await store.write(requests[number])
                    }
                }
            }
            try await senders.waitForAll()
        }
    }

    /// A request with traces of ten spans and five attributes each.
    private static func body(_ request: Int) throws -> [UInt8] {
        func digits(_ number: Int, _ count: Int) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: count - text.count) + text
        }
        let spans = (0..<spansInRequest).map { place in
            let number = request * spansInRequest + place
            let parent = place % spansInTrace == 0 ? "" : "\"parentSpanId\":\"\(digits(number, 16))\","
            let start = 1_700_000_000_000_000_000 + number * 1_000_000
            let attributes = [
                ("http.request.method", "POST"), ("url.path", "/orders/\(number % 1_000)"),
                ("user.id", "user-\(number % 5_000)"),
                ("db.query.text", "SELECT id, total FROM orders WHERE customer = ?"),
                ("server.address", "shop.internal"),
            ]
            .map { "{\"key\":\"\($0)\",\"value\":{\"stringValue\":\"\($1)\"}}" }.joined(separator: ",")
            return """
                {"traceId":"\(digits(number / spansInTrace + 1, 32))","spanId":"\(digits(number + 1, 16))",\(parent)\
                "name":"operation \(number % 40)","kind":2,"startTimeUnixNano":"\(start)",\
                "endTimeUnixNano":"\(start + 1_000 * (number % 977 + 1))","attributes":[\(attributes)],\
                "status":{"code":\(number % 50 == 0 ? 2 : 0)}}
                """
        }
        let resource = "{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"shop\"}}]}"
        let json =
            "{\"resourceSpans\":[{\"resource\":\(resource),\"scopeSpans\":[{\"spans\":[\(spans.joined(separator: ","))]}]}]}"
        guard let type = MessageType.request(ofSignal: "traces"),
            let body = Transcoder.convert(Array(json.utf8), type, to: .protobuf)
        else { throw BenchmarkError("the benchmark's JSON is not OTLP") }
        return body.bytes
    }
}

/// The rows of a store in memory.
private struct Rows {
    /// The values of a row; a text is one that SQLite indexes.
    private var spans: [[DatabaseValue]] = []
    private var texts: [String] = []
    private var traces: [[DatabaseValue]] = []

    private static let spanColumns =
        "id, trace, span, parent, resource, scope, name, kind, start, duration, status, checksum, body"
    private static let traceColumns = "id, trace, start, finish, spans, errors, root, name, service, changed"

    init(_ database: Database) throws {
        for row in try Row.fetchAll(database, sql: "SELECT \(Self.spanColumns) FROM span") {
            spans.append(Array(row.databaseValues))
            var text = IndexedText()
            let body: Data = row["body"]
            text.read(span: Array(body)[...])
            texts.append(String(decoding: text.bytes, as: UTF8.self))
        }
        traces = try Row.fetchAll(database, sql: "SELECT \(Self.traceColumns) FROM trace").map {
            Array($0.databaseValues)
        }
    }

    /// Inserts the rows in transactions of 2,000 spans.
    func insert(into path: String) throws {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.prepareDatabase {
            try $0.execute(sql: "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = NORMAL; \(StoreSchema.statements)")
            guard let connection = database.sqliteConnection else { return }
            let insertSpan = try Loop(
                connection,
                "INSERT INTO span(\(Self.spanColumns)) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)"
            )
            let insertWords = try Loop(connection, "INSERT INTO span_words(rowid, text) VALUES(?,?)")
            let insertTrace = try Loop(
                connection,
                "INSERT INTO trace(\(Self.traceColumns)) VALUES(?,?,?,?,?,?,?,?,?,?)"
            )
            var traces = traces[...]
            for start in stride(from: 0, to: spans.count, by: 2_000) {
                try database.execute(sql: "BEGIN IMMEDIATE")
                for place in start..<min(start + 2_000, spans.count) {
                    insertSpan.run(spans[place])
                    insertWords.run([spans[place][0], texts[place].databaseValue])
                }
                for row in traces.prefix(200) { insertTrace.run(row) }
                traces = traces.dropFirst(200)
                try database.execute(sql: "COMMIT")
            }
        }
        try queue.close()
    }

    /// A statement of SQLite's C interface.
    private final class Loop {
        private let statement: OpaquePointer

        init(_ connection: SQLiteConnection, _ sql: String) throws {
            var statement: OpaquePointer?
            sqlite3_prepare_v2(connection, sql, -1, &statement, nil)
            guard let statement else { throw BenchmarkError("SQLite: \(String(cString: sqlite3_errmsg(connection)))") }
            self.statement = statement
        }

        deinit { sqlite3_finalize(statement) }

        func run(_ values: [DatabaseValue]) {
            let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            for (place, value) in values.enumerated() {
                let index = Int32(place + 1)
                switch value.storage {
                case .int64(let number): sqlite3_bind_int64(statement, index, number)
                case .string(let text): sqlite3_bind_text(statement, index, text, -1, transient)
                case .blob(let data):
                    data.withUnsafeBytes { bytes in
                        _ = sqlite3_bind_blob(statement, index, bytes.baseAddress, Int32(bytes.count), transient)
                    }
                default: sqlite3_bind_null(statement, index)
                }
            }
            sqlite3_step(statement)
            sqlite3_reset(statement)
        }
    }
}
