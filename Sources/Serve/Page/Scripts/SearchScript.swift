extension PageAssets {
    /// The search: the filter of the tools, with completion of fields, attribute keys and values.
    static let searchScript = #"""
        import { element, make, quoted, readable } from "./page.js";
        import { state, address, changed, go, isKey } from "./state.js";
        import { get, Lost, Problem } from "./api.js";

        const fields = {
          name: "name of a span", service: "name of the service", duration: "such as 500ms or 1.5s", status: "unset, ok or error", kind: "server, client, internal, producer, consumer",
          error: "the span failed", trace: "trace id or its start", span: "span id or its start",
        };
        const fixed = {
          status: ["error", "ok", "unset"], kind: ["server", "client", "internal", "producer", "consumer"], error: ["true", "false"],
          duration: ["10ms", "100ms", "500ms", "1s", "5s"],
        };
        // A word and, for a value, the key and the operator before it, at the end of what is before the cursor.
        const ending = /(?:^|[\s(])(?:([^\s()"'=<>!~&|]+)(<=|>=|!=|=|<|>|~))?("(?:[^"\\]|\\.)*|[^\s()"'=<>!~&|]*)$/;

        export const startSearch = () => {
          const input = element("query"), list = element("completions");
          const known = { services: [], keys: null, operations: null };
          const shown = { options: [], active: -1 };

          const values = key => {
            if (key === "service") return known.services;
            if (key === "name") return known.operations ?? [];
            return fixed[key] ?? known.keys?.find(one => one.key === key)?.values ?? [];
          };
          // Keys and names are asked for when the search is used the first time.
          const learn = () => {
            if (known.keys) return;
            known.keys = []; known.operations = [];
            const ask = (path, take) => get(path).then(answer => { take(answer); complete(); }, error => { if (!(error instanceof Problem || error instanceof Lost)) throw error; });
            ask("/api/keys", ({ keys }) => { known.keys = keys; });
            ask("/api/operations", ({ rows }) => { known.operations = [...new Set(rows.map(row => row.name))]; });
          };
          const written = value => /^[^\s()"'=<>!~&|\\]+$/.test(value) ? value : quoted(value);
          const complete = () => {
            if (document.activeElement !== input) return;
            const before = input.value.slice(0, input.selectionStart), [, key, operator, word] = ending.exec(before) ?? [];
            let options = [];
            if (key) {
              const wanted = word.replace(/^"/, "").toLowerCase();
              options = values(key).filter(one => String(one).toLowerCase().includes(wanted) && written(String(one)) !== word)
                .map(one => ({ text: written(String(one)), label: String(one), note: "", from: before.length - word.length }));
            } else if (word !== undefined && !word.startsWith('"')) {
              const wanted = word.toLowerCase(), all = [...Object.entries(fields), ...(known.keys ?? []).filter(one => isKey(one.key)).map(one => [one.key, "attribute"])];
              options = all.filter(([name]) => name.toLowerCase().includes(wanted) && name !== word)
                .sort(([a], [b]) => b.toLowerCase().startsWith(wanted) - a.toLowerCase().startsWith(wanted))
                .map(([name, note]) => ({ text: name + (name === "duration" ? ">" : "="), label: name, note, from: before.length - word.length }));
            }
            show(options.slice(0, 12));
          };
          const show = options => {
            Object.assign(shown, { options, active: -1 });
            list.replaceChildren(...options.map((one, place) => {
              const item = make("li", { role: "option", id: "completion-" + place, "aria-selected": "false" }, make("span", {}, readable(one.label.slice(0, 200))), make("small", {}, one.note));
              item.onpointerdown = event => { event.preventDefault(); take(place); };
              return item;
            }));
            list.hidden = !options.length;
            input.setAttribute("aria-expanded", String(options.length > 0));
            input.removeAttribute("aria-activedescendant");
          };
          const mark = place => {
            list.children[shown.active]?.setAttribute("aria-selected", "false");
            const last = shown.options.length - 1;
            shown.active = place > last ? -1 : place < -1 ? last : place;
            if (shown.active < 0) { input.removeAttribute("aria-activedescendant"); return; }
            const item = list.children[shown.active];
            item.setAttribute("aria-selected", "true");
            item.scrollIntoView({ block: "nearest" });
            input.setAttribute("aria-activedescendant", item.id);
          };
          const take = place => {
            const { text, from } = shown.options[place], after = input.value.slice(input.selectionStart);
            input.value = input.value.slice(0, from) + text + after;
            input.setSelectionRange(from + text.length, from + text.length);
            complete();
          };
          const apply = () => {
            show([]);
            const q = input.value.trim();
            // A trace id is an address.
            if (/^[0-9a-f]{32}$/i.test(q)) go(address(["trace", q.toLowerCase()], { q: "" }));
            else go(["trace", "compare", "metrics"].includes(state.parts[0]) ? address(["traces"], { q }) : changed({ q }));
          };
          input.addEventListener("focus", () => { learn(); complete(); });
          input.addEventListener("blur", () => show([]));
          input.addEventListener("input", event => { complete(); if (input.value === "" && !event.inputType) apply(); });
          input.addEventListener("keydown", event => {
            const isOpen = shown.options.length > 0;
            if (event.key === "ArrowDown" && isOpen) { event.preventDefault(); mark(shown.active + 1); }
            else if (event.key === "ArrowUp" && isOpen) { event.preventDefault(); mark(shown.active - 1); }
            else if (event.key === "Tab" && isOpen && !event.shiftKey && input.value) { event.preventDefault(); take(Math.max(0, shown.active)); }
            else if (event.key === "Enter") { event.preventDefault(); if (shown.active >= 0) take(shown.active); else apply(); }
            else if (event.key === "Escape") {
              event.preventDefault(); event.stopPropagation();
              if (isOpen) show([]); else if (input.value) { input.value = ""; apply(); } else input.blur();
            }
          });
          element("search-form").addEventListener("submit", event => { event.preventDefault(); apply(); });

          return {
            show: () => { if (document.activeElement !== input || input.value.trim() !== (state.params.get("q") ?? "")) input.value = state.params.get("q") ?? ""; },
            know: services => { known.services = services; },
          };
        };

        """#
}
