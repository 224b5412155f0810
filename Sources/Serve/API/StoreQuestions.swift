import SpanKitCLI
import SpanKitPlatform
import SpanKitReports
import SpanKitStore

/// Answers questions about what a store contains. The page, the tools and coding agents ask the same ones.
///
/// Each question is one read of the store: all of its answer is of one moment. The numbers are made by the reports of the command.
struct StoreQuestions: Sendable {
    let store: Store
    /// The processes whose open spans are known.
    let spools: SpoolFrames

    /// How long spans are searched for a part of a list.
    static let listTime = Duration.milliseconds(50)
    /// How long traces are read for a report.
    static let reportTime = Duration.seconds(2)

    /// What an answer leaves out: the start of the last trace that was looked at, if there was not enough time for all.
    static func facts(_ searchedTo: Int64?) -> [(String, JSONText)] {
        searchedTo.map { [("searched_to_unix_ns", .count($0))] } ?? []
    }

    // MARK: Lists

    /// A part of the list of traces (`spankit.traces/1`).
    func traces(_ parameters: APIParameters) async throws -> (document: JSONText, list: TraceList) {
        let query = try parameters.query()
        let order = try parameters.choice("order", usual: TraceOrder.newest)
        let limit = try parameters.number("limit", usual: 100, in: 1...1_000)
        let asked = parameters.fingerprint(of: ["q", "where", "from", "to", "trace", "min", "max", "order"])
        let cursor = try ListCursor.read(parameters["cursor"], of: asked)
        let list = try await store.read { db in
            try TraceList(query, order, limit: limit, after: cursor, searching: Self.listTime, in: db)
        }
        let document = JSONText.object([
            ("schema", "spankit.traces/1"), ("rows", .list(list.rows.map(\.json))), ("total", .count(list.total)),
            ("searchedTo", .text(list.searchedTo.map { "\($0)" })),
            ("cursor", .text(list.cursor.map { ListCursor.text($0, of: asked) })),
        ])
        return (document, list)
    }

    /// A part of the list of log records, newest first (`spankit.logs/1`).
    func logs(_ parameters: APIParameters) async throws -> JSONText {
        let query = try parameters.query(of: .logs)
        let limit = try parameters.number("limit", usual: 200, in: 1...1_000)
        let asked = parameters.fingerprint(of: ["q", "where", "from", "to", "trace", "min", "max"])
        let cursor = try ListCursor.read(parameters["cursor"], of: asked)
        let list = try await store.read { db in
            try LogList(query, limit: limit, after: cursor, searching: Self.listTime, in: db)
        }
        let report = LogReport(list.logs, total: list.total ?? list.logs.count)
        let more = list.cursor.map { ListCursor.text($0, of: asked) }
        return report.document.adding(Self.facts(list.searchedTo) + [("cursor", .text(more))]).json
    }

    /// The durations of traces over time.
    func heatmap(_ parameters: APIParameters) async throws -> JSONText {
        let query = try parameters.query()
        let columns = try parameters.number("columns", usual: 120, in: 1...1_000)
        let (entries, searchedTo) = try await store.read { db in
            try TraceReading.durations(query, limit: 1_000_000, within: .milliseconds(500), in: db)
        }
        let period = (query.selection.since, query.selection.until)
        let map = DurationMap(entries, period: period, columns: columns)
        return .object([("schema", "spankit.heatmap/1")]).adding(map.json)
            .adding([("searchedTo", .text(searchedTo.map { "\($0)" }))])
    }

    // MARK: Reports

    /// The cost of each operation. Without a selection, it is counted from histograms, which contain what was removed since, too.
    func operations(_ parameters: APIParameters) async throws -> TopReport.Answer {
        let query = try parameters.query()
        let order = try parameters.choice("order", usual: TopReport.Order.own)
        let limit = try parameters.number("limit", usual: 1_000, in: 1...10_000)
        let source: OperationSource = try parameters.choice(
            "source",
            usual: query.isEverything ? .histograms : .spans
        )
        guard source == .spans || query.isEverything else {
            throw APIFailure.parameter("source", "histograms are of all spans; leave the selection out")
        }
        return try await store.read { db in
            if source == .histograms {
                let report = TopReport(try TraceTotals(histogramsIn: db), order: order, limit: limit)
                return (report, report.document.adding([("source", "histograms")]))
            }
            var totals = TraceTotals()
            var calls = ModelCallTotals()
            let reading = try TraceReading(query, within: Self.reportTime, in: db) { trace, names in
                totals.add(trace, names: names)
                calls.add(trace)
            }
            let report = TopReport(totals, order: order, limit: limit, calls: calls)
            return (report, report.document.adding([("source", "spans")] + Self.facts(reading.searchedTo)))
        }
    }

    enum OperationSource: String, CaseIterable {
        case histograms, spans
    }

    /// Why operations failed (`spankit.errors/1`).
    func errors(_ parameters: APIParameters) async throws -> (report: FailureReport, document: ReportDocument) {
        let query = try parameters.query()
        let limit = try parameters.number("limit", usual: 1_000, in: 1...10_000)
        return try await store.read { db in
            var failures = FailureGroups()
            let details = TraceReading.Details(.causes, readsLogs: true)
            let reading = try TraceReading(query, details, within: Self.reportTime, in: db) { trace, _ in
                failures.add(trace)
            }
            let report = FailureReport(failures, names: reading.names, limit: limit)
            return (report, report.document.adding(Self.facts(reading.searchedTo)))
        }
    }

    /// The calls of language models, by model or by conversation.
    func modelCalls(_ parameters: APIParameters, by grouping: ModelCallTotals.Grouping) async throws -> JSONText {
        let query = try parameters.query()
        let limit = try parameters.number("limit", usual: 1_000, in: 1...10_000)
        return try await store.read { db in
            var calls = ModelCallTotals()
            let reading = try TraceReading(query, within: Self.reportTime, in: db) { trace, _ in calls.add(trace) }
            let document = ModelCallReport(calls, by: grouping, limit: limit).document
            return document.adding(Self.facts(reading.searchedTo)).json
        }
    }

    /// The services and the calls between them.
    func services(_ parameters: APIParameters) async throws -> JSONText {
        let query = try parameters.query()
        return try await store.read { db in
            var calls = ServiceCalls()
            let reading = try TraceReading(query, within: Self.reportTime, in: db) { trace, _ in calls.add(trace) }
            return .object([("schema", "spankit.services/1")]).adding(calls.json(names: reading.names))
                .adding([("searchedTo", .text(reading.searchedTo.map { "\($0)" }))])
        }
    }

    /// The open spans of the watched processes (`spankit.live/1`).
    func open() async throws -> SpoolFrames.Frame { try await spools.frame() }
}

extension TopReport {
    /// A report and its document.
    typealias Answer = (report: TopReport, document: ReportDocument)
}

extension APIParameters {
    /// The traces that the parameters `q`, `where`, `from`, `to`, `trace`, `min` and `max` select.
    func query(of subject: SpanFilter.Subject = .spans) throws(APIFailure) -> TraceQuery {
        let shortest = try nanoseconds("min")
        let longest = try nanoseconds("max")
        return TraceQuery(try selection(of: subject), shortest: shortest, longest: longest)
    }

    func nanoseconds(_ name: String) throws(APIFailure) -> Int64? {
        guard let text = self[name] else { return nil }
        // The page computes with floating-point numbers.
        if let number = Double(text), number.isFinite, number >= 0, number < 0x1p63 { return Int64(number) }
        if let number = DurationText.nanoseconds(text) { return number }
        throw .parameter(
            name,
            "'\(text.cut(toBytes: 64))' is not a duration; give nanoseconds, or a number with a unit"
        )
    }
}

extension ReportDocument {
    /// The document with more facts.
    func adding(_ more: [(String, JSONText)]) -> ReportDocument {
        ReportDocument(schema, facts: facts + more, rows)
    }
}

extension JSONText {
    /// An object with the members of another one.
    func adding(_ other: JSONText) -> JSONText {
        guard case .object(let members) = other else { return self }
        return adding(members)
    }

    /// An object with more members.
    func adding(_ more: [(String, JSONText)]) -> JSONText {
        guard case .object(let members) = self else { return self }
        return .object(members + more)
    }
}
