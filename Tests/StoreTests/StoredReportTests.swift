import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import SpanKitTestSupport
import Testing

@testable import SpanKitStore

@Suite("Reports of stored traces", .generousTimeLimit)
struct StoredReportTests {
    /// The report of the spans without a store.
    private static func totals(_ spans: [DecodedSpan], _ selection: SpanSelection = SpanSelection()) -> TraceTotals {
        var totals = TraceTotals()
        var assembler = TraceAssembler()
        var selection = selection
        func add(_ trace: Trace, _ names: NameTable) { if trace.hasSelection { totals.add(trace, names: names) } }
        for span in spans { assembler.add(span, as: selection.part(of: span), add) }
        assembler.finish(add)
        return totals
    }

    @Test(
        "operations are those of the same spans in a file",
        arguments: ["", "error", "service=web", "name=charge and duration>100ms"]
    )
    func operations(filter: String) async throws {
        let sample = SampleTraces(count: 50)
        let folder = TemporaryFolder("store")
        let store = try await sample.stored(in: folder)
        defer { store.close() }
        var selection = SpanSelection()
        if !filter.isEmpty { selection.filter = try SpanFilter(filter) }
        let query = TraceQuery(selection)
        let stored = try await store.read { db in
            var totals = TraceTotals()
            let reading = try TraceReading(query, within: nil, in: db) { totals.add($0, names: $1) }
            #expect(reading.searchedTo == nil)
            return TopReport(totals).document.json
        }
        #expect(stored == TopReport(Self.totals(sample.spans, selection)).document.json)
    }

    @Test("histograms have the percentiles and the errors of all spans")
    func histograms() async throws {
        let sample = SampleTraces(count: 50)
        let folder = TemporaryFolder("store")
        let store = try await sample.stored(in: folder)
        defer { store.close() }
        let stored = try await store.read { try TraceTotals(histogramsIn: $0) }
        let expected = Self.totals(sample.spans)
        func numbers(_ totals: TraceTotals) -> [OperationKey: [UInt64]] {
            Dictionary(
                uniqueKeysWithValues: totals.byTime.map { one in
                    let quantiles = [0.5, 0.95, 0.99].map { wholeNumber(one.durations.quantile($0)?.estimate) }
                    return (one.key, [one.count, one.errorCount, one.durations.maximumNanoseconds] + quantiles)
                }
            )
        }
        func wholeNumber(_ value: Double?) -> UInt64 { UInt64(value ?? 0) }
        #expect(numbers(stored) == numbers(expected))
    }

    @Test("a reading without time says how far it came")
    func time() async throws {
        let folder = TemporaryFolder("store")
        let store = try await SampleTraces(count: 5).stored(in: folder)
        defer { store.close() }
        let (count, searchedTo) = try await store.read { db in
            var count = 0
            let reading = try TraceReading(TraceQuery(), within: .zero, in: db) { _, _ in count += 1 }
            return (count, reading.searchedTo)
        }
        #expect(count == 1 && searchedTo ?? 0 > SampleTraces.origin + 4_000_000_000)
    }

    @Test("an export gives back every span", arguments: ["", "name=charge"])
    func export(filter: String) async throws {
        let sample = SampleTraces(count: 30)
        let folder = TemporaryFolder("store")
        let store = try await sample.stored(in: folder)
        defer { store.close() }
        var selection = SpanSelection()
        if !filter.isEmpty { selection.filter = try SpanFilter(filter) }
        let query = TraceQuery(selection)
        let messages = try await store.read { db in
            var export = StoreExport([.traces], query)
            var messages: [[UInt8]] = []
            while let part = try export.next(in: db) { messages += part.map(\.body) }
            return messages
        }
        var decoder = TraceDecoder()
        var spans: [DecodedSpan] = []
        for message in messages {
            var framed: [UInt8] = []
            Varint.append(UInt64(message.count), to: &framed)
            decoder.decode(framed + message) { spans.append($0) }
        }
        decoder.finish { spans.append($0) }
        let wanted = Set(
            sample.spans.filter { selection.filter?.matches($0) ?? true }.map(\.span.context.traceID)
        )
        #expect(Set(spans) == Set(sample.spans.filter { wanted.contains($0.span.context.traceID) }))
        #expect(decoder.problemCount == 0)
    }

    private static let logs = """
        {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[{"scope":{},"logRecords":[
        {"timeUnixNano":"1790000000000000003","severityNumber":17,"body":{"stringValue":"card declined"},"traceId":"00000000000000000000000000000001"},
        {"timeUnixNano":"1790000000000000002","severityNumber":9,"body":{"stringValue":"order 7 shipped"}},
        {"timeUnixNano":"1790000000000000001","severityNumber":9,"body":{"stringValue":"order 8 shipped"}}]}]}]}
        """

    @Test(
        "log records are listed newest first, selected by filters, words, times and trace",
        arguments: [
            ("", 3), ("severity>=warn", 1), ("\"declined\"", 1), ("\"shipped\" and body~8", 1), ("service=web", 0),
            ("\"order 7\"", 1),
        ]
    )
    func logs(filter: String, count: Int) async throws {
        let folder = TemporaryFolder("store")
        let store = try await SampleTraces(count: 2).stored(in: folder)
        defer { store.close() }
        try await store.write(json: Self.logs, .logs)
        var selection = SpanSelection()
        if !filter.isEmpty { selection.filter = try SpanFilter(filter, of: .logs, searchesText: true) }
        let wanted = selection
        let list = try await store.read { try LogList(TraceQuery(wanted), limit: 10, searching: .generous, in: $0) }
        #expect(list.logs.count == count && list.total == count && list.cursor == nil)
        #expect(list.logs.map(\.time) == list.logs.map(\.time).sorted(by: >))
        selection.traceDigits = "00000000000000000000000000000001"
        let ofTrace = selection
        let some = try await store.read { try LogList(TraceQuery(ofTrace), limit: 10, searching: .generous, in: $0) }
        #expect(some.logs.count == list.logs.count { $0.traceID != nil })
    }

    private static let metrics = """
        {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeMetrics":[{"scope":{},"metrics":[
        {"name":"orders","unit":"{order}","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[
        {"startTimeUnixNano":"1790000000000000000","timeUnixNano":"1790000001000000000","asInt":"5"},
        {"startTimeUnixNano":"1790000000000000000","timeUnixNano":"1790000003000000000","asInt":"9"}]}},
        {"name":"heap","unit":"By","gauge":{"dataPoints":[{"timeUnixNano":"1790000001000000000","asDouble":1.5}]}}]}]}]}
        """

    @Test("metrics are listed, and a counter is a rate over time")
    func metrics() async throws {
        let folder = TemporaryFolder("store")
        let store = try Store(path: folder.path("store.sqlite"))
        defer { store.close() }
        try await store.write(json: Self.metrics, .metrics)
        let (list, timeline) = try await store.read { db in
            var timeline = MetricTimeline(name: "orders")
            try MetricReading.forEach(name: "orders", from: nil, to: nil, pointLimit: 10, in: db) { timeline.add($0) }
            return (try MetricReading.list(in: db).compact, timeline.json.compact)
        }
        #expect(
            list.contains(
                #"{"name":"orders","unit":"{order}","kind":"counter","description":null,"service":"shop","series":1}"#
            )
        )
        #expect(timeline.contains(#""points":[["1790000001000000000",null],["1790000003000000000",2]]"#), "\(timeline)")
    }

    @Test("a trace ends once, when nothing of it has arrived for a moment")
    func ended() async throws {
        let sample = SampleTraces(count: 3)
        let folder = TemporaryFolder("store")
        let store = try Store(path: folder.path("store.sqlite"))
        defer { store.close() }
        let start = UnixTime.nanoseconds()
        for body in sample.bodies { try await store.write(json: body) }
        let stored = UnixTime.nanoseconds()
        let rounds = try await store.read { db in
            var watch = EndedTraces(TraceQuery(), now: start)
            // At once nothing has settled; later each trace has.
            let times = [start, stored + EndedTraces.settling + 1, stored + 2 * EndedTraces.settling]
            return try times.map { try watch.next(now: $0, limit: 10, in: db).map(\.number) }
        }
        #expect(rounds[0].isEmpty && rounds[1].count == 3 && rounds[2].isEmpty, "\(rounds)")
        let later = try await store.read { db in
            var watch = EndedTraces(TraceQuery(), now: stored + 1)
            return try watch.next(now: stored + 2 * EndedTraces.settling, limit: 10, in: db).count
        }
        #expect(later == 0)
    }
}
