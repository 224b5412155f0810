extension PageAssets {
    /// The list of traces: virtual rows, the next part when it is scrolled near, two traces to compare.
    static let tracesScript = #"""
        import { make, time, grouped, counted, readable, virtualRows, clock } from "./page.js";
        import { state, address, changed, go, filters } from "./state.js";
        import { get, Lost, Problem } from "./api.js";
        import { colourOf, nothingYet, momentOf, amount } from "./parts.js";

        const part = 100;

        export const tracesView = box => {
          const order = make("select", { "aria-label": "Order" }, ...[["newest", "Newest first"], ["slowest", "Slowest first"], ["errors", "Most errors first"]].map(([value, text]) => make("option", { value }, text)));
          const status = make("p", { class: "quiet", role: "status" }), compare = make("a", { class: "button", hidden: "" }, "Compare");
          const fresh = make("button", { type: "button", class: "fresh", hidden: "" }, "New traces");
          const list = make("div", { class: "virtual", id: "trace-list", role: "grid", tabindex: "0", "aria-label": "Traces. Enter opens one, c marks one for a comparison." }, make("div", { role: "presentation" }));
          const head = make("div", { class: "list-head", "aria-hidden": "true" },
            ...["", "Trace", "Start", "Duration", "Spans", "Errors"].map((text, place) => make("span", place > 2 ? { class: "n" } : {}, text)));
          const whole = make("div", { class: "list-box" }, make("div", { class: "bar" }, status, fresh, compare, make("label", {}, "Order ", order)), head, list), empty = make("div");
          box.append(whole, empty);
          const shown = { rows: [], total: 0, cursor: null, searchedTo: null, place: -1, marked: [], isLoading: false, longest: 1 };

          const rowOf = place => {
            const one = shown.rows[place], isMarked = shown.marked.includes(one.trace);
            const row = make("div", { class: "row" + (one.errors ? " failed" : ""), role: "row", id: "trace-" + one.trace, "aria-rowindex": place + 1, "aria-selected": String(place === shown.place) });
            const mark = make("input", { type: "checkbox", tabindex: "-1", "aria-label": "Mark for a comparison" });
            mark.checked = isMarked;
            mark.onclick = event => { event.stopPropagation(); toggle(one.trace); };
            const length = make("i", { class: "length", "aria-hidden": "true" });
            length.style.width = Math.max(0.4, one.duration / shown.longest * 100) + "%";
            const others = one.services.filter(name => name !== one.service);
            const dots = make("span", { class: "dots", title: readable(one.services.join(", ")) }, ...others.slice(0, 8).map(name => { const dot = make("i", { class: "swatch" }); dot.style.background = colourOf(name); return dot; }));
            const swatch = make("i", { class: "swatch" });
            swatch.style.background = colourOf(one.service);
            const name = readable((one.root ?? "").slice(0, 300)) || "(root span not here)";
            const link = make("a", { href: address(["trace", one.trace]), tabindex: "-1" }, name);
            const notes = [one.orphan ? make("small", { class: "note", title: "The parent of a span has not arrived" }, "incomplete") : "", one.tokens ? make("small", {}, `${amount(one.tokens)} tokens`) : ""];
            const cells = [
              make("span", { class: "mark" }, mark), make("span", { class: "name" }, swatch, link, " ", make("small", {}, readable((one.service ?? "").slice(0, 80))), dots, ...notes),
              make("span", { class: "start", title: momentOf(one.start) }, clock(Number(one.start) / 1e6, 3).slice(11)),
              make("span", { class: "n span-time" }, make("span", { class: "track" }, length), make("span", {}, time(one.duration))), make("span", { class: "n count" }, grouped(one.spans)),
              make("span", { class: "n errors" + (one.errors ? " bad" : " quiet") }, one.errors ? "× " + grouped(one.errors) : "0"),
            ];
            for (const cell of cells) cell.setAttribute("role", "gridcell");
            row.append(...cells);
            row.onclick = event => { if (!event.target.closest("a,input")) go(address(["trace", one.trace])); };
            return row;
          };
          const rows = virtualRows(list, rowOf);
          const toggle = trace => {
            shown.marked = shown.marked.includes(trace) ? shown.marked.filter(one => one !== trace) : [...shown.marked, trace].slice(-2);
            compare.hidden = shown.marked.length === 0;
            compare.textContent = shown.marked.length === 2 ? "Compare 2 traces" : "Mark one more to compare";
            if (shown.marked.length === 2) compare.href = address(["compare", ...shown.marked]); else compare.removeAttribute("href");
            rows.draw();
          };
          const params = () => ({ ...filters(), order: state.params.get("order") ?? "newest", limit: part });
          const tell = () => {
            const limits = shown.searchedTo ? ` Searched back to ${momentOf(shown.searchedTo)}.` : "";
            status.textContent = `${counted(shown.total, "trace")}.${limits}`;
            list.setAttribute("aria-rowcount", shown.total);
          };
          const show = () => {
            shown.longest = Math.max(1, shown.rows.reduce((most, one) => Math.max(most, one.duration), 0));
            const isEmpty = shown.rows.length === 0;
            whole.hidden = isEmpty;
            empty.replaceChildren(...isEmpty ? [nothingYet("traces")] : []);
            tell();
            rows.resize(shown.rows.length);
          };
          let control = null, key = "";
          const load = async () => {
            const wanted = JSON.stringify(params()), isSame = wanted === key;
            // Who has scrolled reads. New rows would push away what is read.
            if (isSame && list.scrollTop > 4 && (state.params.get("order") ?? "newest") === "newest") { fresh.hidden = false; return; }
            control?.abort();
            control = new AbortController();
            const { signal } = control;
            shown.isLoading = true;
            try {
              const answer = await get("/api/traces", params(), signal);
              if (signal.aborted) return;
              const selected = shown.rows[shown.place]?.trace;
              key = wanted;
              fresh.hidden = true;
              if (!isSame) list.scrollTop = 0;
              Object.assign(shown, { rows: answer.rows, total: answer.total, cursor: answer.cursor, searchedTo: answer.searchedTo });
              shown.place = selected ? shown.rows.findIndex(one => one.trace === selected) : -1;
              show();
            } catch (error) { if (!signal.aborted && !(error instanceof Lost) && !(error instanceof Problem)) throw error; } finally { if (!signal.aborted) shown.isLoading = false; }
          };
          const loadMore = async () => {
            if (shown.isLoading || !shown.cursor) return;
            shown.isLoading = true;
            const { signal } = control;
            try {
              const answer = await get("/api/traces", { ...params(), cursor: shown.cursor }, signal);
              if (signal.aborted) return;
              const known = new Set(shown.rows.map(one => one.trace));
              shown.rows.push(...answer.rows.filter(one => !known.has(one.trace)));
              Object.assign(shown, { cursor: answer.cursor, searchedTo: answer.searchedTo });
              show();
            } catch (error) { if (!signal.aborted && !(error instanceof Lost) && !(error instanceof Problem)) throw error; } finally { if (!signal.aborted) shown.isLoading = false; }
          };
          list.addEventListener("scroll", () => { if (list.scrollTop + list.clientHeight > list.scrollHeight - 600) loadMore(); });
          fresh.onclick = () => { list.scrollTop = 0; load(); };

          const select = place => {
            if (!shown.rows.length) return;
            shown.place = Math.min(Math.max(place, 0), shown.rows.length - 1);
            rows.reveal(shown.place); rows.draw();
            list.setAttribute("aria-activedescendant", "trace-" + shown.rows[shown.place].trace);
          };
          const keys = {
            ArrowDown: () => select(shown.place + 1), ArrowUp: () => select(shown.place - 1), j: () => select(shown.place + 1), k: () => select(shown.place - 1),
            PageDown: () => select(shown.place + rows.page()), PageUp: () => select(shown.place - rows.page()), Home: () => select(0), End: () => select(shown.rows.length - 1),
            Enter: () => { if (shown.place >= 0) go(address(["trace", shown.rows[shown.place].trace])); },
            c: () => { if (shown.place >= 0) toggle(shown.rows[shown.place].trace); },
            e: () => select(shown.rows.findIndex((one, place) => place > shown.place && one.errors > 0)),
          };
          const onKey = event => {
            if (event.target.closest?.("input,select,textarea,#tabs,#heat") || event.target.closest?.("a,button") && event.key === "Enter" || !Object.hasOwn(keys, event.key)) return false;
            keys[event.key]();
            return true;
          };
          order.onchange = () => go(changed({ order: order.value === "newest" ? "" : order.value }));
          return {
            follows: () => true, key: onKey, close: () => control?.abort(),
            refresh: () => { order.value = state.params.get("order") ?? "newest"; return load(); },
          };
        };

        """#
}
