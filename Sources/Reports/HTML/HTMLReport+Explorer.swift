import SpanKitSummaries

/// The sections about single traces: errors, and the explorer that the script fills.
extension HTMLReport {
    var errorListing: Listing { FailureReport(content.failures, names: names, limit: 200).listing }

    func errors(_ page: inout HTMLText) {
        page.raw("<section id=\"errors\"><h2>Errors</h2>")
        let listing = errorListing
        if listing.rows.isEmpty {
            page.element("p", "No errors.", "class=\"quiet\"")
        } else {
            let failures = Readable.count(content.failures.count, of: "failure")
            let causes = Readable.count(listing.total ?? listing.rows.count, of: "cause")
            page.table(
                listing,
                caption:
                    "\(failures), \(causes), the most frequent first. An error that is passed on to parent spans counts once. "
                    + "The trace is the one with the last failure"
            )
        }
        page.raw("</section>")
    }

    func explorer(_ traces: PageData, _ page: inout HTMLText) {
        page.raw("<section id=\"traces\"><h2>Traces</h2>")
        for note in traces.notes { page.element("p", note, "class=\"caution\"") }
        page.raw("<noscript><p>The traces can be explored with JavaScript. These are the slowest.</p>")
        page.table(content.slowest.listing(names: names), caption: "Slowest traces")
        page.raw(
            "</noscript><p class=\"caution\" id=\"address-problem\" role=\"alert\" hidden></p><div id=\"explorer\" hidden>"
        )
        if traces.traceCount > 1 { traceList(&page) }
        page.raw(ReportAssets.traceMarkup)
        page.raw("</div>")
        help(&page, hasList: traces.traceCount > 1)
        page.raw("</section>")
    }

    /// The search, the chart and the list of traces.
    private func traceList(_ page: inout HTMLText) {
        page.raw(
            """
            <div class="tools">\
            <label class="wide">Search <input id="trace-search" type="search" spellcheck="false" autocomplete="off" \
            placeholder="name, service, trace id, attribute, error" aria-describedby="trace-status"></label>\
            <label>Sort by <select id="trace-order"><option value="slow">duration</option><option value="new">newest</option>\
            <option value="old">oldest</option><option value="errors">errors</option><option value="spans">spans</option></select></label>\
            <label><input id="only-errors" type="checkbox"> only with errors</label>\
            <button id="clear" type="button" disabled>Clear</button><button id="typical" type="button">Typical trace</button></div>\
            <p class="quiet" id="trace-status" role="status"></p>\
            <div class="legend" id="services" role="group" aria-label="Services"></div>\
            <figure id="chart"><canvas id="scatter" tabindex="0" role="img" \
            aria-label="Duration of each trace over its start time. Left and Right select the previous and the next trace."></canvas>\
            <div id="brush" hidden></div><div id="mark" hidden></div>\
            <figcaption class="quiet">Duration over start time. <span id="chart-times"></span> Drag to select traces, click to open one. \
            <b>×</b> has errors, <b>▪</b> has none.</figcaption></figure>\
            <div class="list-head" aria-hidden="true"><span>Trace</span><span>Start</span><span class="n">Duration</span>\
            <span class="n">Spans</span><span class="n">Errors</span></div>\
            <div class="virtual" id="trace-list" role="listbox" tabindex="0" aria-label="Traces"><div role="presentation"></div></div>\
            <p class="paper">Only the traces in view are printed.</p>
            """
        )
    }

    private static let listKeys: [(keys: String, action: String)] = [
        ("/", "search"), ("n p", "next, previous span that matches the search"),
        ("j k", "next, previous trace of the list"),
        ("↑ ↓ Enter", "previous, next trace of the list; open it"),
    ]

    private static let keys: [(keys: String, action: String)] = [
        ("Escape", "clear: the selected span, the zoom, the selected traces, the search"),
        ("↑ ↓", "previous, next span"), ("Enter", "zoom to the span"), ("← →", "fold, unfold the span"),
        ("Shift ← →", "move the zoomed window"), ("+ − 0", "zoom in, zoom out, whole trace"),
        ("?", "this help"),
    ]

    private static let queries: [(query: String, meaning: String)] = [
        ("timeout", "a name, service, attribute, event, log record, error or id contains it"),
        ("\"connection refused\"", "text with blanks or special characters"),
        ("service=checkout", "= != ~ (contains) < <= > >=; also for name, kind, status, trace, span"),
        ("duration>500ms", "ns, us, ms, s, m, h, d"),
        ("http.response.status_code>=500", "an attribute"),
        ("error", "spans that failed; the text is \"error\""),
        ("service=checkout and (error or duration>2s) and not name~health", "and, or, not, parentheses, as in --where"),
    ]

    private func help(_ page: inout HTMLText, hasList: Bool) {
        page.raw("<dialog id=\"help\" aria-labelledby=\"help-title\"><h3 id=\"help-title\">Keys</h3><dl>")
        let own = hasList ? Self.listKeys : [(keys: "/", action: "search in the flame graph")]
        for (keys, action) in own + Self.keys { row(keys, action, &page) }
        if hasList {
            page.raw("</dl><h3>Search</h3><dl>")
            for (query, meaning) in Self.queries { row(query, meaning, &page) }
        }
        page.raw("</dl><form method=\"dialog\"><button>Close</button></form></dialog>")
    }

    private func row(_ term: String, _ meaning: String, _ page: inout HTMLText) {
        page.element("dt", term)
        page.element("dd", meaning)
    }
}
