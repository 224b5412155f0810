extension PageAssets {
    /// Metrics as lines, with exemplars that open traces.
    static let metricsScript = #"""
        import { make, grouped, counted, readable, canvasOf, roundStep, timeStep, multiples, clock, zone } from "./page.js";
        import { address, changed, filters, go, state } from "./state.js";
        import { get } from "./api.js";
        import { answerView, bytes, momentOf, nothingYet } from "./parts.js";

        const margin = { left: 66, right: 14, top: 10, bottom: 22 }, most = 12;
        const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
        const valueText = (value, unit) => {
          if (unit === "By") return bytes(value);
          if (unit === "s") return Math.abs(value) < 1 && value ? `${Number((value * 1000).toPrecision(3))} ms` : `${Number(value.toPrecision(3))} s`;
          if (unit === "ms") return `${Number(value.toPrecision(3))} ms`;
          const text = Math.abs(value) >= 1e4 ? grouped(Math.round(value)) : String(Number(value.toPrecision(3)));
          return unit && unit !== "1" && !unit.startsWith("{") ? `${text} ${readable(unit)}` : text;
        };
        const nameOf = series => [series.quantity && series.quantity !== "value" ? series.quantity : "", ...Object.entries(series.attributes ?? {}).map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)].filter(Boolean).join(" ") || "value";

        export const metricsView = box => {
          // Of histograms, the percentiles and the rate have different units, so one of them is shown.
          const quantity = make("select", { "aria-label": "Shown" }, make("option", { value: "" }, "Percentiles"), make("option", { value: "rate" }, "Rate"));
          quantity.onchange = () => go(changed({ quantity: quantity.value }));
          const list = make("ul", { class: "metric-list", "aria-label": "Metrics" }), title = make("h2"), about = make("p", { class: "quiet" });
          const canvas = make("canvas", { id: "metric-chart", role: "img", tabindex: "0" }), tip = make("div", { class: "tip", hidden: "" }), legend = make("ul", { class: "legend series" }), examples = make("div", { class: "exemplars" });
          const chart = make("figure", {}, make("div", { class: "bar" }, title, quantity), about, make("div", { class: "chart-box" }, canvas, tip), legend, examples), content = make("div", { class: "metrics" }, make("div", { class: "metric-side" }, list), chart);
          const shown = { series: [], unit: "", from: 0, to: 1, low: 0, high: 1, size: { width: 1, height: 1 }, places: [] };
          const control = new AbortController();

          const draw = () => {
            if (!canvas.isConnected || !shown.series.length) return;
            const { context, width, height, colour, font } = canvasOf(canvas), bottom = height - margin.bottom;
            shown.size = { width, height };
            const x = at => margin.left + (at - shown.from) / Math.max(1, shown.to - shown.from) * (width - margin.left - margin.right);
            const y = value => bottom - (value - shown.low) / Math.max(1e-12, shown.high - shown.low) * (bottom - margin.top);
            context.font = "11px " + font; context.lineWidth = 1; context.strokeStyle = colour("line"); context.fillStyle = colour("quiet");
            context.textAlign = "right"; context.textBaseline = "middle";
            for (const value of multiples(shown.low, shown.high, roundStep((shown.high - shown.low) / 5))) {
              const at = Math.round(y(value)) + 0.5;
              context.beginPath(); context.moveTo(margin.left, at); context.lineTo(width - margin.right, at); context.stroke();
              context.fillText(valueText(value, shown.unit), margin.left - 7, at);
            }
            context.textAlign = "center"; context.textBaseline = "top";
            const step = Math.max(1e9, timeStep((shown.to - shown.from) / Math.max(2, width / 120))), shift = (zone.utc ? 0 : new Date(shown.from / 1e6).getTimezoneOffset() * 60e9) % step;
            for (const at of multiples(shown.from - shift, shown.to - shift, step)) {
              const place = x(at + shift);
              if (place < margin.left + 20 || place > width - 30) continue;
              context.fillText(clock((at + shift) / 1e6, 0).slice(11, step >= 60e9 ? 16 : 19), place, bottom + 7);
            }
            shown.series.forEach((series, number) => {
              context.strokeStyle = colour("s" + number % 12); context.lineWidth = 1.75; context.setLineDash(dashes[Math.floor(number / 3) % dashes.length]);
              context.beginPath();
              series.points.forEach(([at, value], place) => { if (place) context.lineTo(x(at), y(value)); else context.moveTo(x(at), y(value)); });
              context.stroke();
              if (series.points.length === 1) { context.fillStyle = colour("s" + number % 12); context.fillRect(x(series.points[0][0]) - 2, y(series.points[0][1]) - 2, 4, 4); }
            });
            context.setLineDash([]);
            shown.places = shown.series.flatMap((series, number) => series.exemplars.map(one => ({ ...one, x: x(one.at), y: y(one.value), number })));
            for (const one of shown.places) {
              context.fillStyle = colour("bg"); context.strokeStyle = colour("fg"); context.lineWidth = 1.5;
              context.beginPath(); context.moveTo(one.x, one.y - 5); context.lineTo(one.x + 5, one.y); context.lineTo(one.x, one.y + 5); context.lineTo(one.x - 5, one.y); context.closePath();
              context.fill(); context.stroke();
            }
          };
          const read = (answer, metric) => {
            const isMixed = answer.series.some(one => one.quantity === "rate") && answer.series.some(one => one.quantity !== "rate");
            const isRate = isMixed ? quantity.value === "rate" : answer.series.some(one => one.quantity === "rate");
            quantity.hidden = !isMixed;
            const wanted = answer.series.filter(one => !isMixed || (one.quantity === "rate") === isRate);
            shown.series = wanted.slice(0, most).map(one => ({
              ...one, points: one.points.map(([at, value]) => [Number(at), value]).filter(([at, value]) => at > 0 && Number.isFinite(value)),
              exemplars: isRate ? [] : (one.exemplars ?? []).filter(each => each.trace && Number.isFinite(each.value)).map(each => ({ ...each, at: Number(each.time) })),
            }));
            const values = shown.series.flatMap(one => [...one.points.map(point => point[1]), ...one.exemplars.map(each => each.value)]), times = shown.series.flatMap(one => one.points.map(point => point[0]));
            const high = values.reduce((a, b) => Math.max(a, b), -Infinity), low = values.reduce((a, b) => Math.min(a, b), Infinity);
            Object.assign(shown, {
              unit: isRate ? "/s" : metric.unit ?? "", from: times.reduce((a, b) => Math.min(a, b), Infinity), to: times.reduce((a, b) => Math.max(a, b), -Infinity),
              low: low >= 0 ? 0 : low - (high - low) * 0.05, high: high > 0 || low < 0 ? high + Math.max(1e-9, high - Math.min(0, low)) * 0.08 : 1,
            });
            title.textContent = readable(metric.name);
            about.textContent = [readable(metric.description ?? ""), metric.kind, metric.unit ? `unit ${readable(metric.unit)}` : "", wanted.length > most ? `${most} of ${grouped(wanted.length)} series` : ""].filter(Boolean).join(" · ");
            legend.replaceChildren(...shown.series.map((one, place) => {
              const mark = make("i", { class: "swatch line" }), last = one.points.at(-1);
              mark.style.borderTopColor = `var(--s${place % 12})`;
              mark.style.borderTopStyle = ["solid", "dashed", "dotted", "dashed"][Math.floor(place / 3) % 4];
              return make("li", {}, mark, readable(nameOf(one).slice(0, 200)), " ", make("b", {}, last ? valueText(last[1], shown.unit) : "–"));
            }));
            canvas.setAttribute("aria-label", `${metric.name}: ${counted(shown.series.length, "series", "series")}. ${shown.series.map(one => `${nameOf(one)}: last value ${one.points.length ? valueText(one.points.at(-1)[1], shown.unit) : "none"}`).join("; ")}`.slice(0, 2000));
            const found = shown.series.flatMap(one => one.exemplars).sort((a, b) => b.at - a.at).slice(0, 20);
            examples.replaceChildren(...found.length ? [make("h3", {}, "Exemplars"), make("ul", {}, ...found.map(one => make("li", {}, make("a", { href: address(["trace", one.trace], { span: one.span ?? "" }) }, `◇ ${valueText(one.value, shown.unit)}`), " ", make("small", { class: "quiet" }, momentOf(one.time)))))] : []);
            draw();
          };
          const nearest = event => {
            const frame = canvas.getBoundingClientRect(), at = { x: event.clientX - frame.left, y: event.clientY - frame.top };
            return { at, one: shown.places.find(place => Math.hypot(place.x - at.x, place.y - at.y) < 9) };
          };
          canvas.addEventListener("click", event => { const { one } = nearest(event); if (one) go(address(["trace", one.trace], { span: one.span ?? "" })); });
          canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
          canvas.addEventListener("pointermove", event => {
            if (!shown.series.length) return;
            const { at, one } = nearest(event), moment = shown.from + (at.x - margin.left) / Math.max(1, shown.size.width - margin.left - margin.right) * (shown.to - shown.from);
            canvas.style.cursor = one ? "pointer" : "default";
            const lines = shown.series.map(series => {
              const best = series.points.reduce((a, b) => Math.abs(b[0] - moment) < Math.abs(a[0] - moment) ? b : a, series.points[0] ?? [0, NaN]);
              return `${readable(nameOf(series).slice(0, 60))}: ${valueText(best[1], shown.unit)}`;
            });
            tip.textContent = one ? `${valueText(one.value, shown.unit)}\nClick to open its trace` : [clock(moment / 1e6, 0).slice(11), ...lines].join("\n");
            tip.hidden = false;
            tip.style.cssText = `top:8px;` + (at.x > shown.size.width / 2 ? `right:${shown.size.width - at.x + 12}px` : `left:${at.x + 12}px`);
          });
          new ResizeObserver(() => requestAnimationFrame(draw)).observe(canvas);
          matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw, { signal: control.signal });

          const load = async signal => {
            const { rows } = await get("/api/metrics", filters({ withSelection: false }), signal);
            const [, name, service] = state.parts, named = rows.filter(one => one.name === name);
            const metric = named.find(one => (one.service ?? "") === (service ?? "")) ?? named[0] ?? rows[0];
            quantity.value = state.params.get("quantity") ?? "";
            return { rows, metric, answer: metric ? await get("/api/metric", { name: metric.name, service: metric.service, from: state.params.get("from"), to: state.params.get("to") }, signal) : null };
          };
          const view = answerView(box, load, ({ rows, metric, answer }) => {
            if (!metric) { box.replaceChildren(nothingYet("metrics")); return; }
              if (!content.isConnected) box.replaceChildren(content);
              const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
              list.replaceChildren(...rows.map(one => {
                const link = make("a", { href: address(["metrics", one.name, ...one.service ? [one.service] : []]), ...one === metric ? { "aria-current": "true" } : {} }, make("span", {}, readable(one.name.slice(0, 200))), make("small", {}, [readable(one.service ?? ""), one.kind, counted(one.series, "series", "series")].filter(Boolean).join(" · ")));
                return make("li", {}, link);
              }));
              if (focused) [...list.querySelectorAll("a")].find(link => link.getAttribute("href") === focused)?.focus();
              read(answer, metric);
            });
          return { ...view, follows: () => true, close: () => { view.close(); control.abort(); } };
        };

        """#
}
