import SpanKitSummaries

/// The flame graph.
extension HTMLReport {
    /// What the flame graph counts differently from the tables, one sentence each.
    var flameNotes: [String] {
        let limits = "it contains at most \(Readable.count(FlameTree.nodeLimit)) boxes and \(FlameTree.deepest) levels."
        let (merged, leftOut) = (content.flame.mergedRunCount, content.flame.leftOutRunCount)
        return [
            merged > 0
                ? "The flame graph counts \(Readable.count(merged, of: "span")) as self time of the calling span, because \(limits)"
                : nil,
            leftOut > 0
                ? "The flame graph leaves out \(Readable.count(leftOut, of: "span")) without a calling span, because \(limits)"
                : nil,
        ].compactMap { $0 }
    }

    func flame(_ page: inout HTMLText, hasChanges: Bool) {
        page.raw("<section id=\"flame-graph\"><h2>Flame graph</h2><div class=\"tools\">")
        page.raw("<label>Search <input id=\"search\" type=\"search\" placeholder=\"name\"></label>")
        page.raw(
            "<label>Colour by <select id=\"by\"><option value=\"self\">self time</option><option value=\"name\">name</option>"
        )
        if hasChanges { page.raw("<option value=\"change\">change</option>") }
        page.raw("</select></label><button id=\"reset\" type=\"button\">Reset</button></div>")
        for note in flameNotes { page.element("p", note, "class=\"caution\"") }
        page.raw("<p class=\"facts\" id=\"facts\" aria-live=\"polite\"></p><div id=\"flame\"></div>")
        page.raw("<noscript><p>The flame graph needs JavaScript; the tables do not.</p></noscript></section>")
    }
}
