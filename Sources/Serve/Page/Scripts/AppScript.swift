extension PageAssets {
    /// Starts the page: the views and their tabs, the keyboard, and what happens when spans arrive.
    static let appScript = #"""
        import { element, make, grouped, counted, readable } from "./page.js";
        import { state, address, changed, go, onRoute, route } from "./state.js";
        import { follow, get, onConnection, onRefusal, Lost, Problem } from "./api.js";
        import { bytes, clockOf, knowServices, momentOf } from "./parts.js";
        import { startSearch } from "./search.js";
        import { startHeat } from "./heat.js";
        import { tracesView } from "./traces.js";
        import { traceView } from "./tracepage.js";
        import { operationsView, errorsView } from "./operations.js";
        import { servicesView } from "./services.js";
        import { conversationsView, openView } from "./conversations.js";
        import { logsView } from "./logs.js";
        import { metricsView } from "./metrics.js";
        import { compareView } from "./compare.js";
        import { showHelp } from "./help.js";

        // `panel`: the heat map is above the view.
        const views = {
          traces: { title: "Traces", open: tracesView, panel: true },
          operations: { title: "Operations", open: operationsView, panel: true },
          errors: { title: "Errors", open: errorsView, panel: true },
          services: { title: "Services", open: servicesView, panel: true },
          conversations: { title: "Conversations", open: conversationsView, panel: true },
          open: { title: "Open spans", open: openView },
          logs: { title: "Logs", open: logsView },
          metrics: { title: "Metrics", open: metricsView },
          trace: { title: "Trace", open: traceView, hidden: true },
          compare: { title: "Compare", open: compareView, hidden: true },
        };
        const current = { name: "", view: null };
        const heat = startHeat();
        const search = startSearch();

        const showTabs = () => {
          element("tabs").replaceChildren(...Object.entries(views).filter(([name, one]) => !one.hidden || name === current.name).map(([name, one]) => {
            const link = make("a", { href: one.hidden ? location.hash : address([name]) }, one.title);
            if (name === current.name) link.setAttribute("aria-current", "page");
            return link;
          }));
          element("tabs").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
        };
        const showRange = () => {
          const range = element("range"), from = state.params.get("from") ?? "", isSpecial = /^\d+$/.test(from) || state.params.has("to");
          const chosen = range.querySelector("[value=selected]");
          chosen.hidden = !isSpecial;
          chosen.textContent = isSpecial ? `${clockOf(from)} – ${state.params.get("to") ? clockOf(state.params.get("to")) : "now"}` : "";
          range.value = isSpecial ? "selected" : from;
        };
        const showRoute = () => {
          const name = Object.hasOwn(views, state.parts[0]) ? state.parts[0] : "traces", { panel, open, title } = views[name];
          element("query-problem").hidden = true;
          element("overview-panel").hidden = !panel;
          document.body.dataset.view = name;
          document.body.classList.remove("is-refused");
          if (current.name === name && current.view?.follows()) current.view.routed?.(); else {
            current.view?.close?.();
            const box = element("view");
            box.replaceChildren();
            box.className = "view-" + name;
            box.scrollTop = 0;
            Object.assign(current, { name, view: open(box) });
            document.title = title + " · SpanKit";
          }
          showTabs(); showRange(); search.show();
          refresh();
        };

        // One refresh at a time. Changes in the meantime cause one more.
        const pace = { running: 0, isWanted: false, isPaused: false };
        const isExpected = error => error.name === "AbortError" || error instanceof Lost || error instanceof Problem;
        const refresh = async () => {
          pace.running++;
          const { panel } = views[current.name];
          const results = await Promise.allSettled([current.view.refresh?.(), panel ? heat.refresh() : null, refreshStatus()]);
          setTimeout(() => {
            pace.running--;
            if (pace.isWanted && !pace.running && !pace.isPaused && !document.hidden) refreshLive();
          }, 400);
          const failed = results.find(one => one.reason && !isExpected(one.reason));
          if (failed) throw failed.reason;
        };
        const refreshLive = () => {
          // The server would refuse the filter again.
          if (document.body.classList.contains("is-refused")) return;
          pace.isWanted = pace.running > 0;
          if (!pace.isWanted) refresh();
        };
        const arrived = () => {
          if (pace.isPaused || document.hidden) { pace.isWanted = true; showPause(); } else refreshLive();
        };
        const showPause = () => {
          const button = element("pause");
          button.setAttribute("aria-pressed", String(pace.isPaused));
          button.textContent = pace.isPaused ? (pace.isWanted ? "Resume •" : "Resume") : "Pause";
          button.title = pace.isPaused ? (pace.isWanted ? "Spans have arrived. Show them" : "Show new spans again") : "Keep what is shown while spans arrive (Space)";
        };
        const togglePause = () => {
          pace.isPaused = !pace.isPaused;
          if (!pace.isPaused && pace.isWanted) refreshLive();
          showPause();
        };

        const refreshStatus = async () => {
          const status = await get("/api/status"), { kept, evicted, store } = status, facts = [];
          const fact = (text, title = "") => facts.push(make("span", title ? { title } : {}, text));
          const rate = status.spansPerSecond ?? 0;
          fact(`${rate < 10 ? Number(rate.toFixed(1)) : grouped(Math.round(rate))} spans/s`);
          fact(`${counted(kept.traces, "trace")}, ${counted(kept.spans, "span")} kept${kept.since ? " since " + clockOf(kept.since) : ""}`, kept.since ? "Since " + momentOf(kept.since) : "");
          if (evicted.traces) fact(`${counted(evicted.traces, "trace")}, ${counted(evicted.spans, "span")} evicted`, "Removed because the store reached its size or its age");
          if (status.refused?.requests) fact(`${counted(status.refused.requests, "request")} refused`, "The server was busy or the requests were not valid");
          if (store.bytes !== undefined) fact(`${bytes(store.bytes)} of ${bytes(store.maxBytes)}`, store.path ?? "");
          fact(`spankit ${status.version}`);
          element("status").replaceChildren(make("span", { class: "lamp" + (rate > 0 ? " on" : ""), "aria-hidden": "true" }), ...facts);
          search.know(status.services ?? []);
          knowServices(status.services ?? []);
        };

        onConnection(isLost => {
          const banner = element("lost");
          banner.hidden = !isLost;
          banner.textContent = isLost ? "The server does not answer. The page shows what it last received, and connects again by itself. If spankit serve ended, start it again." : "";
          document.body.classList.toggle("is-lost", isLost);
          if (!isLost) refreshLive();
        });
        onRefusal(reason => {
          element("query-problem").replaceChildren(readable(reason), " ", make("a", { href: changed({ q: "" }) }, "Remove the filter"));
          element("query-problem").hidden = false;
          document.body.classList.add("is-refused");
        });

        const tabKeys = Object.entries(views).filter(([, one]) => !one.hidden).map(([name]) => name);
        const isTyping = target => target.matches?.("input:not([type=checkbox]),select,textarea");
        const onKey = event => {
          if (event.ctrlKey || event.metaKey || event.altKey || element("help").open) return;
          if (current.view?.key?.(event)) { event.preventDefault(); return; }
          if (isTyping(event.target)) return;
          const actions = {
            "/": () => { element("query").focus(); element("query").select(); }, "?": () => showHelp(current.name),
            Escape: () => { if (state.params.has("sel")) go(changed({ sel: "" })); else if (current.view?.back) go(current.view.back()); else document.activeElement?.blur(); },
          };
          if (/^[1-8]$/.test(event.key)) actions[event.key] = () => go(address([tabKeys[event.key - 1]]));
          if (event.key === " " && event.target === document.body) actions[" "] = togglePause;
          if (!Object.hasOwn(actions, event.key)) return;
          event.preventDefault();
          actions[event.key]();
        };

        element("range").onchange = event => go(changed({ from: event.target.value, to: "", sel: "" }));
        element("pause").onclick = togglePause;
        element("help-open").onclick = () => showHelp(current.name);
        document.addEventListener("keydown", onKey);
        addEventListener("popstate", route);
        addEventListener("hashchange", route);
        onRoute(showRoute);
        showPause();
        // The services come first, because their colours depend on all of them.
        await refreshStatus().catch(error => { if (!isExpected(error)) throw error; });
        route();
        follow(arrived);

        """#
}
