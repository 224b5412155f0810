extension PageAssets {
    /// The document. The scripts fill it; the elements of a trace are those of the HTML report.
    static let markup = #"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>SpanKit</title>
        <meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%232563c9'/%3E%3Cpath d='M3 4h7M5 8h8M7 12h4' stroke='white' stroke-width='2'/%3E%3C/svg%3E">
        <link rel="stylesheet" href="/assets/report.css"><link rel="stylesheet" href="/assets/serve.css">
        <script type="module" src="/assets/app.js"></script></head>
        <body>
        <header id="top">
        <a id="home" href="#/traces" aria-label="SpanKit: traces"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M1 3.5h9M4 8h11M7 12.5h5"/></svg><b>SpanKit</b></a>
        <form id="search-form" role="search"><label class="hidden" for="query">Filter</label>
        <input id="query" type="search" role="combobox" aria-expanded="false" aria-controls="completions" aria-autocomplete="list" aria-describedby="query-problem"
         spellcheck="false" autocomplete="off" autocapitalize="off" placeholder="Filter: service=web and duration&gt;500ms">
        <kbd aria-hidden="true">/</kbd><ul id="completions" role="listbox" aria-label="Completions" hidden></ul></form>
        <label id="range-label"><span class="hidden">Time range</span><select id="range"><option value="">All time</option><option value="5m">Last 5 minutes</option>
        <option value="15m">Last 15 minutes</option><option value="1h">Last hour</option><option value="6h">Last 6 hours</option><option value="1d">Last day</option>
        <option value="selected" hidden>Selected</option></select></label>
        <button id="pause" type="button" aria-pressed="false">Pause</button>
        <button id="help-open" class="icon" type="button" aria-label="Help: keys and filters">?</button>
        </header>
        <nav id="tabs" aria-label="Views"></nav>
        <p id="lost" class="banner" role="alert" hidden></p>
        <p id="query-problem" class="banner" role="alert" hidden></p>
        <main id="main" tabindex="-1">
        <section id="overview-panel" aria-label="Latency over time" hidden>
        <div id="heat-box"><canvas id="heat" tabindex="0" role="img" aria-label="Duration of traces over time" aria-describedby="heat-facts"></canvas><div id="heat-brush" hidden></div><div id="heat-tip" hidden></div></div>
        <div id="heat-foot"><p id="heat-facts" class="quiet" role="status"></p>
        <div id="heat-tools" class="tools" hidden><button id="heat-zoom" type="button">Zoom to selection</button><button id="heat-before" type="button">Compare with the time before</button><button id="heat-clear" type="button">Clear selection</button></div></div>
        <div id="differences" hidden></div>
        </section>
        <div id="view"></div>
        </main>
        <footer id="status"></footer>
        <template id="trace-template">TRACE-MARKUP</template>
        <dialog id="help" aria-labelledby="help-title"></dialog>
        <noscript>The page of spankit serve needs JavaScript. “spankit tree --server” shows traces in a terminal.</noscript>
        </body></html>

        """#
}
