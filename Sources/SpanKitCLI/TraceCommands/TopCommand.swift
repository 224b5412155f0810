import ArgumentParser
import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

/// `spankit top`
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "top",
        abstract: "Show the cost of each operation: runs, errors, percentiles and self time; and metrics.",
        discussion: """
            Self time is the time in which none of a span's children ran; its shares add up to 100 %. The command needs a bounded \
            amount of memory for input of any size.

            --by service, kind, status or the key of an attribute of spans or resources groups spans by that value instead of by \
            operation. Operations of different services are listed separately. --where, --since and --until select spans. Their \
            self times are computed from their whole traces.

            Calls of language models (gen_ai.* attributes) are listed in a separate table with tokens, cache use, the time to the \
            first token and, with --prices, cost. Outliers are listed below it. --by model and --by conversation show only that \
            table, also as JSON or CSV.

            Metrics in the files are listed in separate tables: the total and the rate of counters, the last value of gauges, and the \
            distribution of histograms. Delta points are added up, and resets of cumulative series are taken into account. --by \
            metric shows only these tables, also as JSON or CSV. Options that select spans leave metrics out.

            Instead of traces, the files may be results files. Several results files are merged. --from reads the histograms of a ClickHouse \
            server (docs/sql.md); only --since, --until, --sort, --limit and --merge-services apply to them.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read, or the prices cannot be used.
            """,
        examples: [
            "top traces.jsonl", "top --by http.route --where 'kind=server' traces.jsonl",
            "top --by model --prices prices.json traces.jsonl",
        ]
    )

    @OptionGroup var input: TraceInput
    @OptionGroup var clickHouse: ClickHouseOptions
    @OptionGroup var output: OutputOptions

    @OptionGroup var services: ServiceOptions

    @Option(
        help: ArgumentHelp(
            "The subject of a row: operation, service, kind, status, model, conversation, metric or the key of an attribute.",
            valueName: "subject"
        ),
        completion: .list(Subject.known.map(\.name) + ["http.route", "http.response.status_code", "error.type"])
    )
    var by = Subject.operation

    @Option(help: "The order of operations: self, total, count, errors, p95, max or name.")
    var sort = TopReport.Order.own

    @OptionGroup var prices: PriceOptions

    static let rows = RowLimit(noun: "rows", inText: 40)

    @Option(parsing: .unconditional, help: TopCommand.rows.help, transform: WholeNumber.atLeast(1))
    var limit: Int?

    enum Subject: ExpressibleByArgument {
        case operation, model, conversation, metric
        case grouping(SpanGrouping)

        static let known: [Subject] = [
            .operation, .grouping(.service), .grouping(.kind), .grouping(.status), .model, .conversation, .metric,
        ]

        init?(argument: String) {
            guard !argument.isEmpty else { return nil }
            self = Self.known.first { $0.name == argument } ?? .grouping(.attribute(ByteText(argument)))
        }

        var defaultValueDescription: String { name }

        var name: String {
            switch self {
            case .operation: "operation"
            case .model: "model"
            case .conversation: "conversation"
            case .metric: "metric"
            case .grouping(let grouping): grouping.name
            }
        }

        /// Whether metrics are listed.
        var includesMetrics: Bool {
            switch self {
            case .operation, .metric: true
            case .model, .conversation, .grouping: false
            }
        }

        var grouping: SpanGrouping? { if case .grouping(let grouping) = self { grouping } else { nil } }
    }

    func run() async throws {
        if let server = try clickHouse.server() { return try await writeHistograms(of: server) }
        let selection = try input.wanted()
        var totals = TraceTotals(isGrouped: by.grouping != nil)
        var calls = ModelCallTotals(prices: try prices.modelPrices())
        var metrics = MetricTotals()
        var results: [RunInput.File] = []
        if case .metric = by, selection.isActive {
            throw CommandFailure(.usage, "--by metric: metrics contain no spans to select; leave the selection out")
        }
        let spanCount = try TraceInput.assemble(
            selection,
            .spans,
            grouping: by.grouping,
            zone: input.selection.zone,
            metrics: by.includesMetrics && !selection.isActive ? { metrics.add($0) } : nil,
            from: { results = try input.readRuns(selecting: selection, $0) }
        ) { trace, names in
            totals.add(trace, names: names)
            calls.add(trace)
        }.spanCount
        totals.mergedOperations.report()
        switch by {
        case .operation, .model: calls.mergedModels.report()
        case .conversation: calls.mergedConversations.report()
        case .grouping, .metric: break
        }
        for line in metrics.notes { StandardStreams.note(line) }
        guard !results.isEmpty else { return write(totals, calls, metrics) }
        guard spanCount == 0, metrics.isEmpty else {
            throw CommandFailure(.usage, "give either results files or traces, because they contain the same runs")
        }
        if by.grouping != nil {
            throw CommandFailure(.usage, "--by: results files contain no \(by.name) of spans; give traces")
        }
        let run = try RunInput.merged(results)
        write(run.totals, run.calls, metrics)
    }

    /// Writes the operations whose histograms a ClickHouse server keeps.
    private func writeHistograms(of server: ClickHouseServer) async throws {
        guard input.files.isEmpty, input.spool == nil, input.source.server.server == nil else {
            throw CommandFailure(.usage, "give only one of files, --spool, --server and --from")
        }
        let isOperation = if case .operation = by { true } else { false }
        guard isOperation, prices.prices == nil, input.selection.trace == nil else {
            throw CommandFailure(
                .usage,
                "--from: the server has only histograms of operations; leave --by, --prices and --trace out"
            )
        }
        let operations = try await HistogramReading(server, input.selection.filter).read()
        write(TraceTotals(operations, countingIn: "span"), ModelCallTotals(), MetricTotals())
    }

    private func write(_ totals: TraceTotals, _ calls: ModelCallTotals, _ metrics: MetricTotals) {
        let limit = Self.rows.rows(limit, as: output.format)
        let measured = MetricReport(metrics, limit: limit)
        let report: TopReport
        switch by {
        case .model, .conversation:
            var grouping = ModelCallTotals.Grouping.conversation
            if case .model = by { grouping = .model }
            let report = ModelCallReport(calls, by: grouping, limit: limit)
            output.format.write(report.document) { report.text(style: $0) }
            // The text contains them.
            if output.format != .text { for line in report.assumptions { StandardStreams.note(line) } }
            return
        case .metric:
            return output.format.write(measured.document) { measured.text(style: $0) }
        case .operation where totals.traceCount == 0 && !metrics.isEmpty:
            return output.format.write(measured.document) { measured.text(style: $0) }
        case .operation:
            if !metrics.isEmpty, output.format != .text {
                let series = Readable.count(measured.seriesCount, of: "series", plural: "series")
                let verb = measured.seriesCount == 1 ? "is" : "are"
                StandardStreams.note("\(series) of metrics \(verb) left out; list them with --by metric")
            }
            let totals = services.mergeServices ? totals.mergingServices : totals
            report = TopReport(totals, order: sort, limit: limit, calls: calls)
        case .grouping(let grouping):
            report = TopReport(totals, order: sort, limit: limit, by: grouping)
            if case .attribute(let key) = grouping, totals.byTime.allSatisfy(\.hasNoValue) {
                StandardStreams.note("--by: no span has the attribute '\(key.text)'")
            }
        }
        output.format.write(report.document) { style in
            let hasMetrics = !metrics.isEmpty && by.grouping == nil
            return report.text(style: style) + (hasMetrics ? "\n" + measured.text(style: style) : "")
        }
    }
}

extension TopReport.Order: ExpressibleByArgument {}
