import SpanKitPercentiles
import SpanKitSummaries

/// A run on one HTML page.
///
/// The page needs no network, supports light and dark mode, and is readable without scripts.
package struct HTMLReport: Sendable {
    /// The content that is collected from the traces.
    package struct Content: Sendable {
        package private(set) var totals = TraceTotals()
        package private(set) var patterns = TracePatterns()
        private(set) var calls: ModelCallTotals
        private(set) var flame = FlameTree()
        private(set) var slowest = SlowestTraces(limit: 5, keeping: Waterfall.init)
        /// A random sample of the traces, from which the typical one is chosen.
        private(set) var sample: [Waterfall] = []

        /// - Parameter prices: The prices of tokens; `nil` if costs are not needed.
        package init(prices: ModelPrices? = nil) {
            calls = ModelCallTotals(prices: prices)
        }

        /// Whether there are no traces.
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
                // Pseudorandom and deterministic, so that equal inputs give equal pages.
                let random = (UInt64(totals.traceCount) &* 0x9E37_79B9_7F4A_7C15) >> 32
                let place = Int(random % UInt64(totals.traceCount))
                if place < size { sample[place] = Waterfall(trace) }
            }
        }

        /// The sampled trace with the duration closest to the median.
        var typical: Waterfall? {
            guard let median = totals.traceDurations.quantile(0.5)?.estimate else { return nil }
            return sample.min { abs(Double($0.duration) - median) < abs(Double($1.duration) - median) }
        }
    }

    /// A number at the top of the page.
    package typealias Tile = (value: String, name: String, role: TerminalStyle.Role)

    /// The additions to the page by the program that wrote the results files.
    package struct Addition: Sendable {
        /// The time, program and environment of the run.
        package var facts: String?
        /// Tiles that replace those of the traces.
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

    /// - Parameters:
    ///   - sources: The names of the trace files.
    ///   - results: The results files of the same run.
    ///   - before: An earlier run to compare with.
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
                    names: names
                )
    }

    private var comparison: RunComparison? {
        before.map { RunComparison($0, RunStatistics(name: title, totals), mergesServices: true) }
    }

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
