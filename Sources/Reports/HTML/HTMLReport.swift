import SpanKitPercentiles
import SpanKitSummaries

/// A run on one HTML page.
///
/// The page needs no network, supports light and dark mode, and its tables are readable without scripts.
package struct HTMLReport: Sendable {
    /// The content that is collected from the traces.
    package struct Content: Sendable {
        package private(set) var totals = TraceTotals()
        package private(set) var patterns = TracePatterns()
        private(set) var calls: ModelCallTotals
        private(set) var flame = FlameTree()
        private(set) var failures = FailureGroups()
        private(set) var slowest = SlowestTraces(limit: 20, keeping: TraceFacts.init)
        private(set) var kept: KeptTraces

        /// - Parameters:
        ///   - prices: The prices of tokens; `nil` if costs are not needed.
        ///   - spanLimit: The maximum number of spans that can be explored on the page. Long texts count as several spans.
        package init(prices: ModelPrices? = nil, spanLimit: Int? = nil) {
            calls = ModelCallTotals(prices: prices)
            kept = KeptTraces(limit: spanLimit ?? PageData.spanLimit)
        }

        /// Whether there are no traces.
        package var isEmpty: Bool { totals.traceCount == 0 }

        /// Adds a trace whose spans were read with their content.
        package mutating func add(_ trace: Trace, _ names: NameTable) {
            totals.add(trace, names: names)
            patterns.add(trace)
            flame.add(trace)
            calls.add(trace)
            failures.add(trace)
            slowest.add(trace)
            kept.add(trace) { failures.spanIDs(in: trace.id) }
            if kept.isOverfull { kept.prune(keeping: failures.traceIDs) }
        }
    }

    /// A number at the top of the page.
    package typealias Tile = (value: String, name: String, role: TerminalStyle.Role)

    /// The additions to the page by the program that wrote the results files.
    package struct Addition: Sendable {
        /// The time, program and environment of the run.
        package var facts: String?
        /// Tiles that replace the tiles of the traces.
        package var tiles: [Tile] = []
        /// Additional sections with their anchors.
        package var sections: [(anchor: String, title: String, write: @Sendable (inout HTMLText) -> Void)] = []
        /// Additional members of the JSON that can be downloaded.
        package var data: [(String, JSONText)] = []

        package init() {}
    }

    let title: String
    let content: Content
    let names: NameTable
    /// The bottlenecks; `nil` if the call tree is not known.
    let analysis: BottleneckAnalysis?
    let addition: Addition
    let before: RunStatistics?
    /// The totals of the traces or, without traces, of the results.
    let totals: TraceTotals
    /// The model calls of the results or, if they contain none, of the traces.
    let calls: ModelCallTotals
    /// The traces that can be explored; `nil` without traces.
    let traces: PageData?

    /// What the page leaves out, one sentence each.
    package var notes: [String] { (traces?.notes ?? []) + flameNotes }

    /// - Parameters:
    ///   - sources: The names of the trace files.
    ///   - results: The results files of the same run.
    ///   - before: An earlier run to compare with.
    ///   - longestValue: The maximum size of an attribute's value in bytes; `nil` for no limit.
    package init(
        title: String,
        _ content: Content,
        names: NameTable,
        sources: [String] = [],
        results: RunResults? = nil,
        before: RunStatistics? = nil,
        longestValue: Int? = PageData.longestValue
    ) {
        self.title = title
        self.content = content
        self.names = names
        self.before = before
        addition = results?.page ?? Addition()
        totals = content.isEmpty ? results?.totals ?? content.totals : content.totals
        calls = results.flatMap { $0.calls.isEmpty ? nil : $0.calls } ?? content.calls
        traces =
            content.isEmpty
            ? nil
            : PageData(
                content.kept,
                named: content.failures.traceIDs,
                median: content.totals.traceDurations.quantile(0.5)?.estimate,
                names: names,
                longestValue: longestValue
            )
        analysis =
            content.isEmpty
            ? results?.analysis
            : results?.analysis?.adding(content.patterns, names)
                ?? BottleneckAnalysis(
                    sources: sources,
                    content.totals,
                    content.patterns,
                    names: names
                )
    }

    private var comparison: RunComparison? {
        before.map { RunComparison($0, RunStatistics(name: title, totals), mergesServices: true) }
    }

    /// The whole page.
    package var html: String {
        var page = HTMLText()
        page.raw(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        )
        page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"\(ReportAssets.securityPolicy)\">")
        page.raw("<meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\">")
        page.element("title", "\(title) – SpanKit")
        page.raw("<style>\(ReportAssets.style)</style></head><body>")
        let comparison = comparison
        overview(&page)
        page.raw("<main>")
        if let comparison { changes(comparison, &page) }
        operations(&page)
        if let traces {
            errors(&page)
            explorer(traces, &page)
            flame(&page, hasChanges: comparison != nil)
        }
        distributions(&page)
        if let analysis { bottlenecks(analysis, &page) }
        models(&page)
        for section in addition.sections {
            page.raw("<section id=\"\(section.anchor)\"><h2>\(section.title)</h2>")
            section.write(&page)
            page.raw("</section>")
        }
        page.raw("</main><script type=\"application/json\" id=\"data\">\(data(comparison).compact)</script>")
        if let traces { page.raw("<script type=\"application/json\" id=\"trace-data\">\(traces.json)</script>") }
        page.raw("<script>\(ReportAssets.script)</script></body></html>\n")
        return page.html
    }

    // MARK: Overview

    private func overview(_ page: inout HTMLText) {
        page.raw("<header>")
        page.element("h1", title)
        if let facts = addition.facts { page.element("p", facts, "class=\"quiet\"") }
        page.raw("<nav aria-label=\"Sections\">")
        var sections = before == nil ? [] : [("changes", "Changes")]
        sections.append(("operations", "Operations"))
        if traces != nil {
            sections += [("errors", "Errors"), ("traces", "Traces"), ("flame-graph", "Flame graph")]
        }
        sections.append(("latency", "Latency"))
        if analysis != nil { sections.append(("bottlenecks", "Bottlenecks")) }
        if !calls.isEmpty { sections.append(("models", "Language models")) }
        sections += addition.sections.map { ($0.anchor, $0.title) }
        for (anchor, name) in sections { page.raw("<a href=\"#\(anchor)\">\(name)</a>") }
        page.raw("</nav></header><div class=\"tiles\">")
        for (value, name, role) in addition.tiles.isEmpty ? traceTiles : addition.tiles {
            page.raw("<div class=\"tile\">")
            page.element("b", value.trimmedEnd, role == .good ? "class=\"good\"" : role == .bad ? "class=\"bad\"" : "")
            page.element("span", name)
            page.raw("</div>")
        }
        page.raw("</div>")
    }

    private var costliest: Tile? {
        let whole = totals.byTime.reduce(0.0) { $0 + Double($1.selfNanoseconds) }
        guard totals.knowsOwnTimes, let first = totals.byTime.first, whole > 0 else { return nil }
        return (Readable.percent(Double(first.selfNanoseconds) / whole), "of the time is in \(first.name)", .normal)
    }

    private var traceTiles: [Tile] {
        let spans = totals.byTime.reduce(into: UInt64(0)) { $0 += $1.count }
        let errors = totals.byTime.reduce(into: UInt64(0)) { $0 += $1.errorCount }
        var tiles: [Tile] = [
            (
                Readable.count(UInt64(totals.traceCount)),
                totals.traceCount == 1 ? totals.traceNoun : totals.traceNoun + "s", .normal
            ),
            (Readable.count(spans), spans == 1 ? "span" : "spans", .normal),
        ]
        let quantiles = totals.traceDurations.quantiles([0.5, 0.95]).map {
            Readable.durationInText(wholeNanoseconds($0.estimate))
        }
        if quantiles.count == 2 {
            tiles += [(quantiles[0], "p50 of a trace", .normal), (quantiles[1], "p95 of a trace", .normal)]
        }
        tiles.append(
            (Readable.count(errors), errors == 1 ? "failed span" : "failed spans", errors > 0 ? .bad : .normal)
        )
        if let costliest { tiles.append(costliest) }
        return tiles
    }

    /// The data for the script and for downloads.
    private func data(_ comparison: RunComparison?) -> JSONText {
        let changes = (comparison?.changes ?? []).compactMap { change in
            change.isChange ? change.mean.map { (change.name, JSONText.number($0)) } : nil
        }
        var members: [(String, JSONText)] = [
            ("flame", content.flame.json(names: names)), ("changes", .object(changes)),
            ("operations", TopReport(totals, limit: 200).listing.json),
        ]
        if traces != nil { members.append(("errors", errorListing.json)) }
        if let analysis { members.append(("bottlenecks", BottleneckReport(analysis, limit: 200).listing.json)) }
        if !calls.isEmpty {
            members.append(("models", ModelCallReport(calls, by: .model, limit: 200).listing.json))
            members.append(
                ("conversations", ModelCallReport(calls, by: .conversation, limit: 200).listing.json)
            )
        }
        return .object(members + addition.data)
    }
}
