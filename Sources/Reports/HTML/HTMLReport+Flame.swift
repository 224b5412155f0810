import SpanKitSummaries

/// The flame graph.
extension HTMLReport {
    func flame(_ page: inout HTMLText, hasChanges: Bool) {
        page.raw("<section id=\"flame-graph\"><h2>Flame graph</h2><div class=\"tools\">")
        page.raw("<label>Search <input id=\"search\" type=\"search\" placeholder=\"name\"></label>")
        page.raw(
            "<label>Colour by <select id=\"by\"><option value=\"self\">self time</option><option value=\"name\">name</option>"
        )
        if hasChanges { page.raw("<option value=\"change\">change</option>") }
        page.raw("</select></label><button id=\"reset\" type=\"button\">Reset</button></div>")
        page.raw("<p class=\"facts\" id=\"facts\" aria-live=\"polite\"></p><div id=\"flame\"></div>")
        page.raw("<noscript><p>The flame graph needs JavaScript; the tables do not.</p></noscript></section>")
    }
}
