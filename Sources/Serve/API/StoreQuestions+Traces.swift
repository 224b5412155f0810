import SpanKitInputs
import SpanKitPlatform
import SpanKitReports
import SpanKitStore
import SpanKitSummaries

/// Questions about single traces, and about differences between traces.
extension StoreQuestions {
    /// The only trace whose id begins with some digits.
    /// - Throws: ``APIFailure`` with status 404 if no trace matches, and 400 if several do.
    func row(_ text: String) async throws -> TraceRow {
        let digits = try APIParameters.digits(text, of: "trace")
        let rows = try await store.read { try TraceList.rows(of: [digits], in: $0) }
        return try Self.only(rows, digits)
    }

    private static func only(_ rows: [TraceRow], _ digits: String) throws(APIFailure) -> TraceRow {
        guard let row = rows.first else {
            throw APIFailure(
                status: 404,
                message:
                    "there is no trace whose id begins with '\(digits)'; it may have been removed to keep the limits"
            )
        }
        guard rows.count == 1 else {
            let ids = rows.map { "\($0.id)" }.joined(separator: ", ")
            throw .parameter("trace", "'\(digits)' is the beginning of several ids (\(ids), …); give more digits")
        }
        return row
    }

    /// A whole trace with the given details.
    func trace(_ text: String, _ details: TraceReading.Details) async throws -> (trace: Trace, names: NameTable) {
        let row = try await row(text)
        let (traces, names) = try await store.read { try TraceReading.traces([row], details, in: $0) }
        guard let trace = traces.first else {
            throw APIFailure(status: 404, message: "the trace \(row.id) was removed to keep the limits")
        }
        return (trace, names)
    }

    /// The trace as the page reads it (`spankit.page/1`).
    func page(_ text: String) async throws -> String {
        let (trace, names) = try await trace(text, .init(.page, readsLogs: true))
        return PageData.document(of: trace, names: names)
    }

    /// The trace as `spankit tree` prints it.
    func tree(_ text: String, _ parameters: APIParameters) async throws -> String {
        let limit = try parameters.number("limit", usual: 200, in: 1...100_000)
        let width = try parameters.number("width", usual: 120, in: 40...TerminalStyle.widestTraces)
        let (trace, names) = try await trace(text, .init(.folded, readsLogs: true))
        let style = TerminalStyle(width: width, widest: TerminalStyle.widestTraces)
        return TreeReport(trace, names: names, limit: limit).text(style: style)
    }

    /// The critical path of a trace (`spankit.critical-path/1`).
    func critical(_ text: String, _ parameters: APIParameters) async throws -> JSONText {
        let limit = try parameters.number("limit", usual: 10_000, in: 1...1_000_000)
        let (trace, names) = try await trace(text, .init())
        return CriticalReport.document(of: trace, names: names, limit: limit).json
    }

    /// Two traces (`a`, `b`) by path, or two groups of spans (`before`, `after`) as `spankit diff` compares runs.
    func comparison(_ parameters: APIParameters) async throws -> JSONText {
        let names = Self.runParameters("before") + Self.runParameters("after")
        if names.contains(where: { parameters[$0] != nil }) { return try await runs(parameters).document.json }
        guard let first = parameters["a"], let second = parameters["b"] else {
            throw APIFailure(
                status: 400,
                message: "compare: give two traces (a and b) or two queries (before and after)"
            )
        }
        let rows = [try await row(first), try await row(second)]
        return try await store.read { db in
            let listed = try TraceList.rows(of: rows.map { "\($0.id)" }, in: db)
            let (traces, names) = try TraceReading.traces(listed, in: db)
            guard listed.count == 2, traces.count == 2 else {
                throw APIFailure(status: 404, message: "compare: a trace was removed to keep the limits")
            }
            let comparison = TraceComparison(traces[0], traces[1], names: names)
            return .object([
                ("schema", "spankit.trace-comparison/1"), ("a", listed[0].json), ("b", listed[1].json),
                ("isComplete", .bool(!comparison.isFull)), ("rows", comparison.rows),
            ])
        }
    }

    /// The parameters of a group of spans: its query, and its times and durations.
    private static func runParameters(_ name: String) -> [String] {
        [name] + ["From", "To", "Min", "Max"].map { name + $0 }
    }

    /// The comparison of two groups of spans. A group without a query has all spans.
    func runs(_ parameters: APIParameters) async throws -> (comparison: RunComparison, document: ReportDocument) {
        func query(_ name: String) throws -> TraceQuery {
            var query = try parameters.query()
            if let filter = try parameters.filter(name) {
                query.selection.filter = query.selection.filter.map { .all([$0, filter]) } ?? filter
            }
            query.selection.since = try parameters.time(name + "From") ?? query.selection.since
            query.selection.until = try parameters.time(name + "To") ?? query.selection.until
            query.shortest = try parameters.nanoseconds(name + "Min") ?? query.shortest
            query.longest = try parameters.nanoseconds(name + "Max") ?? query.longest
            return query
        }
        let (before, after) = (try query("before"), try query("after"))
        let names = (parameters["before"] ?? "before", parameters["after"] ?? "after")
        return try await store.read { db in
            var searchedTo: Int64?
            func statistics(_ query: TraceQuery, _ name: String) throws -> RunStatistics {
                var totals = TraceTotals()
                let reading = try TraceReading(query, within: Self.reportTime, in: db) { totals.add($0, names: $1) }
                searchedTo = [searchedTo, reading.searchedTo].compactMap { $0 }.max()
                return RunStatistics(name: name, totals)
            }
            let comparison = RunComparison(try statistics(before, names.0), try statistics(after, names.1))
            return (comparison, comparison.document(violations: []).adding(Self.facts(searchedTo)))
        }
    }

    /// What distinguishes the traces of a selection from the other ones of the query.
    func differences(_ parameters: APIParameters) async throws -> JSONText {
        let query = try parameters.query()
        let (from, to) = (try parameters.time("selFrom"), try parameters.time("selTo"))
        let (shortest, longest) = (try parameters.nanoseconds("selMin"), try parameters.nanoseconds("selMax"))
        let limit = try parameters.number("limit", usual: 100, in: 1...1_000)
        guard from != nil || to != nil || shortest != nil || longest != nil else {
            throw APIFailure(status: 400, message: "differences: give the selection (selFrom, selTo, selMin, selMax)")
        }
        return try await store.read { db in
            var differences = AttributeDifferences()
            let searchedTo = try TraceReading.decoded(query, within: Self.reportTime, in: db) { row, spans in
                let isInside =
                    row.start >= from ?? 0 && row.start < to ?? .max && row.duration >= shortest ?? 0
                    && row.duration <= longest ?? .max
                differences.add(spans, isInside: isInside)
            }
            return .object([("schema", "spankit.differences/1")]).adding(differences.json(limit: limit))
                .adding([("searchedTo", .text(searchedTo.map { "\($0)" }))])
        }
    }

    /// The keys of attributes and their most frequent values, of the newest traces.
    func keys(_ parameters: APIParameters) async throws -> JSONText {
        let query = try parameters.query()
        return try await store.read { db in
            var keys = AttributeKeys()
            _ = try TraceReading.decoded(query, within: .milliseconds(200), in: db) { _, spans in keys.add(spans) }
            return .object([("schema", "spankit.keys/1"), ("keys", keys.json)])
        }
    }

    /// The metrics, or the values of one of them over time.
    func metrics() async throws -> JSONText {
        try await store.read {
            .object([("schema", "spankit.metric-list/1"), ("rows", try MetricReading.list(in: $0))])
        }
    }

    /// The values of a metric over time.
    func metric(_ parameters: APIParameters) async throws -> JSONText {
        guard let name = parameters["name"] else { throw APIFailure.parameter("name", "is missing; give a metric") }
        let (from, to) = (try parameters.time("from"), try parameters.time("to"))
        return try await store.read { db in
            var timeline = MetricTimeline(name: name)
            try MetricReading.forEach(
                name: name,
                from: from,
                to: to,
                pointLimit: MetricTimeline.pointLimit,
                in: db
            ) { timeline.add($0) }
            return .object([("schema", "spankit.metric-series/1")]).adding(timeline.json)
        }
    }
}
