import Percentiles

/// Everything about a run on one page: a file without a network, for light and dark, readable without scripts.
package struct HTMLReport: Sendable {
    /// What the page shows of the traces; filled as they go by.
    package struct Content: Sendable {
        package private(set) var totals = TraceTotals()
        package private(set) var patterns = TracePatterns()
        private(set) var flame = FlameTree()
        private(set) var slowest = TraceList(.slowest, limit: 5)
        /// Some of the traces, each with the same chance: one of them is as usual as any.
        private(set) var sample: [Trace] = []

        package init() {}

        package mutating func add(_ trace: Trace, _ names: NameTable) {
            totals.add(trace, names: names)
            patterns.add(trace)
            flame.add(trace)
            slowest.add(trace)
            let size = 64
            if sample.count < size {
                sample.append(trace)
            } else {
                // Deterministic, so that the same input gives the same page.
                let place = (totals.traceCount &* 2_654_435_761) % totals.traceCount
                if place < size { sample[place] = trace }
            }
        }

        /// The trace of the sample that took the most usual time.
        var typical: Trace? {
            guard let median = totals.traceDurations.quantile(0.5)?.estimate else { return nil }
            return sample.min { abs(Double($0.duration) - median) < abs(Double($1.duration) - median) }
        }
    }

    let title: String
    let content: Content
    let names: NameTable
    let analysis: BottleneckAnalysis
    /// A run before, to compare with.
    let before: RunStatistics?

    package init(
        title: String,
        _ content: Content,
        names: NameTable,
        analysis: BottleneckAnalysis,
        before: RunStatistics? = nil
    ) {
        self.title = title
        self.content = content
        self.names = names
        self.analysis = analysis
        self.before = before
    }

    private var comparison: RunComparison? {
        before.map { RunComparison($0, RunStatistics(name: title, content.totals)) }
    }

    /// The page.
    package var html: String {
        var page = HTMLText()
        page.raw(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        )
        page.raw("<link rel=\"icon\" href=\"data:,\">")
        page.element("title", "\(title) – SpanKit")
        page.raw("<style>\(ReportAssets.style)</style></head><body>")
        overview(&page)
        let comparison = comparison
        if let comparison { changes(comparison, &page) }
        operations(&page)
        bottlenecks(&page)
        distributions(&page)
        flame(&page, hasChanges: comparison != nil)
        traces(&page)
        page.raw("<script type=\"application/json\" id=\"data\">\(data(comparison).compact)</script>")
        page.raw("<script>\(ReportAssets.script)</script></body></html>\n")
        return page.html
    }

    // MARK: Sections

    private func overview(_ page: inout HTMLText) {
        let totals = content.totals
        let spans = totals.byTime.reduce(into: UInt64(0)) { $0 += $1.durations.count }
        let errors = totals.byTime.reduce(into: UInt64(0)) { $0 += $1.errorCount }
        page.element("h1", title)
        page.raw("<nav aria-label=\"Sections\">")
        for (anchor, name) in [
            ("operations", "Operations"), ("bottlenecks", "Bottlenecks"), ("latency", "Latency"),
            ("flame-graph", "Flame graph"), ("traces", "Traces"),
        ] {
            page.raw("<a href=\"#\(anchor)\">\(name)</a>")
        }
        page.raw("</nav><div class=\"tiles\">")
        func tile(_ value: String, _ name: String) {
            page.raw("<div class=\"tile\">")
            page.element("b", value.trimmedEnd)
            page.element("span", name)
            page.raw("</div>")
        }
        tile(Readable.count(UInt64(totals.traceCount)), totals.traceCount == 1 ? "trace" : "traces")
        tile(Readable.count(spans), spans == 1 ? "span" : "spans")
        let quantiles = totals.traceDurations.quantiles([0.5, 0.95]).map {
            Readable.durationInText(wholeNanoseconds($0.estimate))
        }
        if quantiles.count == 2 {
            tile(quantiles[0], "a trace, p50")
            tile(quantiles[1], "a trace, p95")
        }
        tile(Readable.count(errors), errors == 1 ? "failed span" : "failed spans")
        if let first = totals.byTime.first, spans > 0 {
            let whole = totals.byTime.reduce(0.0) { $0 + Double($1.selfTimes.sumNanoseconds) }
            tile(
                Readable.percent(whole > 0 ? Double(first.selfTimes.sumNanoseconds) / whole : 0),
                "of the time in \(first.name)"
            )
        }
        page.raw("</div>")
    }

    private func changes(_ comparison: RunComparison, _ page: inout HTMLText) {
        page.raw("<section id=\"changes\"><h2>Changes</h2>")
        let changed = comparison.changes.filter(\.isChange)
        if changed.isEmpty {
            page.element("p", "No change against \(comparison.before.name).")
        } else {
            page.table(
                comparison.listing(of: changed),
                caption: "Against \(comparison.before.name), what matters most first"
            )
        }
        page.raw("</section>")
    }

    private func operations(_ page: inout HTMLText) {
        page.raw("<section id=\"operations\"><h2>Operations</h2>")
        let listing = TopReport(content.totals, limit: 200).listing
        page.table(listing, caption: "By own time: the time in which none of an operation's children ran")
        page.raw(
            "<p class=\"tools\"><a id=\"save\" download=\"operations.json\" href=\"#operations\">Download as JSON</a></p></section>"
        )
    }

    private func bottlenecks(_ page: inout HTMLText) {
        let report = BottleneckReport(analysis, limit: 20)
        page.raw("<section id=\"bottlenecks\"><h2>Bottlenecks</h2>")
        page.table(report.listing, caption: "By expected gain for effort, for each \(analysis.conversationNoun)")
        page.raw("<ol>")
        for advice in report.advice.prefix(8) {
            page.raw("<li><code>")
            page.text(advice.lead)
            page.raw("</code>: ")
            page.text(advice.text)
            page.raw("</li>")
        }
        page.raw("</ol></section>")
    }

    private func distributions(_ page: inout HTMLText) {
        let shown = content.totals.byTime.prefix(12)
        let axis = DistributionChart.Axis(shown.map(\.durations))
        page.raw(
            "<section id=\"latency\"><h2>Latency</h2><p class=\"quiet\">Durations on a logarithmic axis; dashed lines are p50, p95 and p99"
        )
        page.raw(before == nil ? ".</p>" : "; the orange line is the run before.</p>")
        page.raw("<div class=\"charts\">")
        for one in shown {
            page.raw("<div class=\"chart\"><code>")
            page.text(one.name)
            page.raw("</code> <span class=\"quiet\">")
            page.text(Readable.count(Int(clamping: one.durations.count), of: "run"))
            page.raw("</span>")
            page.raw(
                DistributionChart(axis: axis, histogram: one.durations, before: before?.operations[one.name]?.durations)
                    .svg
            )
            page.raw("</div>")
        }
        page.raw("</div></section>")
    }

    private func flame(_ page: inout HTMLText, hasChanges: Bool) {
        page.raw("<section id=\"flame-graph\"><h2>Flame graph</h2><div class=\"tools\">")
        page.raw("<label>Search <input id=\"search\" type=\"search\" placeholder=\"name  ( / )\"></label>")
        page.raw(
            "<label>Colour by <select id=\"by\"><option value=\"self\">own time</option><option value=\"name\">name</option>"
        )
        if hasChanges { page.raw("<option value=\"change\">change</option>") }
        page.raw("</select></label><button id=\"reset\" type=\"button\">Reset (Esc)</button></div>")
        page.raw("<p class=\"facts\" id=\"facts\" aria-live=\"polite\"></p><div id=\"flame\"></div>")
        page.raw("<noscript><p>The flame graph needs JavaScript; the tables do not.</p></noscript></section>")
    }

    private func traces(_ page: inout HTMLText) {
        page.raw("<section id=\"traces\"><h2>Traces</h2>")
        if let typical = content.typical { waterfall(typical, "A usual one", isOpen: true, &page) }
        for trace in content.slowest.traces { waterfall(trace, "One of the slowest", isOpen: false, &page) }
        page.raw("</section>")
    }

    private static let spansPerTrace = 250

    private func waterfall(_ trace: Trace, _ what: String, isOpen: Bool, _ page: inout HTMLText) {
        guard let root = trace.mainRoot else { return }
        page.raw("<details\(isOpen ? " open" : "")><summary>")
        page.text("\(what): \(names[trace.spans[root].name]), \(Readable.durationInText(trace.duration)), ")
        page.text("\(Readable.count(trace.spans.count, of: "span")) · \(trace.id)")
        page.raw("</summary><div class=\"fall\">")
        let own = trace.selfTimes()
        let whole = Double(max(1, trace.duration))
        for (place, depth) in trace.preorder().prefix(Self.spansPerTrace) {
            let span = trace.spans[place]
            page.raw(
                "<div\(span.isError ? " class=\"error\"" : span.isUnfinished ? " class=\"unfinished\"" : "")><span class=\"name\" style=\"padding-left:\(min(depth, 24) * 12)px\">"
            )
            page.text(names[span.name])
            let left = Readable.fixed(Double(span.start - trace.start) / whole * 100, decimals: 3)
            let width = Readable.fixed(Double(span.duration) / whole * 100, decimals: 3)
            page.raw(
                "</span><span class=\"lane\"><i style=\"left:\(left)%;width:\(width)%\"></i></span><span class=\"n\">"
            )
            page.text(Readable.durationInText(span.duration))
            page.raw("</span><span class=\"n quiet\">")
            page.text(Readable.durationInText(own[place]))
            page.raw("</span>")
            let parent = trace.parents[place]
            let details = FoldedDetails.line(span.details ?? "", below: parent < 0 ? nil : trace.spans[parent].details)
            let marks = [span.isError ? "error" : "", span.isUnfinished ? "unfinished" : "", details].filter {
                !$0.isEmpty
            }
            if !marks.isEmpty {
                let indent = "style=\"padding-left:\(min(depth, 24) * 12)px\""
                page.element("small", marks.joined(separator: " "), indent)
            }
            page.raw("</div>")
        }
        page.raw("</div>")
        let left = trace.spans.count - Self.spansPerTrace
        if left > 0 { page.element("p", "\(Readable.count(left, of: "more span")) in this trace.", "class=\"quiet\"") }
        page.raw("</details>")
    }

    /// What the script draws from, and what can be downloaded.
    private func data(_ comparison: RunComparison?) -> JSONText {
        let changes = (comparison?.changes ?? []).compactMap { change in
            change.isChange ? change.mean.map { (change.name, JSONText.number($0)) } : nil
        }
        return .object([
            ("flame", content.flame.json(names: names)), ("changes", .object(changes)),
            ("operations", TopReport(content.totals, limit: 200).listing.json),
        ])
    }
}
