extension PageAssets {
    /// What several views use: tables, empty states, bars, colours of services, times.
    static let partsScript = #"""
        import { make, time, grouped, counted, readable, clock, moment } from "./page.js";
        import { Lost, Problem } from "./api.js";
        import { addCondition, address, changed, isFiltered } from "./state.js";

        export const svg = (tag, attributes = {}, ...children) => {
          const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
          for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
          node.append(...children);
          return node;
        };

        // The colours of services, as ServicePalette chooses them: FNV-1a of the name, and the next free one.
        // The answer of `colourNumber` is -1 for spans without a service.
        export const colourNumber = service => { colourOf(service); return service ? Number(colours.get(service).match(/\d+/)[0]) : -1; };
        const colours = new Map(), taken = new Set(), count = 12;
        const hash = text => {
          let result = 0xcbf29ce484222325n;
          for (const byte of new TextEncoder().encode(text)) result = BigInt.asUintN(64, (result ^ BigInt(byte)) * 0x100000001b3n);
          return Number((result >> 16n) % BigInt(count));
        };
        // In the order of their bytes, so that each has the same colour in every view.
        export const knowServices = names => { for (const name of names.slice().sort()) colourOf(name); };
        export const colourOf = service => {
          if (!service) return "var(--quiet)";
          if (!colours.has(service)) {
            const preferred = hash(service), free = Array.from({ length: count }, (_, step) => (preferred + step) % count).find(one => !taken.has(one));
            taken.add(free ?? preferred);
            colours.set(service, `var(--s${free ?? preferred})`);
          }
          return colours.get(service);
        };
        export const swatch = service => {
          const mark = make("i", { class: "swatch" });
          mark.style.background = colourOf(service);
          return mark;
        };
        export const serviceLabel = name => make("span", { class: "service" }, swatch(name), readable((name ?? "").slice(0, 200)) || "(no service)");

        export const milliseconds = nanoseconds => Number(BigInt(Math.round(Number(nanoseconds)) || 0) / 1000n) / 1000;
        export const timeOf = nanoseconds => nanoseconds === null || nanoseconds === undefined ? "–" : time(Math.round(nanoseconds));
        export const clockOf = nanoseconds => clock(Number(nanoseconds) / 1e6, 0).slice(11);
        export const momentOf = nanoseconds => nanoseconds ? moment(Number(nanoseconds) / 1e6, 0) : "–";
        export const share = fraction => fraction === null || fraction === undefined ? "–"
          : fraction > 0 && fraction < 0.001 ? "< 0.1 %" : (fraction * 100).toFixed(fraction < 0.0995 ? 1 : 0) + " %";
        export const amount = number => number === null || number === undefined ? "–" : grouped(Math.round(number));
        export const bytes = number => {
          const units = ["B", "kB", "MB", "GB", "TB"];
          let unit = 0, value = number;
          while (value >= 999.5 && unit < units.length - 1) { value /= 1000; unit++; }
          return `${unit && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
        };

        // A bar next to a number. Its length is a fraction of the widest one.
        export const bar = (fraction, name = "") => {
          const box = make("span", { class: "meter " + name, "aria-hidden": "true" }), inner = make("i");
          inner.style.width = Math.min(100, Math.max(0, fraction * 100)) + "%";
          box.append(inner);
          return box;
        };

        // A condition that is too long for an address has no link.
        export const filterLink = (condition, text, title = "Filter by it", parts = ["traces"]) => condition.length > 4000 ? make("span", {}, text)
          : make("a", { href: address(parts, { q: addCondition(condition) }), title }, text);

        export const emptyState = (title, ...content) => make("div", { class: "empty" }, make("h2", {}, title), ...content);
        export const nothingFound = noun => emptyState(`No ${noun} match`,
          make("p", {}, "The filter, the time range and the selection leave nothing to show."),
          make("p", {}, make("a", { href: changed({ q: "", from: "", to: "", sel: "" }) }, "Show everything")));
        export const copyButton = (text, label = "Copy") => {
          const button = make("button", { type: "button", class: "small" }, label);
          button.onclick = async event => {
            event.stopPropagation();
            const done = await copy(text()).then(() => "Copied", () => "Not copied");
            button.textContent = done;
            setTimeout(() => { button.textContent = label; }, 1500);
          };
          return button;
        };
        const copy = text => navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject(new Error("no clipboard"));
        export const exportLines = () => {
          const line = `export OTEL_EXPORTER_OTLP_ENDPOINT=${location.origin}`;
          return [make("p", {}, "Set this in the environment of a program with an OpenTelemetry SDK, and start it:"),
            make("div", { class: "command" }, make("code", {}, line), copyButton(() => line)),
            make("p", { class: "quiet" }, "OTLP over HTTP: protobuf or JSON, with or without gzip. Some SDKs also need OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.")];
        };
        export const nothingYet = (noun, ...more) => isFiltered() ? nothingFound(noun) : emptyState(`No ${noun} yet`, ...more.length ? more : exportLines());

        // A table whose columns can be sorted. Columns: { key, title, value(row), cell(row), number, hint, isShown(row) }; one that no row needs is hidden. It keeps its order and the focus when it is drawn again.
        export const sortableTable = ({ label, columns, order, isDescending = true, limit = 200 }) => {
          const table = make("table", { class: "data", "aria-label": label }), body = make("tbody"), head = make("tr");
          const more = make("button", { type: "button", class: "more" }), box = make("div", {}, make("div", { class: "scroll" }, table), more);
          const sorting = { by: order, down: isDescending }, shown = { rows: [], limit };
          const heads = columns.map(column => {
            const cell = make("th", { scope: "col", ...column.number ? { class: "n" } : {}, ...column.hint ? { title: column.hint } : {} });
            if (!column.value) { cell.append(column.title); head.append(cell); return cell; }
            const button = make("button", { type: "button" }, column.title);
            button.onclick = () => {
              const isSame = sorting.by === column.key;
              Object.assign(sorting, { by: column.key, down: isSame ? !sorting.down : Boolean(column.number) });
              draw();
            };
            cell.append(button);
            head.append(cell);
            return cell;
          });
          table.append(make("thead", {}, head), body);
          const compare = (a, b) => {
            const column = columns.find(one => one.key === sorting.by), [x, y] = [column.value(a), column.value(b)];
            if (x === null || y === null) return (x === null) - (y === null);
            return (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y))) * (sorting.down ? -1 : 1);
          };
          const isShown = column => !column.isShown || shown.rows.some(column.isShown);
          const draw = () => {
            const focused = body.contains(document.activeElement) ? document.activeElement.closest("tr")?.dataset.key : null;
            const place = focused ? [...document.activeElement.closest("tr").querySelectorAll("a,button")].indexOf(document.activeElement) : -1;
            columns.forEach((column, at) => {
              heads[at].hidden = !isShown(column);
              if (sorting.by === column.key) heads[at].setAttribute("aria-sort", sorting.down ? "descending" : "ascending"); else heads[at].removeAttribute("aria-sort");
            });
            const rows = shown.rows.slice().sort(compare).slice(0, shown.limit);
            body.replaceChildren(...rows.map(row => {
              const line = make("tr");
              line.dataset.key = columns.filter(one => one.value && !one.number).map(one => String(one.value(row)).slice(0, 300)).join("\n");
              for (const column of columns.filter(isShown)) {
                const content = column.cell ? column.cell(row) : column.value(row) ?? "–";
                line.append(make("td", { ...column.number ? { class: "n" } : column.class ? { class: column.class } : {} }, ...Array.isArray(content) ? content : [content]));
              }
              return line;
            }));
            if (focused) [...body.rows].find(row => row.dataset.key === focused)?.querySelectorAll("a,button")[place]?.focus();
            more.hidden = shown.rows.length <= shown.limit;
            more.textContent = `Show all ${counted(shown.rows.length, "row")}`;
          };
          more.onclick = () => { shown.limit = Infinity; draw(); };
          return { box, draw: rows => { shown.rows = rows; draw(); } };
        };

        // A view that shows one answer of the server: it keeps what it shows while the next answer is on its way.
        export const answerView = (box, load, show) => {
          const note = make("p", { class: "note-line caution", role: "status" });
          let control = null;
          const refresh = async () => {
            control?.abort();
            control = new AbortController();
            const { signal } = control;
            if (!box.firstChild) box.append(make("p", { class: "padded quiet", role: "status" }, "Loading…"));
            try {
              const answer = await load(signal);
              if (signal.aborted) return;
              show(answer);
              // The time of a search is limited.
              const limit = [answer].flat().map(one => one?.searchedTo ?? one?.searched_to_unix_ns).find(Boolean);
              note.textContent = limit ? `Only spans since ${momentOf(limit)} were searched, because a search takes limited time. Choose a shorter time range or a narrower filter.` : "";
              if (limit) box.prepend(note); else note.remove();
            } catch (error) {
              if (signal.aborted || error instanceof Lost) return;
              if (!(error instanceof Problem)) throw error;
              if (error.status !== 400) box.replaceChildren(emptyState("Not available", make("p", {}, readable(error.message))));
            }
          };
          return { refresh, close: () => control?.abort() };
        };

        """#
}
