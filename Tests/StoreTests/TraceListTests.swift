import GRDB
import SpanKitInputs
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import SpanKitTestSupport
import Testing

@testable import SpanKitStore

@Suite("The list of stored traces", .generousTimeLimit)
struct TraceListTests {
    private static let filters = [
        "error", "name=charge", "name=charge and error", "service=web", "service=web and name=query", "service=nobody",
        "name=nothing",
        "duration>500ms", "duration>500ms and service=shop", "http.response.status_code>=400", "not error",
        "name=charge or name=query",
        "not (name=charge or error)", "kind=server and status=error", "\"declined\"", "\"card declined\"",
        "\"Declined\" and error",
        "\"charge\"", "\"card declined\" or name=query", "\"nowhere to be found\"", "\"exception.message\"", "\"5 s\"",
        "error=false and name~orders",
    ]

    /// The traces that have a selected span, found without a store.
    private static func expected(_ traces: [TraceID: [DecodedSpan]], _ selection: SpanSelection) -> Set<TraceID> {
        Set(
            traces.filter { _, spans in
                var selection = selection
                return spans.contains { selection.part(of: $0) == .selected }
            }
            .keys
        )
    }

    @Test("has the traces that filters and times select, in every order, whichever index answers", arguments: [1, 3])
    func filters(seed: UInt64) async throws {
        let sample = SampleTraces(count: 60, seed: seed)
        let folder = TemporaryFolder("store")
        let store = try await sample.stored(in: folder)
        defer { store.close() }
        let traces = Dictionary(grouping: sample.spans, by: \.span.context.traceID)
        let middle = SampleTraces.origin + 30_000_000_000
        for text in Self.filters {
            for period in [(Int64?.none, Int64?.none), (middle, nil), (nil, middle), (middle, middle + 400_000_000)] {
                var selection = SpanSelection()
                selection.filter = try SpanFilter(text, searchesText: true)
                (selection.since, selection.until) = period
                let query = TraceQuery(selection)
                let expected = Self.expected(traces, selection)
                for order in TraceOrder.allCases {
                    let list = try await store.read { db in
                        try TraceList(query, order, limit: 1_000, searching: .generous, in: db)
                    }
                    let wanted =
                        order == .errors
                        ? expected.filter { id in traces[id]?.contains { $0.span.isError } ?? false } : expected
                    #expect(Set(list.rows.map(\.id)) == wanted, "\(text) \(period) \(order)")
                    #expect(list.total == wanted.count && list.cursor == nil && list.searchedTo == nil)
                    let keys = list.rows.map { row in
                        switch order {
                        case .newest: row.start
                        case .slowest: row.duration
                        case .errors: Int64(row.errorCount)
                        }
                    }
                    #expect(keys == keys.sorted(by: >), "\(text) \(order)")
                }
            }
        }
    }

    @Test("a row has the numbers of the trace")
    func rows() async throws {
        let sample = SampleTraces(count: 40)
        let folder = TemporaryFolder("store")
        let store = try await sample.stored(in: folder)
        defer { store.close() }
        let traces = Dictionary(grouping: sample.spans, by: \.span.context.traceID)
        let list = try await store.read { try TraceList(TraceQuery(), .newest, limit: 100, searching: .zero, in: $0) }
        #expect(list.rows.count == 40 && list.total == 40)
        for row in list.rows {
            let spans = try #require(traces[row.id])
            let start = try #require(spans.map(\.span.startUnixNanoseconds).min())
            let end = try #require(spans.map(\.span.endUnixNanoseconds).max())
            #expect(row.start == start && row.duration == end - start && row.spanCount == spans.count)
            #expect(row.errorCount == spans.count { $0.span.isError })
            let root = try #require(spans.first { $0.span.parentSpanID == nil })
            #expect(row.name == root.span.name && row.service == root.serviceName && !row.isOrphan)
            #expect(Set(row.services) == Set(spans.map(\.serviceName)))
        }
    }

    @Test("the parts of a list, one after the other, are the list", arguments: TraceOrder.allCases)
    func parts(order: TraceOrder) async throws {
        let folder = TemporaryFolder("store")
        let store = try await SampleTraces(count: 50).stored(in: folder)
        defer { store.close() }
        for text in [nil, "http.response.status_code>=400", "name=charge"] {
            var selection = SpanSelection()
            selection.filter = try text.map { try SpanFilter($0) }
            let query = TraceQuery(selection)
            let whole = try await store.read { try TraceList(query, order, limit: 1_000, searching: .generous, in: $0) }
            // Without time, each part looks at one trace.
            for time in [Duration.generous, .zero] {
                var rows: [TraceID] = []
                var cursor: TraceCursor?
                repeat {
                    let after = cursor
                    let part = try await store.read {
                        try TraceList(query, order, limit: 7, after: after, searching: time, in: $0)
                    }
                    rows += part.rows.map(\.id)
                    #expect(part.rows.count == 7 || part.cursor == nil || part.searchedTo != nil)
                    cursor = part.cursor
                } while cursor != nil
                #expect(rows == whole.rows.map(\.id), "\(text ?? "all") \(time)")
            }
        }
    }

    @Test("a trace is found by the first digits of its id, also without the zeros of an id of 64 bits")
    func digits() async throws {
        let folder = TemporaryFolder("store")
        let store = try await SampleTraces(count: 20).stored(in: folder)
        defer { store.close() }
        let found = try await store.read { db in
            try ["0000000000000010", "00000000000000000000000000000010", "0", "f"].map {
                try TraceList.rows(of: [$0], in: db).map { "\($0.id)".suffix(4) }
            }
        }
        #expect(found[0] == ["0010"] && found[1] == ["0010"])
        // The beginning of several ids.
        #expect(found[2].count == 2 && found[3].isEmpty)
    }

    @Test("no question reads all spans")
    func plans() async throws {
        let folder = TemporaryFolder("store")
        let store = try await SampleTraces(count: 30).stored(in: folder)
        defer { store.close() }
        for text in Self.filters + [""] {
            for order in TraceOrder.allCases {
                for period in [(Int64?.none, Int64?.none), (SampleTraces.origin, SampleTraces.origin + 5_000_000_000)] {
                    var selection = SpanSelection()
                    if !text.isEmpty { selection.filter = try SpanFilter(text, searchesText: true) }
                    (selection.since, selection.until) = period
                    let query = TraceQuery(selection, shortest: 1_000)
                    let plan = try await store.read { db in
                        let candidates = try TraceCandidates(
                            query,
                            order,
                            after: TraceCursor(key: .max, number: 3),
                            in: db
                        )
                        return try [candidates.reading("trace.id"), candidates.counting].flatMap {
                            try Self.plan($0, db)
                        }
                    }
                    #expect(!plan.contains(where: Self.readsAllSpans), "\(text) \(order): \(plan)")
                }
            }
        }
    }

    @Test("the first rows of a list need no sort, and the number of all traces no count")
    func pagePlans() async throws {
        let folder = TemporaryFolder("store")
        let store = try await SampleTraces(count: 30).stored(in: folder)
        defer { store.close() }
        for text in ["", "error", "duration>500ms", "service=web", "kind=server"] {
            for (order, since) in zip(TraceOrder.allCases + [.newest], [nil, nil, nil, SampleTraces.origin]) {
                var selection = SpanSelection()
                if !text.isEmpty { selection.filter = try SpanFilter(text) }
                selection.since = since
                let query = TraceQuery(selection)
                let plan = try await store.read { db in
                    try Self.plan(try TraceCandidates(query, order, slowLimit: 0, in: db).reading("trace.id"), db)
                }
                #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(text) \(order): \(plan)")
            }
        }
        let (isAll, total) = try await store.read { db in
            let list = try TraceList(TraceQuery(), .newest, limit: 5, searching: .zero, in: db)
            return (try TraceCandidates(TraceQuery(), .newest, in: db).isAll, list.total)
        }
        #expect(isAll && total == 30)
    }

    @Test("a chart of durations has the traces of the list, and is read from an index alone")
    func durations() async throws {
        let folder = TemporaryFolder("store")
        let store = try await SampleTraces(count: 30).stored(in: folder)
        defer { store.close() }
        for text in ["", "error"] {
            var selection = SpanSelection()
            if !text.isEmpty { selection.filter = try SpanFilter(text) }
            let query = TraceQuery(selection)
            let (chart, rows) = try await store.read { db in
                (
                    try TraceReading.durations(query, limit: 1_000, within: .generous, in: db),
                    try TraceList(query, .newest, limit: 1_000, searching: .generous, in: db).rows
                )
            }
            let points = DurationMap(chart.entries, period: (nil, nil), columns: 5).json.compact
            let timed = rows.filter { $0.start > 0 }
            #expect(chart.entries.count == timed.count && chart.searchedTo == nil, "\(text)")
            #expect(timed.allSatisfy { points.contains("\($0.id)") }, "\(text)")
        }
        let plan = try await store.read { db in
            let columns = "trace.id, trace.start, trace.finish, trace.errors"
            return try Self.plan(try TraceCandidates(TraceQuery(), .newest, in: db).reading(columns), db)
        }
        #expect(plan == ["SCAN trace USING COVERING INDEX trace_start"])
    }

    @Test("few slow traces are looked up, many are read in the order of the list, and both give the same list")
    func slowTraces() async throws {
        let folder = TemporaryFolder("store")
        let store = try await SampleTraces(count: 200).stored(in: folder)
        defer { store.close() }
        for order in TraceOrder.allCases {
            for since in [nil, SampleTraces.origin] {
                var selection = SpanSelection()
                selection.since = since
                let query = TraceQuery(selection, shortest: 300_000_000, longest: 2_000_000_000)
                let (few, many, plan, rows) = try await store.read { db in
                    func numbers(_ limit: Int) throws -> [Int64] {
                        var numbers: [Int64] = []
                        try TraceCandidates(query, order, slowLimit: limit, in: db).forEach(in: db) {
                            numbers.append($0.number)
                            return true
                        }
                        return numbers
                    }
                    let plan = try Self.plan(try TraceCandidates(query, order, in: db).reading("trace.id"), db)
                    let list = try TraceList(query, order, limit: 200, searching: .generous, in: db)
                    return (try numbers(TraceCandidates.slowLimit), try numbers(0), plan, list)
                }
                #expect(!few.isEmpty && few == many && rows.rows.map(\.number) == few && rows.total == few.count)
                #expect(rows.rows.allSatisfy { (300_000_000...2_000_000_000).contains($0.duration) })
                #expect(plan.first?.contains("USING INDEX trace_duration (duration>") == true, "\(order): \(plan)")
            }
        }
    }

    @Test("reading a trace uses the indexes of spans and log records")
    func tracePlans() async throws {
        let folder = TemporaryFolder("store")
        let store = try await SampleTraces(count: 30).stored(in: folder)
        defer { store.close() }
        let plans = try await store.read { db in
            try [
                "SELECT resource, scope, body FROM span WHERE trace = 1 ORDER BY id",
                "SELECT resource, scope, body FROM record WHERE trace = x'00' ORDER BY id",
            ]
            .flatMap { try Self.plan(($0, []), db) }
        }
        #expect(
            plans.contains { $0.contains("span_trace") } && plans.contains { $0.contains("record_trace") },
            "\(plans)"
        )
    }

    /// Whether a step of a plan reads the table of spans without an index. Indexes of words are read by "SCAN span_words".
    private static func readsAllSpans(_ step: String) -> Bool { step == "SCAN span" || step.hasPrefix("SCAN span ") }

    private static func plan(_ statement: (sql: String, arguments: StatementArguments), _ db: Database) throws
        -> [String]
    {
        try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + statement.sql, arguments: statement.arguments)
            .map { $0["detail"] as String }
    }
}
