extension PageAssets {
    /// One trace: the waterfall, search, zoom and details of the HTML report, with what a server adds.
    static let tracePageScript = #"""
        import { element, make, grouped, counted, quoted, readable, zone } from "./page.js";
        import { startTrace } from "./trace.js";
        import { state, address, note, isKey } from "./state.js";
        import { get, Lost, Problem } from "./api.js";
        import { colourNumber, copyButton, emptyState } from "./parts.js";

        // New spans are looked for this often (milliseconds), in traces of at most so many spans, which ended at most this long ago.
        const pause = 2000, largest = 5000, complete = 120e3;

        export const traceView = box => {
          const id = state.parts[1] ?? "";
          const control = new AbortController();
          let page = null, isLoading = true, checked = 0, saving = 0;

          const save = () => {
            clearTimeout(saving);
            saving = setTimeout(() => {
              if (control.signal.aborted || state.parts[0] !== "trace") return;
              const { view, zoom } = page;
              note({ span: view.span < 0 ? "" : page.idOf(view.span), zoom: page.isZoomed() ? `${Math.round(zoom.from)},${Math.round(zoom.to)}` : "" });
            }, 150);
          };
          const host = {
            linkTo: (trace, span) => address(["trace", trace], { span }),
            showsLogRecords: true, signal: control.signal, selected: () => { if (page) save(); }, zoomed: () => { if (page) save(); },
            actionsOf: (key, value, kind) => {
              const actions = [copyButton(() => value)];
              if ("sidb".includes(kind) && isKey(key) && value.length < 1000) {
                const condition = `${key}=${quoted(value)}`;
                const here = make("button", { type: "button", class: "small" }, "In this trace");
                here.onclick = () => { element("in-trace").value = condition; find(condition); };
                actions.push(make("a", { class: "small", href: address(["traces"], { q: condition, sel: "" }), title: condition.slice(0, 200) }, "More with it"), here);
              }
              return [make("span", { class: "actions" }, ...actions)];
            },
          };
          const find = query => {
            const { view } = page;
            Object.assign(view, page.matchingSpans(query));
            const problem = element("in-trace-problem");
            problem.hidden = !view.problem && !view.notes.length;
            problem.textContent = readable(view.problem ? `Search not understood: ${view.problem}.` : view.notes.join(" "));
            page.showMatches();
          };
          const stepError = step => {
            const { view, fall, isFailed } = page, { first, last } = fall.state;
            for (let count = 1, at = view.span < 0 ? (step > 0 ? first - 1 : last) : view.span; count <= last - first; count++) {
              at += step;
              if (at >= last) at = first;
              if (at < first) at = last - 1;
              if (isFailed(at)) { page.selectSpan(at); return; }
            }
          };
          const limit = name => {
            const { fall, store } = page, isOn = limited.to === name;
            limited.to = isOn ? "" : name;
            fall.state.only = isOn ? null : name === "critical" ? span => store.critical[span] > 0 : page.isFailed;
            fall.refresh();
            for (const button of document.querySelectorAll("#trace-tools [data-limit]")) button.setAttribute("aria-pressed", String(button.dataset.limit === limited.to));
          };
          const limited = { to: "" };
          const toggleLogs = () => {
            const { fall } = page;
            fall.state.showsLogRecords = !fall.state.showsLogRecords;
            element("log-toggle")?.setAttribute("aria-pressed", String(fall.state.showsLogRecords));
            fall.refresh();
          };

          const legend = () => {
            const { store } = page, counts = new Uint32Array(store.serviceTexts.length);
            for (const service of store.services) counts[service]++;
            return make("ul", { class: "legend services-legend", "aria-label": "Services" }, ...store.serviceTexts.slice(0, 24).map((text, service) => {
              const swatch = make("i", { class: "swatch" });
              swatch.style.background = store.serviceColours[service] < 0 ? "var(--quiet)" : `var(--s${store.serviceColours[service]})`;
              return make("li", {}, swatch, readable(store.texts[text].slice(0, 80)) || "(no service)", " ", make("small", { class: "quiet" }, grouped(counts[service])));
            }));
          };
          const toggle = (text, name, pressed, action, more = {}) => {
            const button = make("button", { type: "button", "aria-pressed": String(pressed), ...more }, text);
            if (name) button.dataset.limit = name;
            button.onclick = action;
            return button;
          };
          const furnish = () => {
            const { store } = page, failed = store.traceErrors[0], tools = element("trace-tools");
            const search = make("input", { id: "in-trace", type: "search", spellcheck: "false", placeholder: "Search in this trace", "aria-label": "Search in this trace" });
            search.addEventListener("input", () => find(search.value));
            search.addEventListener("keydown", event => {
              if (event.key === "Enter") { event.preventDefault(); page.stepMatch(event.shiftKey ? -1 : 1); }
              if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); if (search.value) { search.value = ""; find(""); } else element("waterfall").focus(); }
            });
            tools.prepend(search, element("span-matches"));
            element("zone").parentElement.before(
              ...store.logSpans.length ? [toggle(`Logs (${grouped(store.logSpans.length)})`, "", true, toggleLogs, { id: "log-toggle" })] : [],
              toggle("Critical path", "critical", false, () => limit("critical")),
              ...failed ? [toggle(`Errors (${grouped(failed)})`, "errors", false, () => limit("errors"))] : []);
            element("trace").querySelector("#help-open")?.remove();
            const tree = make("button", { type: "button", class: "small" }, "Copy as text");
            tree.onclick = async () => {
              const text = await fetch(`/api/trace/${encodeURIComponent(store.traceIDs[0])}/tree`).then(answer => answer.ok ? answer.text() : Promise.reject(new Error("no tree")));
              await navigator.clipboard.writeText(text).then(() => { tree.textContent = "Copied"; setTimeout(() => { tree.textContent = "Copy as text"; }, 1500); });
            };
            const id = store.traceIDs[0], head = make("div", { class: "trace-actions" }, make("a", { class: "button small", href: address(["traces"]) }, "‹ Traces"),
              copyButton(() => location.href, "Copy link"), copyButton(() => id, "Copy trace id"), tree, make("a", { class: "button small", href: `/api/export?trace=${id}`, download: `${id}.jsonl` }, "Download OTLP"));
            element("trace-title").before(head);
            element("trace-facts").after(legend(), make("p", { id: "in-trace-problem", class: "caution", role: "status", hidden: "" }), make("button", { id: "more-spans", type: "button", class: "fresh", hidden: "" }, ""));
            element("zoom-in").textContent = "+";
            element("previous-match").onclick = () => page.stepMatch(-1);
            element("next-match").onclick = () => page.stepMatch(1);
            element("zone").value = zone.utc ? "utc" : "local";
            element("zone").onchange = event => { zone.utc = event.target.value === "utc"; page.showFacts(0); page.showDetails(page.view.span); };
          };
          const restore = () => {
            const { store, view } = page, [from, to] = (state.params.get("zoom") ?? "").split(",").map(Number);
            if (to > from) page.setZoom(from, to);
            const wanted = state.params.get("span") ?? "", place = store.ids[0].match(/.{16}/g).indexOf(wanted);
            const problem = element("span-problem");
            problem.hidden = place >= 0 || !wanted;
            problem.textContent = problem.hidden ? "" : `Span ${readable(wanted.slice(0, 40))} is not in the trace.`;
            if (place >= 0 && view.span !== place) page.selectSpan(place);
            else if (!wanted && view.span >= 0) page.selectSpan(-1);
          };
          const show = content => {
            const began = performance.now();
            box.replaceChildren(element("trace-template").content.cloneNode(true));
            element("trace").hidden = false;
            const opened = startTrace(content, host);
            opened.store.serviceColours = opened.store.serviceTexts.map(text => colourNumber(opened.store.texts[text]));
            Object.assign(opened.view, { trace: 0, span: -1 });
            opened.startZoom();
            page = opened;
            furnish();
            page.showFacts(0);
            page.fall.open(0);
            page.openZoom(0);
            page.showDetails(-1);
            page.showMatches();
            restore();
            document.title = `${page.nameOf(0).slice(0, 80)} · SpanKit`;
            element("waterfall").focus({ preventScroll: true });
            performance.measure("spankit trace", { start: began, end: performance.now() });
          };
          const load = async () => {
            isLoading = true;
            box.replaceChildren(make("p", { class: "padded quiet", role: "status" }, "Loading the trace…"));
            try {
              const content = await get(`/api/trace/${encodeURIComponent(id)}`, {}, control.signal);
              if (!control.signal.aborted) show(content);
            } catch (error) {
              if (control.signal.aborted) return;
              if (error instanceof Lost) { box.replaceChildren(emptyState("The trace was not loaded", make("p", {}, "The server does not answer."))); page = null; return; }
              if (!(error instanceof Problem)) throw error;
              box.replaceChildren(emptyState("This trace is not here", make("p", {}, readable(error.message)), make("p", {}, make("a", { href: address(["traces"]) }, "Show all traces"))));
            } finally { isLoading = false; }
          };
          // Whether more spans of the trace have arrived. What is shown stays until the user asks.
          const check = async () => {
            if (!page || page.store.spanCount > largest || performance.now() - checked < pause) return;
            const end = (page.store.origin + page.store.traceStarts[0] + page.store.traceDurations[0]) / 1e6;
            if (Date.now() - end > complete) return;
            checked = performance.now();
            const content = await get(`/api/trace/${encodeURIComponent(id)}`, {}, control.signal), more = content.traceAllSpans[0] - page.store.traceAllSpans[0], button = element("more-spans");
            if (more <= 0 || control.signal.aborted) return;
            button.hidden = false;
            button.textContent = `${counted(more, "more span has", "more spans have")} arrived. Show`;
            button.onclick = () => show(content);
          };
          load();

          const inFall = event => event.target === element("waterfall");
          const keys = {
            "/": () => { element("in-trace").focus(); element("in-trace").select(); }, n: () => page.stepMatch(1), N: () => page.stepMatch(-1), p: () => page.stepMatch(-1),
            e: () => stepError(1), E: () => stepError(-1), c: () => limit("critical"), l: toggleLogs, "+": () => page.zoomBy(0.5), "=": () => page.zoomBy(0.5), "-": () => page.zoomBy(2), 0: () => page.zoomOut(),
            y: () => navigator.clipboard?.writeText(location.href), f: () => { if (page.view.span >= 0) page.zoomTo(page.view.span); },
          };
          // By the place of the keys, so that they are beside each other on every keyboard.
          const codes = { KeyW: () => page.zoomBy(0.7), KeyS: () => page.zoomBy(1.4), KeyA: () => page.pan(-0.2), KeyD: () => page.pan(0.2) };
          const key = event => {
            if (!page || event.target.matches?.("input,select,textarea")) return false;
            if (event.key === "Escape") {
              const search = element("in-trace");
              if (page.view.span >= 0) page.selectSpan(-1); else if (page.isZoomed()) page.zoomOut(); else if (search.value) { search.value = ""; find(""); } else return false;
              return true;
            }
            if (event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) { page.pan(event.key === "ArrowLeft" ? -0.25 : 0.25); return true; }
            if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target === document.body) { element("waterfall").focus(); element("waterfall").dispatchEvent(new KeyboardEvent("keydown", { key: event.key })); return true; }
            if (Object.hasOwn(keys, event.key)) { keys[event.key](); return true; }
            if (!event.shiftKey && Object.hasOwn(codes, event.code)) { codes[event.code](); return true; }
            return false;
          };
          return {
            follows: () => state.parts[1] === id, back: () => address(["traces"]), key,
            close: () => { control.abort(); clearTimeout(saving); },
            routed: () => { clearTimeout(saving); if (page) restore(); },
            refresh: () => page ? check() : isLoading ? undefined : load(),
          };
        };

        """#
}
