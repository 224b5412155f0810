import SpanKitPercentiles
import SpanKitSummaries

/// The sections about operations and models: changes, tables, bottlenecks, distributions.
extension HTMLReport {
    func changes(_ comparison: RunComparison, _ page: inout HTMLText) {
        page.raw("<section id=\"changes\"><h2>Changes</h2>")
        let changed = comparison.changes.filter(\.isChange)
        if changed.isEmpty {
            page.element("p", "\(comparison.unchangedText) since \(comparison.before.name).")
        } else {
            page.table(
                comparison.listing(of: changed),
                caption: "Since \(comparison.before.name), by impact"
            )
        }
        page.raw("</section>")
    }

    func models(_ page: inout HTMLText) {
        guard !calls.isEmpty else { return }
        page.raw("<section id=\"models\"><h2>Language models</h2>")
        let report = ModelCallReport(calls, by: .model)
        page.table(report.listing, caption: "By model, the one with the most tokens first")
        let conversations = ModelCallReport(calls, by: .conversation, limit: 50)
        page.table(conversations.listing, caption: "By conversation, the one with the most tokens first")
        if !report.outlierLines.isEmpty {
            page.element("h3", "Outliers")
            page.raw("<ul class=\"caution\">")
            for line in report.outlierLines { page.element("li", line) }
            page.raw("</ul>")
        }
        for note in report.notes { page.element("p", note, "class=\"quiet\"") }
        page.raw("</section>")
    }

    func operations(_ page: inout HTMLText) {
        page.raw("<section id=\"operations\"><h2>Operations</h2>")
        let listing = TopReport(totals, limit: 200).listing
        page.table(
            listing,
            caption: totals.knowsOwnTimes
                ? "By self time: the time in which none of an operation's children ran" : "By total time"
        )
        page.raw(
            "<p class=\"tools\"><a id=\"save\" download=\"report.json\" href=\"#operations\">Download the tables as JSON</a> "
                + "<a id=\"save-csv\" download=\"operations.csv\" href=\"#operations\">Download this table as CSV</a></p></section>"
        )
    }

    func bottlenecks(_ analysis: BottleneckAnalysis, _ page: inout HTMLText) {
        let report = BottleneckReport(analysis, limit: 20)
        page.raw("<section id=\"bottlenecks\"><h2>Bottlenecks</h2>")
        page.table(report.listing, caption: "By expected gain divided by effort, per \(analysis.conversationNoun)")
        if let verdict = analysis.background.verdict { page.element("p", verdict) }
        for note in report.notes() { page.element("p", note, "class=\"quiet\"") }
        page.element("h3", "What to do first")
        page.raw("<ol>")
        for advice in report.advice.prefix(8) {
            page.raw("<li><code>")
            page.text(advice.lead)
            page.raw("</code>: ")
            page.text(advice.text)
            page.raw("</li>")
        }
        page.raw("</ol>")
        for (title, rows, about) in analysis.background.tables {
            page.element("h3", title)
            page.table(rows, caption: about)
        }
        page.raw("</section>")
    }

    func distributions(_ page: inout HTMLText) {
        let shown = totals.byTime.prefix(12)
        let axis = DistributionChart.Axis(shown.map(\.durations))
        page.raw(
            "<section id=\"latency\"><h2>Latency</h2><p class=\"quiet\">Durations on a logarithmic axis. Dashed lines are p50, p95 and p99"
        )
        page.raw(before == nil ? ".</p>" : "; the orange line is the earlier run.</p>")
        page.raw("<div class=\"charts\">")
        for one in shown {
            page.raw("<div class=\"chart\"><code>")
            page.text(totals.hasServices ? one.key.description : one.name)
            page.raw("</code> <span class=\"quiet\">")
            page.text(Readable.count(one.durations.count, of: "run"))
            let old = (before?.operations[one.key] ?? before?.operations[one.key.withoutService])?.durations
            page.raw("</span>\(DistributionChart(axis: axis, histogram: one.durations, before: old).svg)</div>")
        }
        page.raw("</div></section>")
    }
}
