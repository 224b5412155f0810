import SpanKitPercentiles
import SpanKitSummaries

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

    /// A number at the head of the page.
    package typealias Tile = (value: String, name: String, role: TerminalStyle.Role)

    /// What the program that wrote the results files adds to the page.
    package struct Addition: Sendable {
        /// When, with what and where a run was made.
        package var facts: String?
        /// Instead of those that count spans.
        package var tiles: [Tile] = []
        /// Sections with their anchors.
        package var sections: [(anchor: String, title: String, write: @Sendable (inout HTMLText) -> Void)] = []
        /// Members of what can be downloaded.
        package var data: [(String, JSONText)] = []

        package init() {}
    }

    let title: String
    let content: Content
    let names: NameTable
    /// Nil where it is unknown which operation contains which.
    let analysis: BottleneckAnalysis?
    let addition: Addition
    /// A run before, to compare with.
    let before: RunStatistics?
    /// Of the traces; where there are none, of the results.
    let totals: TraceTotals
    /// Those that the results tell of, and else those of the traces.
    let calls: ModelCallTotals

    /// - Parameters:
    ///   - sources: what the traces came from.
    ///   - results: what results files of the same run tell.
    ///   - before: a run to compare with.
    package init(
        title: String,
        _ content: Content,
        names: NameTable,
        sources: [String] = [],
        results: RunResults? = nil,
        before: RunStatistics? = nil
    ) {
        self.title = title
        self.content = content
        self.names = names
        self.before = before
        addition = results?.page ?? Addition()
        totals = content.isEmpty ? results?.totals ?? content.totals : content.totals
        calls = results.flatMap { $0.calls.isEmpty ? nil : $0.calls } ?? content.calls
        analysis =
            content.isEmpty
            ? results?.analysis
            : results?.analysis?.adding(content.patterns, names)
                ?? BottleneckAnalysis(
                    sources: sources,
                    content.totals,
                    content.patterns,
                    calls: content.calls,
                    names: names
                )
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
        models(&page)
        operations(&page)
        if let analysis { bottlenecks(analysis, &page) }
        distributions(&page)
        for section in addition.sections {
            page.raw("<section id=\"\(section.anchor)\"><h2>\(section.title)</h2>")
            section.write(&page)
            page.raw("</section>")
        }
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
        if let facts = addition.facts { page.element("p", facts, "class=\"quiet\"") }
        page.raw("<nav aria-label=\"Sections\">")
        var sections = before == nil ? [] : [("changes", "Changes")]
        if !calls.isEmpty { sections.append(("models", "Language models")) }
        sections.append(("operations", "Operations"))
        if analysis != nil { sections.append(("bottlenecks", "Bottlenecks")) }
        sections.append(("latency", "Latency"))
        sections += addition.sections.map { ($0.anchor, $0.title) }
        if !content.isEmpty { sections += [("flame-graph", "Flame graph"), ("traces", "Traces")] }
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
        return (Readable.percent(Double(first.selfNanoseconds) / whole), "of the time in \(first.name)", .normal)
    }

    private var traceTiles: [Tile] {
        let spans = totals.byTime.reduce(into: UInt64(0)) { $0 += $1.durations.count }
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
            tiles += [(quantiles[0], "a trace, p50", .normal), (quantiles[1], "a trace, p95", .normal)]
        }
        tiles.append(
            (Readable.count(errors), errors == 1 ? "failed span" : "failed spans", errors > 0 ? .bad : .normal)
        )
        if let costliest { tiles.append(costliest) }
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
        ]
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
