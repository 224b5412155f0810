extension PageAssets {
    /// Log records, newest first: virtual rows; a selected record shows its attributes below.
    static let logsScript = #"""
        import { make, counted, quoted, readable, readableLines, virtualRows, clock } from "./page.js";
        import { address, filters, go, isKey } from "./state.js";
        import { get, Lost, Problem } from "./api.js";
        import { copyButton, filterLink, nothingYet, serviceLabel, momentOf } from "./parts.js";

        const levelName = number => number >= 21 ? "FATAL" : number >= 17 ? "ERROR" : number >= 13 ? "WARN" : number >= 9 ? "INFO" : number >= 5 ? "DEBUG" : number >= 1 ? "TRACE" : "";
        const levelClass = number => number >= 17 ? "bad" : number >= 13 ? "caution" : "quiet";
        const textOf = value => typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);

        export const logsView = box => {
          const status = make("p", { class: "quiet", role: "status" }), list = make("div", { class: "virtual", id: "log-list", role: "listbox", tabindex: "0", "aria-label": "Log records" }, make("div", { role: "presentation" }));
          const detail = make("aside", { id: "log-detail", "aria-label": "Selected log record", hidden: "" });
          const whole = make("div", { class: "list-box" }, make("div", { class: "bar" }, status), list, detail), empty = make("div");
          box.append(whole, empty);
          const shown = { rows: [], cursor: null, total: 0, place: -1, isLoading: false };
          let control = null;

          const rowOf = place => {
            const one = shown.rows[place], row = make("div", { class: "row", role: "option", id: "log-" + place, "aria-selected": String(place === shown.place) });
            const at = one.time_unix_ns ?? one.observed_time_unix_ns, text = readable(textOf(one.body).slice(0, 500)) || readable((one.event_name ?? "").slice(0, 200)) || "(no text)";
            const pairs = Object.entries(one.attributes ?? {}).slice(0, 8).map(([key, value]) => `${key}=${textOf(value).slice(0, 80)}`).join("  ");
            row.append(make("span", { class: "start" }, at ? clock(Number(at) / 1e6, 3).slice(11) : "–"), make("span", { class: "level " + levelClass(one.severity_number) }, readable(one.severity_text?.slice(0, 20) || levelName(one.severity_number)).toUpperCase() || "–"),
              make("span", { class: "from" }, serviceLabel(one.service)), make("span", { class: "name" }, text, "  ", make("small", {}, readable(pairs.slice(0, 400)))));
            row.onclick = () => select(place);
            return row;
          };
          const rows = virtualRows(list, rowOf);
          const showDetail = () => {
            const one = shown.rows[shown.place];
            detail.hidden = !one;
            if (!one) return;
            const line = (key, content, ...more) => make("tr", {}, make("th", { scope: "row" }, readable(key)), make("td", {}, content, ...more));
            const close = make("button", { type: "button", class: "small", "aria-label": "Close" }, "Close");
            close.onclick = () => { shown.place = -1; showDetail(); rows.draw(); list.focus(); };
            const facts = [line("time", momentOf(one.time_unix_ns ?? one.observed_time_unix_ns)), line("severity", `${readable((one.severity_text ?? "").slice(0, 40))} (${one.severity_number})`)];
            if (one.logger) facts.push(line("logger", readable(one.logger.slice(0, 300))));
            if (one.event_name) facts.push(line("event", readable(one.event_name.slice(0, 300))));
            if (one.trace_id) facts.push(line("trace", make("a", { href: address(["trace", one.trace_id], { span: one.span_id ?? "" }) }, one.trace_id)));
            const attributes = Object.entries(one.attributes ?? {}).map(([key, value]) => line(key.slice(0, 300), readableLines(textOf(value).slice(0, 5000)), " ",
              ...isKey(key) && typeof value !== "object" && String(value).length < 1000 ? [filterLink(`${key}=${quoted(String(value))}`, "Traces with it", "Show the traces with this attribute")] : []));
            detail.replaceChildren(make("div", { class: "bar" }, make("h2", {}, "Log record"), copyButton(() => textOf(one.body), "Copy text"), close),
              make("p", { class: "body" }, readableLines(textOf(one.body).slice(0, 20000))), make("table", {}, ...facts, ...attributes));
          };
          const select = place => {
            if (!shown.rows.length) return;
            shown.place = Math.min(Math.max(place, 0), shown.rows.length - 1);
            showDetail();
            rows.reveal(shown.place); rows.draw();
            list.setAttribute("aria-activedescendant", "log-" + shown.place);
          };
          const load = async (isMore = false) => {
            if (isMore && (shown.isLoading || !shown.cursor)) return;
            // Who reads a record or has scrolled is not disturbed.
            if (!isMore && (shown.place >= 0 || list.scrollTop > 4) && shown.key === JSON.stringify(filters())) return;
            if (!isMore) { control?.abort(); control = new AbortController(); }
            const { signal } = control;
            shown.isLoading = true;
            try {
              const answer = await get("/api/logs", { ...filters(), limit: 200, cursor: isMore ? shown.cursor : "" }, signal);
              if (signal.aborted) return;
              Object.assign(shown, { rows: isMore ? [...shown.rows, ...answer.rows] : answer.rows, cursor: answer.cursor ?? null, total: answer.total, key: JSON.stringify(filters()) });
              if (!isMore) { shown.place = -1; list.scrollTop = 0; showDetail(); }
              whole.hidden = !shown.rows.length;
              empty.replaceChildren(...shown.rows.length ? [] : [nothingYet("log records")]);
              status.textContent = `${counted(shown.total, "log record")}, newest first.`;
              rows.resize(shown.rows.length);
            } catch (error) { if (!signal.aborted && !(error instanceof Lost) && !(error instanceof Problem)) throw error; } finally { if (!signal.aborted) shown.isLoading = false; }
          };
          list.addEventListener("scroll", () => { if (list.scrollTop + list.clientHeight > list.scrollHeight - 600) load(true); });
          const keys = {
            ArrowDown: () => select(shown.place + 1), ArrowUp: () => select(shown.place - 1), PageDown: () => select(shown.place + rows.page()), PageUp: () => select(shown.place - rows.page()),
            Home: () => select(0), End: () => select(shown.rows.length - 1),
            Enter: () => { const one = shown.rows[shown.place]; if (one?.trace_id) go(address(["trace", one.trace_id], { span: one.span_id ?? "" })); },
            Escape: () => { shown.place = -1; showDetail(); rows.draw(); },
          };
          return {
            follows: () => true, close: () => control?.abort(), refresh: () => load(),
            key: event => {
              if (!Object.hasOwn(keys, event.key) || event.target !== list && event.target !== document.body || event.key === "Escape" && shown.place < 0) return false;
              keys[event.key]();
              return true;
            },
          };
        };

        """#
}
