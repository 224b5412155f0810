import Percentiles
import Summaries

/// Everything about a run on one page: a file without a network, for light and dark, readable without scripts.
package struct HTMLReport: Sendable {
    /// What the page shows of the traces; filled as they go by.
    package struct Content: Sendable {
        package private(set) var totals = TraceTotals()
        package private(set) var patterns = TracePatterns()
        /// Calls of language models.
        private(set) var calls: ModelCallTotals
        private(set) var flame = FlameTree()
        private(set) var slowest = TraceList(.slowest, limit: 5, keeping: Waterfall.init)
        /// Some of the traces, each with the same chance: one of them is as usual as any.
        private(set) var sample: [Waterfall] = []

        /// - Parameter prices: nil for no costs.
        package init(prices: ModelPrices? = nil) {
            calls = ModelCallTotals(prices: prices)
        }

        /// Whether there are traces at all.
        package var isEmpty: Bool { totals.traceCount == 0 }

        package mutating func add(_ trace: Trace, _ names: NameTable) {
            totals.add(trace, names: names)
            patterns.add(trace)
            flame.add(trace)
            calls.add(trace)
            slowest.add(trace)
            let size = 64
            if sample.count < size {
                sample.append(Waterfall(trace))
            } else {
                // Deterministic, so that the same input gives the same page. The high bits of a product are as good as random.
                let random = (UInt64(totals.traceCount) &* 0x9E37_79B9_7F4A_7C15) >> 32
                let place = Int(random % UInt64(totals.traceCount))
                if place < size { sample[place] = Waterfall(trace) }
            }
        }

        /// The trace of the sample that took the most usual time.
        var typical: Waterfall? {
            guard let median = totals.traceDurations.quantile(0.5)?.estimate else { return nil }
            return sample.min { abs(Double($0.duration) - median) < abs(Double($1.duration) - median) }
        }
    }

    /// What results files tell that traces do not: what was said, how the time per message stands against the target.
    package struct Results: Sendable {
        let runs: [ProfilingResults]
        let aggregate: ProfilingResults.Aggregate

        /// - Parameter aggregate: of all runs together.
        package init(_ runs: [ProfilingResults], aggregate: ProfilingResults.Aggregate) {
            self.runs = runs
            self.aggregate = aggregate
        }

        /// Whether the offline model's latency was another than it stands for.
        var isScaled: Bool { runs.contains { ($0.options.latencyScale ?? 1) != 1 } }

        /// Scenarios of all runs with anchors to point at.
        var scenarios: [(anchor: String, scenario: ProfilingResults.Scenario)] {
            runs.enumerated().flatMap { number, run in
                run.scenarios.map { ("run\(number + 1)-scenario\($0.number)", $0) }
            }
        }
    }

    let title: String
    let content: Content
    let names: NameTable
    let analysis: BottleneckAnalysis
    let results: Results?
    /// A run before, to compare with.
    let before: RunStatistics?
    /// Of the traces; where there are none, of the results.
    let totals: TraceTotals

    /// - Parameters:
    ///   - results: nil for traces of anybody.
    ///   - before: a run to compare with.
    package init(
        title: String,
        _ content: Content,
        names: NameTable,
        analysis: BottleneckAnalysis,
        results: Results? = nil,
        before: RunStatistics? = nil
    ) {
        self.title = title
        self.content = content
        self.names = names
        self.analysis = analysis
        self.results = results
        self.before = before
        totals = content.isEmpty ? results.map { TraceTotals($0.aggregate) } ?? content.totals : content.totals
    }

    private var comparison: RunComparison? {
        before.map { before in
            let now = RunStatistics(name: title, totals)
            // Own time is compared where both sides know it.
            return RunComparison(before, now)
        }
    }

    /// The page.
    package var html: String {
        var page = HTMLText()
        page.raw(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        )
        page.raw("<meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\">")
        page.element("title", "\(title) – SpanKit")
        page.raw("<style>\(ReportAssets.style)</style></head><body>")
        overview(&page)
        let comparison = comparison
        if let comparison { changes(comparison, &page) }
        if let results { conversations(results, &page) }
        models(&page)
        operations(&page)
        bottlenecks(&page)
        distributions(&page)
        if !content.isEmpty {
            flame(&page, hasChanges: comparison != nil)
            traces(&page)
        }
        page.raw("<script type=\"application/json\" id=\"data\">\(data(comparison).compact)</script>")
        page.raw("<script>\(ReportAssets.script)</script></body></html>\n")
        return page.html
    }

    // MARK: Overview

    private func overview(_ page: inout HTMLText) {
        page.raw("<header>")
        page.element("h1", title)
        if let facts { page.element("p", facts, "class=\"quiet\"") }
        page.raw("<nav aria-label=\"Sections\">")
        var sections = before == nil ? [] : [("changes", "Changes")]
        if results != nil { sections.append(("conversations", "Conversations")) }
        if hasModels { sections.append(("models", "Language models")) }
        sections += [("operations", "Operations"), ("bottlenecks", "Bottlenecks"), ("latency", "Latency")]
        if !content.isEmpty { sections += [("flame-graph", "Flame graph"), ("traces", "Traces")] }
        for (anchor, name) in sections { page.raw("<a href=\"#\(anchor)\">\(name)</a>") }
        page.raw("</nav></header><div class=\"tiles\">")
        for (value, name, role) in results == nil ? traceTiles : resultTiles {
            page.raw("<div class=\"tile\">")
            page.element("b", value.trimmedEnd, role == .good ? "class=\"good\"" : role == .bad ? "class=\"bad\"" : "")
            page.element("span", name)
            page.raw("</div>")
        }
        page.raw("</div>")
    }

    /// When, with what and where a run was made.
    private var facts: String? {
        guard let runs = results?.runs, let first = runs.first else { return nil }
        if runs.count > 1 { return "\(runs.count) runs of 'spankit profile'" }
        let scale = first.options.latencyScale.map { ", latency at scale \(Listing.plain($0))" } ?? ""
        let outcome = first.outcome == .completed ? "" : " · \(first.outcome.rawValue)"
        return "\(first.createdAt) · model \(first.options.model)\(scale) · \(first.environment.operatingSystem), "
            + "\(Readable.count(first.environment.processorCount, of: "processor")), "
            + "\(first.environment.buildConfiguration) build\(outcome)"
    }

    /// Whether the offline model's latency was another than it stands for.
    var isScaled: Bool { results?.isScaled ?? false }

    private typealias Tile = (value: String, name: String, role: TerminalStyle.Role)

    private var costliest: Tile? {
        let whole = totals.byTime.reduce(0.0) { $0 + Double($1.selfNanoseconds) }
        guard let first = totals.byTime.first, whole > 0 else { return nil }
        return (Readable.percent(Double(first.selfNanoseconds) / whole), "of the time in \(first.name)", .normal)
    }

    private var traceTiles: [Tile] {
        let spans = totals.byTime.reduce(into: UInt64(0)) { $0 += $1.durations.count }
        let errors = totals.byTime.reduce(into: UInt64(0)) { $0 += $1.errorCount }
        var tiles: [Tile] = [
            (Readable.count(UInt64(totals.traceCount)), totals.traceCount == 1 ? "trace" : "traces", .normal),
            (Readable.count(spans), spans == 1 ? "span" : "spans", .normal),
        ]
        let quantiles = totals.traceDurations.quantiles([0.5, 0.95]).map {
            Readable.durationInText(wholeNanoseconds($0.estimate))
        }
        if quantiles.count == 2 {
            tiles += [(quantiles[0], "a trace, p50", .normal), (quantiles[1], "a trace, p95", .normal)]
        }
        tiles.append(
            (Readable.count(errors), errors == 1 ? "failed span" : "failed spans", errors > 0 ? .bad : .normal)
        )
        if let costliest { tiles.append(costliest) }
        return tiles
    }

    private var resultTiles: [Tile] {
        guard let aggregate = results?.aggregate else { return [] }
        var tiles: [Tile] = [
            (Readable.count(UInt64(max(0, aggregate.messageCount))), "messages answered", .normal)
        ]
        if let assessment = aggregate.assessment {
            let (figures, how) =
                isScaled
                ? (assessment.projected, "a message, projected to scale 1") : (assessment.measured, "a message")
            let target = Readable.durationInText(assessment.targetNanoseconds)
            tiles += [
                (Readable.durationInText(figures.averageNanoseconds), how, .normal),
                (Readable.durationInText(figures.p95Nanoseconds), "p95 of a message", .normal),
                (
                    "\(figures.messagesWithinTarget) of \(aggregate.messageCount)",
                    "messages below \(target): target \(figures.meetsTarget ? "met" : "missed")",
                    figures.meetsTarget ? .good : .bad
                ),
            ]
        }
        if let model = aggregate.bottlenecks.max(by: { $0.projectedShare < $1.projectedShare }) {
            tiles.append((Readable.percent(model.projectedShare), "of the time in \(model.operation)", .normal))
        }
        let messages = results?.runs.flatMap { $0.scenarios.flatMap(\.messages) } ?? []
        if let use = ModelUse.total(named: "", of: messages) {
            if let input = use.inputTokens, let output = use.outputTokens {
                let count = { (count: Int) in Readable.count(UInt64(max(0, count))) }
                tiles.append((count(input), "tokens read, \(count(output)) written", .normal))
            }
            if let costs = use.costs { tiles.append((ModelUseTable.costs(costs), "spent on models", .normal)) }
        }
        return tiles
    }

    /// What the script draws from, and what can be downloaded.
    private func data(_ comparison: RunComparison?) -> JSONText {
        let changes = (comparison?.changes ?? []).compactMap { change in
            change.isChange ? change.mean.map { (change.name, JSONText.number($0)) } : nil
        }
        var members: [(String, JSONText)] = [
            ("flame", content.flame.json(names: names)), ("changes", .object(changes)),
            ("operations", TopReport(totals, limit: 200).listing.json),
            ("bottlenecks", BottleneckReport(analysis, limit: 200).listing.json),
        ]
        if !content.calls.isEmpty {
            members.append(("models", ModelCallReport(content.calls, by: .model, limit: 200).listing.json))
            members.append(
                ("conversations", ModelCallReport(content.calls, by: .conversation, limit: 200).listing.json)
            )
        }
        if let results { members.append(("scenarios", Self.scenarioListing(results).json)) }
        return .object(members)
    }
}
