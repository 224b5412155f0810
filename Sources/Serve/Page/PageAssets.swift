import SpanKitReports

/// The page of `spankit serve`: one document, its modules and its style sheets.
///
/// They are in the executable, so that one file is enough to install the command. The view of a trace, and the functions that all modules
/// use, are those of the HTML report (`ReportAssets`).
enum PageAssets {
    /// The document at `/`.
    static let index = markup.replacing("TRACE-MARKUP", with: ReportAssets.traceMarkup)

    /// The files below `/assets/`, by name.
    static let files: [String: (type: String, body: String)] = [
        "app.js": ("text/javascript; charset=utf-8", appScript),
        "state.js": ("text/javascript; charset=utf-8", addressScript),
        "api.js": ("text/javascript; charset=utf-8", requestsScript),
        "parts.js": ("text/javascript; charset=utf-8", partsScript),
        "search.js": ("text/javascript; charset=utf-8", searchScript),
        "heat.js": ("text/javascript; charset=utf-8", heatMapScript),
        "differences.js": ("text/javascript; charset=utf-8", differencesScript),
        "traces.js": ("text/javascript; charset=utf-8", tracesScript),
        "tracepage.js": ("text/javascript; charset=utf-8", tracePageScript),
        "operations.js": ("text/javascript; charset=utf-8", operationsScript),
        "services.js": ("text/javascript; charset=utf-8", servicesScript),
        "conversations.js": ("text/javascript; charset=utf-8", conversationsScript),
        "logs.js": ("text/javascript; charset=utf-8", logsScript),
        "metrics.js": ("text/javascript; charset=utf-8", metricsScript),
        "compare.js": ("text/javascript; charset=utf-8", compareScript),
        "help.js": ("text/javascript; charset=utf-8", helpScript),
        "page.js": ("text/javascript; charset=utf-8", ReportAssets.pageModule),
        "trace.js": ("text/javascript; charset=utf-8", ReportAssets.traceModule),
        "report.css": ("text/css; charset=utf-8", ReportAssets.style),
        "serve.css": ("text/css; charset=utf-8", serveStyle),
    ]
}
