import SpanKitSummaries

/// The sections that need traces: the flame graph and waterfalls.
extension HTMLReport {
    func flame(_ page: inout HTMLText, hasChanges: Bool) {
        page.raw("<section id=\"flame-graph\"><h2>Flame graph</h2><div class=\"tools\">")
        page.raw("<label>Search <input id=\"search\" type=\"search\" placeholder=\"name  ( / )\"></label>")
        page.raw(
            "<label>Colour by <select id=\"by\"><option value=\"self\">self time</option><option value=\"name\">name</option>"
        )
        if hasChanges { page.raw("<option value=\"change\">change</option>") }
        page.raw("</select></label><button id=\"reset\" type=\"button\">Reset (Esc)</button></div>")
        page.raw("<p class=\"facts\" id=\"facts\" aria-live=\"polite\"></p><div id=\"flame\"></div>")
        page.raw("<noscript><p>The flame graph needs JavaScript; the tables do not.</p></noscript></section>")
    }

    func traces(_ page: inout HTMLText) {
        page.raw("<section id=\"traces\"><h2>Traces</h2>")
        if let typical = content.typical { waterfall(typical, "Typical trace", isOpen: true, &page) }
        for trace in content.slowest.traces { waterfall(trace, "Slow trace", isOpen: false, &page) }
        page.raw("</section>")
    }

    private func waterfall(_ trace: Waterfall, _ what: String, isOpen: Bool, _ page: inout HTMLText) {
        guard let root = trace.root else { return }
        page.raw("<details\(isOpen ? " open" : "")><summary>")
        page.text("\(what): \(names[root]), \(Readable.durationInText(trace.duration)), ")
        page.text("\(Readable.count(trace.spanCount, of: "span")) · \(trace.id)")
        page.raw("</summary><div class=\"fall\">")
        let whole = Double(max(1, trace.duration))
        for row in trace.rows {
            let span = row.span
            let indent = min(row.depth, 24) * 12
            page.raw(
                "<div\(span.isError ? " class=\"error\"" : span.isUnfinished ? " class=\"unfinished\"" : "")><span class=\"name\" style=\"padding-left:\(indent)px\">"
            )
            page.text(names[span.name])
            let left = Readable.fixed(Double(span.start - trace.start) / whole * 100, decimals: 3)
            let width = Readable.fixed(Double(span.duration) / whole * 100, decimals: 3)
            page.raw(
                "</span><span class=\"lane\"><i style=\"left:\(left)%;width:\(width)%\"></i></span><span class=\"n\">"
            )
            page.text(Readable.durationInText(span.duration))
            page.raw("</span><span class=\"n quiet\">")
            page.text(Readable.durationInText(row.selfNanoseconds))
            page.raw("</span>")
            let marks = [span.isError ? "error" : "", span.isUnfinished ? "unfinished" : "", row.details]
                .filter { !$0.isEmpty }
            if !marks.isEmpty {
                page.element("small", marks.joined(separator: " "), "style=\"padding-left:\(indent)px\"")
            }
            page.raw("</div>")
        }
        page.raw("</div>")
        let left = trace.spanCount - trace.rows.count
        if left > 0 {
            let text = Readable.count(left, of: "more span", "is not shown.", "are not shown.")
            page.element("p", text, "class=\"quiet\"")
        }
        page.raw("</details>")
    }
}
