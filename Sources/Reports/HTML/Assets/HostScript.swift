extension ReportAssets {
    /// What the page of a report gives to its scripts: the data, and what differs from the page of `spankit serve`.
    static let hostScript = #"""
        const data = JSON.parse(element("data").textContent);
        const block = element("trace-data");
        const store = block ? readStore(JSON.parse(block.textContent)) : null;
        const host = {
          // The address of a span, or null if it is not on the page.
          linkTo: (trace, span) => store.traceIDs.includes(trace) ? `#trace=${trace}&span=${span}` : null,
          // What can be done with an attribute: a list of elements.
          actionsOf: () => [],
          showsLogRecords: false,
          selected: () => saveAddress(),
          zoomed: () => {},
        };
        """#
}
