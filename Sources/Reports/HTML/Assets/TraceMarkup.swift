extension ReportAssets {
    /// The elements of the selected trace, which the scripts fill.
    package static let traceMarkup = """
        <section id="trace" aria-labelledby="trace-title" hidden><h3 id="trace-title"></h3><p class="facts" id="trace-facts"></p>\
        <p class="caution" id="span-problem" role="alert" hidden></p>\
        <div class="tools" id="trace-tools">\
        <button id="zoom-in" type="button" aria-label="Zoom in">+</button>\
        <button id="zoom-out" type="button" aria-label="Zoom out">−</button>\
        <button id="zoom-all" type="button">Whole trace</button><button id="fold-all" type="button">Fold all</button>\
        <button id="unfold-all" type="button">Unfold all</button>\
        <span id="span-matches"><button id="previous-match" type="button">Previous match</button>\
        <button id="next-match" type="button">Next match</button> <span class="quiet" id="match-facts" role="status"></span></span>\
        <label>Times <select id="zone"><option value="local">local</option><option value="utc">UTC</option></select></label>\
        <button id="help-open" type="button">Keys (?)</button></div>\
        <canvas id="overview" aria-hidden="true"></canvas><div class="inspect" id="inspect"><div>\
        <div class="ruler"><span>Span</span><div id="ruler"></div><span class="n">Time</span><span class="n">Self</span></div>\
        <div class="virtual" id="waterfall" role="tree" tabindex="0" aria-label="Spans"><div role="presentation"></div></div></div>\
        <aside id="details" aria-label="Selected span"></aside></div>\
        <p class="paper">Only the spans in view are printed.</p>\
        <p class="quiet key"><i class="path"></i> critical path: only shorter spans on it make the trace shorter \
        <i class="failed"></i> failed <i class="open"></i> unfinished <i class="event"></i> event or log record \
        <span id="part-key" hidden><i class="running"></i> running <i class="queued"></i> queued for an actor or a thread \
        <i class="suspended"></i> suspended: shares of the span, not points in time</span></p></section>
        """
}
