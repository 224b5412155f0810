extension ReportAssets {
    /// The head of the selected trace, and the selected span.
    static let selectionScript = #"""
        const showFacts = trace => {
          const root = rootOf(trace), id = store.traceIDs[trace], all = store.traceAllSpans[trace], here = store.traceSpans[trace];
          element("trace-title").textContent = shortened(nameOf(root));
          element("trace-facts").textContent = [
            `trace ${id}`, hasStart(trace) ? moment(startOf(trace), 3) : "no start", time(store.traceDurations[trace]), counted(all, "span"),
            here < all ? `${grouped(here)} shown` : "", store.traceErrors[trace] ? counted(store.traceErrors[trace], "error") : "no errors",
            trace === store.typical && store.traceCount > 1 ? "typical: closest to the median duration" : "",
          ].filter(Boolean).join(" · ");
        };
        const selectSpan = span => {
          view.span = span;
          showDetails(span);
          if (span >= 0) fall.reveal(span); else fall.redraw();
          showMatches();
          host.selected();
        };
        """#
}
