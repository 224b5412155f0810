import SpanKitCLI
import SpanKitPlatform
import SpanKitReports
import SpanKitStore
import SpanKitSummaries

/// The tools of a running server.
struct StoreTools: MCPToolCaller {
    let questions: StoreQuestions

    func call(_ tool: MCPTool, _ arguments: JSONValue) async -> MCPToolAnswer {
        do {
            let given = try ToolArguments(arguments)
            let text = ToolText(
                limit: try given.parameters.number("max_bytes", usual: MCPTool.usualBytes, in: MCPTool.bytes)
            )
            switch tool {
            case .findTraces: return try await findTraces(given, text)
            case .getTrace: return try await getTrace(given, text)
            case .topOperations: return try await topOperations(given, text)
            case .errors: return try await errors(given, text)
            case .compare: return try await compare(given, text)
            case .openSpans: return try await openSpans(text)
            case .waitFor: return try await waitFor(given, text)
            }
        } catch let failure as APIFailure {
            return .failure(failure.message)
        } catch let failure as CommandFailure {
            return .failure("\(failure)")
        } catch {
            return .failure("the store could not be read: \(error)")
        }
    }

    private func findTraces(_ given: ToolArguments, _ text: ToolText) async throws -> MCPToolAnswer {
        let (document, list) = try await questions.traces(
            given.renamed(["query": "q", "since": "from"], usual: ["limit": "10"])
        )
        guard !list.rows.isEmpty else {
            let searched = list.searchedTo.map { ", back to \(Readable.moment($0, in: .utc))" } ?? ""
            return text.answer("No trace matches\(searched).", data: "", document, advice: "")
        }
        var head = "\(Readable.count(list.rows.count, of: "trace"))"
        if let total = list.total, total > list.rows.count {
            head = "\(Readable.count(list.rows.count)) of \(Readable.count(total, of: "trace"))"
        }
        if let searchedTo = list.searchedTo { head += ", searched back to \(Readable.moment(searchedTo, in: .utc))" }
        if case .object(let members) = document,
            case .string(let cursor)? = members.first(where: { $0.0 == "cursor" })?.1
        {
            head += "; go on with the cursor \(cursor)"
        }
        return text.answer(
            head + ". Read one with get_trace.",
            data: Self.listing(list.rows).table.lines(style: ToolText.style).joined(separator: "\n"),
            document,
            advice: "Give a narrower query, or a larger max_bytes."
        )
    }

    private static func listing(_ rows: [TraceRow]) -> Listing {
        Listing(
            rows,
            [
                .init("trace", "Trace", .text) { .text("\($0.id)") },
                .init("start", "Start", .moment) { $0.start > 0 ? Listing.whole($0.start) : .none },
                .init("root", "Root", .text) { .text($0.name) },
                .init("service", "Service", .text) { Listing.text($0.service) },
                .init("duration", "Time", .duration) { Listing.whole($0.duration) },
                .init("spans", "Spans", .count) { Listing.whole($0.spanCount) },
                .init("errors", "Errors", .count) { Listing.errors($0.errorCount) },
            ]
        )
    }

    private func getTrace(_ given: ToolArguments, _ text: ToolText) async throws -> MCPToolAnswer {
        guard let id = given["trace"] else { throw APIFailure.parameter("trace", "is missing; find_traces lists ids") }
        let view = try given.parameters.choice("view", usual: MCPTool.View.outline)
        switch view {
        case .outline: return try await outline(id, "", text)
        case .critical:
            let (trace, names) = try await questions.trace(id, .init())
            let rows = text.limit / 60
            return text.answer(
                "The work that determines how long the trace took.",
                data: CriticalReport.text(of: trace, names: names, limit: rows, style: ToolText.style),
                CriticalReport.document(of: trace, names: names, limit: rows).json,
                advice: "Give a larger max_bytes."
            )
        case .errors:
            let (trace, names) = try await questions.trace(id, .init(.typed, readsLogs: true))
            var failures = FailureGroups()
            failures.add(trace)
            let report = FailureReport(failures, names: names, limit: 1_000)
            return text.answer(
                failures.count == 0 ? "The trace has no failure." : "Read a span with the view 'span'.",
                data: report.text(style: ToolText.style),
                report.document.json,
                advice: "Give a larger max_bytes."
            )
        case .span:
            guard let span = given["span"] else {
                throw APIFailure.parameter("span", "is missing; the structured content of the outline has span ids")
            }
            return try await spanOf(id, span, text)
        }
    }

    /// The tree of a trace with as many spans as fit.
    private func outline(_ id: String, _ head: String, _ text: ToolText) async throws -> MCPToolAnswer {
        let (trace, names) = try await questions.trace(id, .init(.typed, readsLogs: true))
        let (folded, foldedNames) = try await questions.trace(id, .init(.folded, readsLogs: true))
        var limit = trace.spans.count
        var tree = TreeReport(folded, names: foldedNames, limit: limit).text(style: ToolText.style)
        while tree.utf8.count + 2 * tree.count(where: { $0 == "\n" }) > text.limit - 200, limit > 1 {
            limit = max(1, min(limit / 2, limit * text.limit / (tree.utf8.count + 1)))
            tree = TreeReport(folded, names: foldedNames, limit: limit).text(style: ToolText.style)
        }
        let count = Readable.count(trace.spans.count, of: "span")
        let shown = limit < trace.spans.count ? "The longest spans of \(count), with their parents." : "All \(count)."
        return text.answer(
            head + shown,
            data: tree,
            TreeReport(trace, names: names, limit: limit).document.json,
            advice: "Give a larger max_bytes, or read the views 'critical' and 'errors'."
        )
    }

    private func spanOf(_ id: String, _ span: String, _ text: ToolText) async throws -> MCPToolAnswer {
        let (trace, names) = try await questions.trace(id, .init(.typed, readsLogs: true))
        let digits = span.lowercased()
        let listing = TreeReport(trace, names: names, limit: .max).document.json
        guard case .object(let members) = listing, case .list(let rows)? = members.first(where: { $0.0 == "rows" })?.1
        else { throw APIFailure.parameter("span", "the trace has no spans") }
        let found = rows.filter { row in
            guard case .object(let members) = row,
                case .string(let id)? = members.first(where: { $0.0 == "span_id" })?.1
            else { return false }
            return id.hasPrefix(digits)
        }
        guard let first = found.first else {
            throw APIFailure.parameter(
                "span",
                "the trace has no span whose id begins with '\(digits.cut(toBytes: 64))'"
            )
        }
        return text.answer(
            found.count > 1 ? "The first of \(found.count) spans with this id." : "The span.",
            data: first.text,
            .object([("schema", "spankit.tree/1"), ("trace_id", .string("\(trace.id)")), ("rows", .list([first]))]),
            advice: "Give a larger max_bytes."
        )
    }

    private func topOperations(_ given: ToolArguments, _ text: ToolText) async throws -> MCPToolAnswer {
        // Spans tell self times, which histograms of all times do not contain.
        let (report, document) = try await questions.operations(
            given.renamed(["query": "q", "since": "from"], usual: ["source": "spans"])
        )
        return text.answer(
            "Read in the newest traces first.",
            data: report.text(style: ToolText.style),
            document.json,
            advice: "Give a narrower query, or a larger max_bytes."
        )
    }

    private func errors(_ given: ToolArguments, _ text: ToolText) async throws -> MCPToolAnswer {
        let (report, document) = try await questions.errors(given.renamed(["query": "q", "since": "from"]))
        return text.answer(
            "Read one of the traces with get_trace and the view 'errors'.",
            data: report.text(style: ToolText.style),
            document.json,
            advice: "Give a narrower query, or a larger max_bytes."
        )
    }

    private func compare(_ given: ToolArguments, _ text: ToolText) async throws -> MCPToolAnswer {
        let (comparison, document) = try await questions.runs(given.renamed([:]))
        return text.answer(
            "Self times of the operations of both groups.",
            data: comparison.text(style: ToolText.style),
            document.json,
            advice: "Give narrower queries, or a larger max_bytes."
        )
    }

    private func openSpans(_ text: ToolText) async throws -> MCPToolAnswer {
        guard !questions.spools.isEmpty else {
            throw APIFailure(
                status: 404,
                message:
                    "the server watches no spool; start it with --spool DIR, and the programs with SPANKIT_SPOOL_DIR=DIR"
            )
        }
        let frame = try await questions.open()
        return text.answer(
            "The oldest spans first.",
            data: frame.text(style: ToolText.style),
            frame.document.json,
            advice: "Give a larger max_bytes."
        )
    }

    private func waitFor(_ given: ToolArguments, _ text: ToolText) async throws -> MCPToolAnswer {
        let seconds = try given.parameters.number("timeout", usual: 30, in: MCPTool.timeouts)
        let query = try given.renamed(["query": "q"]).query()
        let deadline = ContinuousClock.now + .seconds(seconds)
        var watch = TraceWatch(questions.store, query)
        while ContinuousClock.now < deadline, !Task.isCancelled {
            if let trace = try await watch.next().first {
                return try await outline("\(trace.id)", "A trace ended. ", text)
            }
            try await Task.sleep(for: TraceWatch.interval)
        }
        return MCPToolAnswer(
            text:
                "No trace that matches ended within \(seconds) s. Is the program sending to this server? find_traces lists earlier ones.\n",
            content: .object([("schema", "spankit.traces/1"), ("rows", .list([])), ("total", .count(0))])
        )
    }
}

/// The arguments of a tool as query parameters.
struct ToolArguments {
    private let values: [String: String]

    /// - Throws: ``APIFailure`` for values that are no texts and no numbers.
    init(_ arguments: JSONValue) throws(APIFailure) {
        guard case .object(let members) = arguments else { throw .parameter("arguments", "is not an object") }
        var values: [String: String] = [:]
        for (name, value) in members {
            switch value {
            case .text(let text), .number(let text): values[name] = text
            case .null: break
            case .bool, .array, .object: throw .parameter(name, "is not a text or a number")
            }
        }
        self.values = values
    }

    subscript(name: String) -> String? { values[name] }

    var parameters: APIParameters {
        get throws(APIFailure) { try APIParameters(values.map { ($0.key, $0.value) }) }
    }

    /// The parameters of the API with other names than those of the tools.
    func renamed(_ names: [String: String], usual: [String: String] = [:]) throws(APIFailure) -> APIParameters {
        var items = values.map { (name: names[$0.key] ?? $0.key, value: $0.value) }
        for (name, value) in usual where values[name] == nil { items.append((name, value)) }
        return try APIParameters(items)
    }
}
