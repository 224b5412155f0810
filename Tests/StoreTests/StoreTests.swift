import Foundation
import GRDB
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitTestSupport
import Testing

@testable import SpanKitStore

@Suite("The store", .generousTimeLimit)
struct StoreTests {
    private let folder = TemporaryFolder("store")

    private func open(_ limits: StoreLimits = StoreLimits()) throws -> Store {
        try Store(path: folder.path("store.sqlite"), limits: limits)
    }

    private func words(_ query: String, _ store: Store) async throws -> Int {
        try await store.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM span_words WHERE span_words MATCH ?", arguments: [query])
                ?? 0
        }
    }

    /// The numbers in the first row.
    private func numbers(_ sql: String, _ store: Store) async throws -> [Int] {
        try await store.read { database in
            try Row.fetchOne(database, sql: sql)?.databaseValues.map { Int.fromDatabaseValue($0) ?? -1 } ?? []
        }
    }

    @Test("a body comes back byte for byte, with unknown fields")
    func keepsBodies() async throws {
        let store = try open()
        var body = try TestRequest.traces([TestSpan(trace: 1, span: 1), TestSpan(trace: 1, span: 2, parent: 1)]).body
        // Field 100 of a future version in the resource, in the scope and in the span.
        let unknown: [UInt8] = [0xA2, 0x06, 0x03, 0x66, 0x6F, 0x6F]
        var span: [UInt8] = []
        OTLPAssembly.append(1, TestSpan.traceID(1), to: &span)
        OTLPAssembly.append(2, [0, 0, 0, 0, 0, 0, 0, 3], to: &span)
        span += unknown
        var scope = unknown
        OTLPAssembly.append(2, span, to: &scope)
        var resource = unknown
        OTLPAssembly.append(2, scope, to: &resource)
        OTLPAssembly.append(1, resource, to: &body)
        try await store.write(try OTLPRequest(.traces, body))
        #expect(try await store.traceData(TestSpan.traceID(1)) == body)
        store.close()
    }

    @Test("a span that is sent twice is stored and counted once, also by another request and after a restart")
    func countsOnce() async throws {
        var store = try open()
        let request = try TestRequest.traces([TestSpan(trace: 1, span: 1, status: 2), TestSpan(trace: 1, span: 2)])
        try await store.write(request)
        try await store.write(request)
        store.close()
        store = try open()
        try await store.write(request)
        #expect(store.counts.spans == 2)
        #expect(store.counts.receivedSpans == 2)
        #expect(store.counts.repeatedSpans == 4)
        #expect(try await numbers("SELECT spans, errors FROM trace", store) == [2, 1])
        #expect(try await words("plain", store) == 2)
        store.close()
    }

    @Test("the row of a trace has its root, whatever order its spans arrive in")
    func summarizesTrace() async throws {
        let store = try open()
        let start = 1_700_000_000_000_000_000
        let child = TestSpan(trace: 1, span: 2, parent: 1, name: "child", start: start + 10, duration: 500)
        try await store.write(try TestRequest.traces([child], service: "inner"))
        try await store.write(
            try TestRequest.traces([TestSpan(trace: 1, span: 1, name: "root", start: start, duration: 400)])
        )
        #expect(
            try await numbers("SELECT start, duration, spans, root IS NOT NULL FROM trace", store) == [
                start, 510, 2, 1,
            ]
        )
        let names = try await store.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT CAST(text AS TEXT) FROM trace JOIN name ON name.id IN (trace.name, trace.service) ORDER BY 1
                    """
            )
        }
        #expect(names == ["root", "shop"])
        let services = try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM trace_service") }
        #expect(services == 2)
        store.close()
    }

    @Test("histograms count every span of an operation and minute once, as the percentile engine does")
    func countsDurations() async throws {
        let store = try open()
        var expected = ExponentialHistogram()
        for batch in 0..<5 {
            let spans = (0..<40).map { number in
                TestSpan(trace: batch + 1, span: number + 1, duration: (number + 1) * (batch + 1) * 977_123)
            }
            for span in spans { expected.record(nanoseconds: UInt64(span.duration)) }
            let request = try TestRequest.traces(spans)
            try await store.write(request)
            try await store.write(request)
        }
        let body = try await store.read { try Row.fetchOne($0, sql: "SELECT body FROM histogram")?.bytes(0) }
        #expect(try ExponentialHistogram(serialized: body ?? []) == expected)
        store.close()
    }

    @Test("logs and metrics come back as they were sent")
    func keepsOtherSignals() async throws {
        let store = try open()
        let logs = try TestRequest.logs(["card declined", "second"], trace: 7)
        let metrics = try TestRequest.json(
            .metrics,
            """
            {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeMetrics":[
            {"scope":{"name":"m"},"metrics":[{"name":"orders","description":"Orders.","unit":"{order}","sum":{"dataPoints":[
            {"startTimeUnixNano":"1","timeUnixNano":"2","asInt":"3","attributes":[{"key":"k","value":{"stringValue":"a"}}],
            "exemplars":[{"timeUnixNano":"2","asDouble":1.5,"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"}]},
            {"startTimeUnixNano":"1","timeUnixNano":"2","asInt":"4","attributes":[{"key":"k","value":{"stringValue":"b"}}]}],
            "aggregationTemporality":2,"isMonotonic":true}},
            {"name":"latency","exponentialHistogram":{"dataPoints":[{"timeUnixNano":"2","count":"2","sum":3,"scale":3,
            "positive":{"offset":-1,"bucketCounts":["1","1"]}}],"aggregationTemporality":1}}]}]}]}
            """
        )
        #expect(metrics.acceptedCount == 3)
        try await store.write(logs)
        try await store.write(metrics)
        let (logData, metricData) = try await store.read { database in
            let records = try Row.fetchAll(database, sql: "SELECT resource, scope, body FROM record ORDER BY id")
                .map { OTLPAssembly.Part(resource: $0[0], scope: $0[1], body: $0.bytes(2)) }
            let points = try Row.fetchAll(database, sql: "SELECT stream, body FROM point ORDER BY id")
                .map { OTLPAssembly.Point(stream: $0[0], body: $0.bytes(1)) }
            return (try OTLPAssembly.message(records, database), try OTLPAssembly.metrics(points, database))
        }
        #expect(logData == logs.body)
        // The data of a metric has its points last.
        #expect(Set(metricData) == Set(metrics.body) && metricData.count == metrics.body.count)
        let counts = store.counts
        #expect(counts.logs == 2 && counts.points == 3)
        store.close()
    }

    @Test("a store of another version, and a database of another program, are refused with one line")
    func refusesOthers() async throws {
        try open().close()
        try await DatabaseQueue(path: folder.path("store.sqlite")).write {
            try $0.execute(sql: "PRAGMA user_version = 99")
        }
        #expect {
            try open()
        } throws: {
            "\($0)".contains("has the store format 99") && !"\($0)".contains("\n")
        }
        try await DatabaseQueue(path: folder.path("other.sqlite")).write { try $0.execute(sql: "CREATE TABLE t(x)") }
        #expect {
            _ = try Store(path: folder.path("other.sqlite"))
        } throws: {
            "\($0)".contains("is a database of another program")
        }
        try folder.put("text.sqlite", Array(String(repeating: "not a database ", count: 100).utf8))
        #expect(throws: StoreError.self) { try Store(path: folder.path("text.sqlite")) }
    }

    @Test("only the user can read the file")
    func isPrivate() throws {
        let store = try open()
        var status = stat()
        for suffix in ["", "-wal", "-shm"] {
            #expect(stat(store.path + suffix, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600, "\(suffix)")
        }
        store.close()
    }

    @Test(
        "too old and too much: whole traces, the oldest first, but each service keeps its last; words and logs go with them"
    )
    func evicts() async throws {
        var limits = StoreLimits(bytes: 1_200_000, age: .seconds(1_000_000_000))
        limits.tracesPerService = 5
        let store = try open(limits)
        try await store.write(
            try TestRequest.traces((1...8).map { TestSpan(trace: $0, span: 1, word: "quiet") }, service: "quiet")
        )
        try await store.write(try TestRequest.logs(["of the first"], trace: 1))
        for batch in 0..<60 {
            let spans = (0..<50).map { number in
                TestSpan(
                    trace: 1_000 + batch,
                    span: number + 1,
                    parent: number,
                    word: String(repeating: "loud", count: 50)
                )
            }
            try await store.write(try TestRequest.traces(spans, service: "loud"))
        }
        try await eventually("the store keeps its limit", await store.usedBytes()) { $0 <= limits.bytes }
        let counts = try await eventually("the quiet service has its last", store.counts) {
            $0.evictedTraces >= 3
        }
        #expect(counts.spans + counts.evictedSpans == 3_008)
        let rows = try await numbers(
            """
            SELECT (SELECT count(*) FROM trace), (SELECT count(*) FROM span), (SELECT min(id) FROM trace),
              (SELECT count(*) FROM record), (SELECT count(*) FROM trace WHERE spans <> (SELECT count(*) FROM span
                WHERE span.trace = trace.id))
            """,
            store
        )
        // The three oldest traces of the quiet service are gone, its last five are kept. No trace lost only some of its spans.
        #expect(rows == [store.counts.traces, store.counts.spans, 4, 0, 0])
        #expect(try await words("quiet", store) == 5)
        #expect(try await words("loud*", store) == store.counts.spans - 5)
        store.close()
    }

    @Test("what is older than the limit is removed, whatever the service")
    func expires() async throws {
        var store = try open()
        try await store.write(try TestRequest.traces([TestSpan(trace: 1, span: 1)]))
        try await store.write(try TestRequest.logs(["a"]))
        store.close()
        store = try open(StoreLimits(bytes: 1_000_000_000, age: .zero))
        try await eventually("all is removed", store.counts.spans + store.counts.logs) { $0 == 0 }
        #expect(store.counts.evictedSpans == 1 && store.counts.evictedLogs == 1)
        store.close()
    }
}
