extension ReportAssets {
    /// The list of traces: the search, the order, the services, and which traces are shown.
    static let listScript = #"""
        const list = store && element("trace-list") ? startList() : null;

        function traceOrder(by) {
          const keys = {
            slow: trace => -store.traceDurations[trace], new: trace => -store.traceStarts[trace], old: trace => store.traceStarts[trace],
            errors: trace => -store.traceErrors[trace], spans: trace => -store.traceAllSpans[trace],
          };
          const key = Float64Array.from({ length: store.traceCount }, (_, trace) => keys[by](trace));
          return Uint32Array.from(key.keys()).sort((a, b) => key[a] - key[b] || a - b);
        }

        function startList() {
          const search = element("trace-search"), order = element("trace-order"), onlyErrors = element("only-errors"), box = element("trace-list");
          const orders = {};
          let lastQuery = "";

          const rowOf = place => {
            const trace = view.shown[place], root = rootOf(trace), failed = store.traceErrors[trace];
            const row = make("div", {
              class: "row", role: "option", id: "trace-" + trace, "aria-selected": String(trace === view.trace),
              "aria-setsize": view.shown.length, "aria-posinset": place + 1,
            });
            const swatch = make("i", { class: "swatch" });
            swatch.style.background = colourOf(store.services[root]);
            const length = make("i", { class: "length" });
            length.style.width = store.traceDurations[trace] / longest * 70 + "px";
            row.append(
              make("span", { class: "name" }, swatch, nameOf(root), " ", make("small", {}, serviceNameOf(store.services[root]), " ", store.traceIDs[trace].slice(0, 8))),
              make("span", { class: "start" }, hasStart(trace) ? moment(startOf(trace), 3) : "no start"),
              make("span", { class: "n span-time" }, length, time(store.traceDurations[trace])),
              make("span", { class: "n count" }, grouped(store.traceAllSpans[trace])),
              make("span", { class: "n errors" + (failed ? " bad" : " quiet") }, failed ? "× " + grouped(failed) : "0"),
            );
            row.onclick = () => openTrace(trace);
            return row;
          };
          const rows = virtualRows(box, rowOf);
          const longest = Math.max(1, store.traceDurations.reduce((most, one) => Math.max(most, one), 0));

          const hasHit = trace => {
            for (let span = store.firstSpans[trace]; span < store.firstSpans[trace + 1]; span++) if (view.hits[span]) return true;
            return false;
          };
          const isWanted = trace => (!onlyErrors.checked || store.traceErrors[trace] > 0)
            && (!view.brush || inBrush(trace)) && (!view.hits || hasHit(trace));
          const inBrush = trace => {
            const start = store.traceStarts[trace], duration = store.traceDurations[trace], b = view.brush;
            return start >= b.from && start <= b.to && duration >= b.least && duration <= b.most;
          };
          const status = () => {
            const limits = [];
            if (view.hits) limits.push("the search");
            if (onlyErrors.checked) limits.push("errors");
            if (view.brush) limits.push("the selected part of the chart");
            element("clear").disabled = limits.length === 0 && !search.value;
            search.setAttribute("aria-invalid", String(view.problem !== ""));
            const count = limits.length === 0 ? `${counted(store.traceCount, "trace")}.`
              : `${grouped(view.shown.length)} of ${counted(store.traceCount, "trace")} match ${limits.join(" and ")}.`;
            const remarks = view.problem ? [`Search not understood: ${view.problem}.`] : view.notes;
            element("trace-status").replaceChildren(count, ...remarks.flatMap(text => [" ", make("span", { class: "caution" }, readable(text))]));
          };

          // Applies the search, the check box and the brush.
          const filter = () => {
            const began = performance.now();
            if (search.value !== lastQuery) { Object.assign(view, matchingSpans(search.value)); lastQuery = search.value; }
            view.shown = (orders[order.value] ??= traceOrder(order.value)).filter(isWanted);
            status();
            box.scrollTop = 0;
            rows.resize(view.shown.length);
            showChips();
            performance.measure("spankit search", { start: began, end: performance.now() });
            requestAnimationFrame(drawScatter);
            showMatches();
          };
          const clear = () => {
            const changed = search.value !== "" || view.brush !== null || onlyErrors.checked;
            search.value = ""; view.brush = null; onlyErrors.checked = false;
            if (changed) filter();
            return changed;
          };
          const setQuery = query => { search.value = query; filter(); };

          // Chips of services, which search for the service.
          const chips = store.serviceTexts.map((text, service) => {
            const name = readable(store.texts[text]), query = `service=${quoted(store.texts[text])}`;
            const swatch = make("i", { class: "swatch" });
            swatch.style.background = colourOf(service);
            const chip = make("button", { type: "button", "aria-pressed": "false" }, swatch, name || "(no service)");
            chip.onclick = () => setQuery(search.value === query ? "" : query);
            return { chip, query };
          });
          const showChips = () => { for (const { chip, query } of chips) chip.setAttribute("aria-pressed", String(search.value === query)); };
          if (chips.length > 1) element("services").append(...chips.map(one => one.chip));

          const select = place => {
            if (view.shown.length === 0) return;
            const bounded = Math.min(Math.max(place, 0), view.shown.length - 1);
            showTrace(view.shown[bounded]);
          };
          const current = () => view.shown.indexOf(view.trace);
          const move = step => select(current() < 0 ? 0 : current() + step);
          const keys = {
            ArrowDown: () => move(1), ArrowUp: () => move(-1), PageDown: () => move(rows.page()), PageUp: () => move(-rows.page()),
            Home: () => select(0), End: () => select(view.shown.length - 1), Enter: () => { if (view.trace >= 0) openTrace(view.trace); },
          };
          box.addEventListener("keydown", event => {
            if (!Object.hasOwn(keys, event.key) || event.ctrlKey || event.metaKey) return;
            event.preventDefault(); event.stopPropagation();
            keys[event.key]();
          });
          search.addEventListener("input", filter);
          search.addEventListener("keydown", event => {
            if (event.key === "Enter" || event.key === "ArrowDown") { event.preventDefault(); box.focus(); if (current() < 0) select(0); }
          });
          order.onchange = onlyErrors.onchange = filter;
          element("clear").onclick = clear;

          const marked = () => {
            const place = current();
            if (place >= 0) rows.reveal(place);
            rows.draw();
            box.setAttribute("aria-activedescendant", place >= 0 ? "trace-" + view.trace : "");
          };
          return { filter, clear, setQuery, move, select, marked, redraw: rows.draw };
        }
        """#
}
