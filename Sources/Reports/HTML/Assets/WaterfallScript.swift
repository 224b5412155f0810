extension ReportAssets {
    /// The waterfall of the selected trace: rows of spans, folding, the critical path, and matches of the search.
    static let waterfallScript = #"""
        const fall = store ? startWaterfall() : null;

        function startWaterfall() {
          const box = element("waterfall");
          // The spans of the trace, which of them are folded, and the visible rows.
          // `only` limits the spans; the number of a log record is negative among the rows.
          const state = {
            first: 0, last: 0, depths: null, ends: null, folded: new Set(), rows: [], steps: new Map(), only: null, showsLogRecords: host.showsLogRecords,
          };

          // The depth of each span, and the span after its last descendant. Parents come before their children.
          const measureTree = () => {
            const { first, last } = state, count = last - first;
            state.depths = new Uint32Array(count);
            state.ends = Uint32Array.from({ length: count }, (_, place) => place + 1);
            for (let place = 0; place < count; place++) {
              const back = store.parents[first + place];
              if (back) state.depths[place] = state.depths[place - back] + 1;
            }
            for (let place = count - 1; place >= 0; place--) {
              const back = store.parents[first + place];
              if (back) state.ends[place - back] = Math.max(state.ends[place - back], state.ends[place]);
            }
          };
          // The critical path: each step starts where the one before it ends.
          const readSteps = trace => {
            state.steps = new Map();
            let from = store.starts[rootOf(trace)];
            for (let step = store.firstSteps[trace]; step < store.firstSteps[trace + 1]; step++) {
              const place = store.stepSpans[step], to = from + store.stepLengths[step];
              if (!state.steps.has(place)) state.steps.set(place, []);
              state.steps.get(place).push([from, to]);
              from = to;
            }
          };
          const hasChildren = place => state.ends[place] > place + 1;
          const listRows = () => {
            const rows = [];
            for (let place = 0; place < state.depths.length;) {
              if (!state.only || state.only(state.first + place)) {
                rows.push(place);
                if (state.showsLogRecords) {
                  const [first, last] = placesOf(store.logSpans, state.first + place);
                  for (let record = first; record < last; record++) rows.push(-1 - record);
                }
              }
              place = state.folded.has(place) ? state.ends[place] : place + 1;
            }
            state.rows = rows;
          };

          // Parts of the critical path that are closer than a pixel are drawn as one.
          const pathParts = place => {
            const steps = state.steps.get(place) ?? [], gap = (zoom.to - zoom.from) / Math.max(200, box.clientWidth / 2);
            const parts = [];
            for (const [from, to] of steps) {
              if (to < zoom.from || from > zoom.to) continue;
              const last = parts.at(-1);
              if (last && from - last[1] <= gap) last[1] = to; else parts.push([from, to]);
            }
            return parts;
          };
          const percent = at => (at - zoom.from) / (zoom.to - zoom.from) * 100;
          const placed = (name, from, to) => {
            const mark = make("i", { class: name });
            const left = Math.max(percent(from), -1), right = Math.min(percent(to), 101);
            mark.style.left = left + "%";
            mark.style.width = Math.max(0, right - left) + "%";
            return mark;
          };
          const isInWindow = (from, to) => to >= zoom.from && from <= zoom.to;
          // The events and log records in the window, at most one for each pixel.
          const eventTimes = span => {
            const pixel = (zoom.to - zoom.from) / Math.max(200, element("ruler").clientWidth), times = new Map();
            for (const [spans, moments] of [[store.eventSpans, store.eventTimes], [store.logSpans, store.logTimes]]) {
              const [first, last] = placesOf(spans, span);
              for (let place = first; place < last; place++) {
                const at = moments[place];
                if (at !== null && isInWindow(at, at)) times.set(Math.floor((at - zoom.from) / pixel), at);
              }
            }
            return [...times.values()];
          };
          // The parts of a span, as shares of what is visible of its bar.
          const shares = ([running, forActor, forThread, suspended]) =>
            [["running", running], ["queued", forActor + forThread], ["suspended", suspended]].filter(([, length]) => length > 0).map(([name, length]) => {
              const share = make("b", { class: name });
              share.style.flexGrow = length;
              return share;
            });
          const laneOf = place => {
            const span = state.first + place, lane = make("span", { class: "lane" });
            const from = store.starts[span], to = from + store.durations[span];
            if (isUntimed(span)) { lane.append(make("small", { class: "quiet" }, "no start or end")); return lane; }
            if (!isInWindow(from, to)) {
              lane.append(make("small", { class: "quiet " + (to < zoom.from ? "before" : "after"), "aria-hidden": "true" }, to < zoom.from ? "◂" : "▸"));
              return lane;
            }
            const bar = placed("bar" + (isFailed(span) ? " failed" : "") + (isUnfinished(span) ? " open" : ""), from, to);
            bar.style.setProperty("--service", colourOf(store.services[span]));
            const parts = partsOf(span);
            if (parts) {
              bar.append(...shares(parts));
              lane.title = `${partsText(parts)} (shares of the span, not points in time)`;
            }
            lane.append(bar, ...pathParts(place).map(([a, b]) => placed("path", a, b)));
            lane.append(...eventTimes(span).map(at => placed("event", at, at)));
            return lane;
          };
          const describe = span => [
            shortened(nameOf(span)), shortened(serviceNameOf(store.services[span]), 80), isUntimed(span) ? "no start or end" : time(store.durations[span]),
            partsText(partsOf(span) ?? []), store.critical[span] ? `${time(store.critical[span])} on the critical path` : "", isFailed(span) ? "failed" : "",
            isUnfinished(span) ? "unfinished" : "",
          ].filter(Boolean).join(", ");
          const labelOf = place => {
            const span = state.first + place, isFolded = state.folded.has(place), label = make("span", { class: "name" });
            label.style.paddingLeft = Math.min(state.depths[place], 30) * 11 + "px";
            const toggle = make("i", { class: "toggle" }, hasChildren(place) ? (isFolded ? "▸" : "▾") : "");
            toggle.onclick = event => { event.stopPropagation(); fold(place, !isFolded); };
            const swatch = make("i", { class: "swatch" });
            swatch.style.background = colourOf(store.services[span]);
            label.append(toggle, swatch, isFailed(span) ? make("b", { class: "bad" }, "× ") : "", shortened(nameOf(span)));
            const back = store.parents[span], service = store.services[span];
            if (store.serviceTexts.length > 1 && (!back || store.services[span - back] !== service)) label.append(" ", make("small", {}, shortened(serviceNameOf(service), 80)));
            if (isFolded) label.append(" ", make("small", {}, `+${grouped(state.ends[place] - place - 1)}`));
            return label;
          };
          // A log record is a row under its span.
          const logRowOf = record => {
            const span = store.logSpans[record], level = shortened(readable(store.texts[store.logLevels[record]]), 40), at = store.logTimes[record];
            const text = shortened(readable(store.texts[store.logBodies[record]] || store.texts[store.logEvents[record]]), 500), lane = make("span", { class: "lane" });
            const row = make("div", {
              class: "row log", role: "treeitem", "aria-level": state.depths[span - state.first] + 2, "aria-label": `log record, ${level}, ${text}`,
            });
            const label = make("span", { class: "name", title: text }, make("b", store.logSeverities[record] >= 17 ? { class: "bad" } : {}, level || "log"), " ", text);
            label.style.paddingLeft = Math.min(state.depths[span - state.first] + 1, 30) * 11 + 16 + "px";
            if (at !== null && isInWindow(at, at)) lane.append(placed("event", at, at));
            row.append(label, lane, make("span", { class: "n quiet" }, at === null ? "–" : time(at)), make("span", { class: "n own" }));
            row.onclick = () => selectSpan(span);
            return row;
          };
          const rowOf = number => {
            const place = state.rows[number], span = state.first + place;
            if (place < 0) return logRowOf(-1 - place);
            const row = make("div", {
              class: "row" + (view.hits?.[span] ? " hit" : "") + (store.critical[span] ? " critical" : ""), role: "treeitem", id: "span-" + span,
              "aria-level": state.depths[place] + 1, "aria-selected": String(span === view.span), "aria-label": describe(span),
            });
            if (hasChildren(place)) row.setAttribute("aria-expanded", String(!state.folded.has(place)));
            const numbers = isUntimed(span) ? ["–", "–"] : [time(store.durations[span]), time(store.own[span])];
            row.append(labelOf(place), laneOf(place), make("span", { class: "n" }, numbers[0]), make("span", { class: "n quiet own" }, numbers[1]));
            row.onclick = () => selectSpan(span);
            row.ondblclick = () => zoomTo(span);
            return row;
          };
          const rows = virtualRows(box, rowOf);

          const refresh = () => { listRows(); rows.resize(state.rows.length); };
          const fold = (place, isFolded) => {
            if (isFolded) state.folded.add(place); else state.folded.delete(place);
            const selected = view.span - state.first;
            if (isFolded && selected > place && selected < state.ends[place]) selectSpan(state.first + place);
            refresh();
          };
          const foldAll = isFolded => {
            state.folded.clear();
            if (isFolded) for (let place = 0; place < state.depths.length; place++) if (state.depths[place] > 0 && hasChildren(place)) state.folded.add(place);
            refresh();
            // The span that is still visible in place of a selected one.
            let place = view.span - state.first, visible = place;
            for (let back = store.parents[view.span]; view.span >= 0 && back; back = store.parents[state.first + place]) {
              place -= back;
              if (state.folded.has(place)) visible = place;
            }
            if (view.span >= 0 && visible !== view.span - state.first) selectSpan(state.first + visible);
          };
          const open = trace => {
            Object.assign(state, { first: store.firstSpans[trace], last: store.firstSpans[trace + 1], folded: new Set() });
            measureTree();
            readSteps(trace);
            element("part-key").hidden = placeOf(store.partSpans, state.first) === placeOf(store.partSpans, state.last);
            box.scrollTop = 0;
            listRows();
            box.style.height = Math.min(state.rows.length, 18) * parseFloat(getComputedStyle(box).getPropertyValue("--row")) + 2 + "px";
            rows.resize(state.rows.length);
          };
          // Unfolds the ancestors of a span and scrolls to it.
          const reveal = span => {
            let place = span - state.first, changed = state.only !== null && !state.only(span);
            if (changed) state.only = null;
            for (let back = store.parents[span]; back; back = store.parents[state.first + place]) {
              place -= back;
              changed = state.folded.delete(place) || changed;
            }
            if (changed) refresh();
            rows.reveal(state.rows.indexOf(span - state.first));
            rows.draw();
            box.setAttribute("aria-activedescendant", "span-" + span);
          };

          const move = step => {
            const at = state.rows.indexOf(view.span - state.first);
            let next = view.span < 0 ? 0 : Math.min(Math.max(at + step, 0), state.rows.length - 1);
            while (state.rows[next] < 0) next += step < 0 ? -1 : 1;
            if (next === state.rows.length) next = state.rows.findLastIndex(place => place >= 0);
            if (next >= 0) selectSpan(state.first + state.rows[next]);
          };
          const inward = () => {
            const place = view.span - state.first;
            if (view.span >= 0 && state.folded.has(place)) fold(place, false); else move(1);
          };
          const outward = () => {
            if (view.span < 0) return;
            const place = view.span - state.first, back = store.parents[view.span];
            if (hasChildren(place) && !state.folded.has(place)) fold(place, true); else if (back) selectSpan(view.span - back);
          };
          const keys = {
            ArrowDown: () => move(1), ArrowUp: () => move(-1), PageDown: () => move(rows.page()), PageUp: () => move(-rows.page()),
            Home: () => move(-Infinity), End: () => move(Infinity), ArrowRight: inward, ArrowLeft: outward,
            Enter: () => { if (view.span >= 0) zoomTo(view.span); },
          };
          box.addEventListener("keydown", event => {
            if (event.ctrlKey || event.metaKey || event.shiftKey || !Object.hasOwn(keys, event.key)) return;
            event.preventDefault(); event.stopPropagation();
            keys[event.key]();
          });

          element("fold-all").onclick = () => foldAll(true);
          element("unfold-all").onclick = () => foldAll(false);
          return { open, reveal, refresh, state, redraw: rows.draw };
        }

        // The spans of the trace that match the search.
        const matchesInTrace = () => {
          const spans = [];
          if (view.hits) for (let span = fall.state.first; span < fall.state.last; span++) if (view.hits[span]) spans.push(span);
          return spans;
        };
        function showMatches() {
          if (!fall || view.trace < 0) return;
          const spans = matchesInTrace(), place = spans.indexOf(view.span);
          element("span-matches").hidden = !view.hits;
          for (const id of ["previous-match", "next-match"]) element(id).disabled = spans.length === 0;
          element("match-facts").textContent = !view.hits ? "" : place < 0 ? counted(spans.length, "span matches", "spans match")
            : `match ${grouped(place + 1)} of ${grouped(spans.length)}`;
          fall.redraw();
        }
        const stepMatch = step => {
          const spans = matchesInTrace();
          if (!spans.length) return;
          const next = step > 0 ? spans.find(span => span > view.span) ?? spans[0] : spans.findLast(span => span < view.span) ?? spans.at(-1);
          selectSpan(next);
        };
        """#
}
