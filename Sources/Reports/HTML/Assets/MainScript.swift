extension ReportAssets {
    /// What is selected, the address of the selection, and the keyboard.
    static let mainScript = #"""
        const showTrace = trace => {
          if (trace === view.trace) return;
          Object.assign(view, { trace, span: -1 });
          element("trace").hidden = false;
          showFacts(trace);
          fall.open(trace);
          openZoom(trace);
          showDetails(-1);
          showMatches();
          if (list) list.marked();
          if (chart) chart.placeMark();
          saveAddress();
        };
        // Shows a trace and moves to its spans.
        const openTrace = trace => {
          showTrace(trace);
          say("address-problem", ""); say("span-problem", "");
          element("trace").scrollIntoView({ block: "start" });
          element("waterfall").focus({ preventScroll: true });
        };
        // The address names the selection, so that it can be sent to others.
        const say = (id, text) => { element(id).textContent = text; element(id).hidden = text === ""; };
        const saveAddress = () => {
          say("address-problem", ""); say("span-problem", "");
          const trace = store.traceIDs[view.trace], address = `#trace=${trace}` + (view.span < 0 ? "" : `&span=${idOf(view.span)}`);
          if (isStarted) history.replaceState(null, "", address);
        };
        let isStarted = false;
        const readAddress = () => {
          const address = new URLSearchParams(location.hash.slice(1)), wanted = address.get("trace");
          if (!wanted) return false;
          const trace = store.traceIDs.findIndex(id => id.startsWith(wanted));
          if (trace < 0) {
            say("address-problem", `Trace ${readable(wanted.slice(0, 40))} is not on the page.`);
            element("traces").scrollIntoView();
            return false;
          }
          openTrace(trace);
          const span = address.get("span") ?? "", place = store.ids[trace].match(/.{16}/g).indexOf(span);
          if (place >= 0) selectSpan(store.firstSpans[trace] + place);
          else if (span) {
            selectSpan(-1);
            const reason = store.traceSpans[trace] < store.traceAllSpans[trace] ? ": the page leaves out short spans of this large trace" : "";
            say("span-problem", `Span ${readable(span.slice(0, 40))} is not on the page${reason}.`);
          }
          return true;
        };

        const escape = () => {
          const search = element("trace-search");
          if (document.activeElement === search && search.value) { list.clear(); return; }
          if (view.span >= 0) { selectSpan(-1); return; }
          if (isZoomed()) { zoomOut(); return; }
          if (list?.clear()) return;
          resetFlame();
          document.activeElement?.blur();
        };
        const openHelp = () => { if (!element("help").open) element("help").showModal(); };
        const shortcuts = {
          "/": () => (element("trace-search") ?? element("search")).focus(), "?": openHelp, "+": () => zoomBy(0.5), "=": () => zoomBy(0.5), "-": () => zoomBy(2),
          0: zoomOut, n: () => stepMatch(1), p: () => stepMatch(-1), j: () => list?.move(1), k: () => list?.move(-1),
        };
        const isTyping = target => target.matches?.("input:not([type=checkbox]),select,textarea");
        const onKey = event => {
          if (event.ctrlKey || event.metaKey || event.altKey || element("help").open) return;
          if (event.key === "Escape") { escape(); return; }
          if (isTyping(event.target)) return;
          if (event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
            event.preventDefault(); pan(event.key === "ArrowLeft" ? -0.25 : 0.25);
          } else if (Object.hasOwn(shortcuts, event.key)) { event.preventDefault(); shortcuts[event.key](); }
        };

        // The first cell of an operation finds its traces.
        const linkOperations = () => {
          const table = document.querySelector("#operations table");
          const column = table ? [...table.tHead.rows[0].cells].findIndex(head => head.dataset.key === "name") : -1;
          if (!list || column < 0) return;
          // The rows are in the order of the data until they are sorted.
          const hasServices = new Set(data.operations.map(one => one.service)).size > 1;
          [...table.tBodies[0].rows].forEach((row, place) => {
            const { name, service } = data.operations[place], cell = row.cells[column];
            const link = make("button", { type: "button", class: "link", title: "Show its traces" }, cell.textContent);
            link.onclick = () => {
              list.setQuery(`name=${quoted(name)}` + (hasServices && service !== null ? ` and service=${quoted(service)}` : ""));
              element("traces").scrollIntoView();
            };
            cell.replaceChildren(link);
          });
        };
        const useZone = () => {
          zone.utc = element("zone").value === "utc";
          showTimes(); drawScatter();
          if (list) list.redraw();
          showFacts(view.trace);
          showDetails(view.span);
        };
        // A link to what the address already names causes no event of the browser.
        const onClick = event => {
          const link = event.target.closest?.("a[href^='#trace=']");
          if (!link || link.hash !== location.hash || event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          readAddress();
        };

        showTimes();
        if (store) {
          element("explorer").hidden = false;
          startZoom();
          if (list) list.filter();
          showTrace(list ? view.shown[0] : 0);
          linkOperations();
          if (list) element("typical").onclick = () => openTrace(store.typical);
          element("zone").onchange = useZone;
          element("help-open").onclick = openHelp;
          element("previous-match").onclick = () => stepMatch(-1);
          element("next-match").onclick = () => stepMatch(1);
          document.addEventListener("keydown", onKey);
          document.addEventListener("click", onClick);
          addEventListener("hashchange", readAddress);
          readAddress();
          isStarted = true;
          // The first search would take longer otherwise.
          (window.requestIdleCallback ?? setTimeout)(loweredTexts);
        }
        performance.mark("spankit ready");
        """#
}
