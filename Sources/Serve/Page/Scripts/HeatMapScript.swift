extension PageAssets {
    /// The heat map of traces: time × duration, on a logarithmic scale. Dragging selects a part, which filters
    /// everything.
    static let heatMapScript = #"""
        import { element, make, time, grouped, counted, canvasOf, timeStep, multiples, zone, clock } from "./page.js";
        import { state, changed, filters, go, address, selection, selectionText } from "./state.js";
        import { get } from "./api.js";
        import { momentOf } from "./parts.js";
        import { startDifferences } from "./differences.js";

        const margin = { left: 58, right: 12, top: 8, bottom: 22 };
        const roundDurations = [1, 1e3, 1e6, 1e9].flatMap(unit => [1, 10, 100].map(factor => unit * factor)).concat([10e9, 100e9, 1000e9, 10000e9]);
        const shortTime = ns => ns < 1e3 ? ns + " ns" : ns < 1e6 ? ns / 1e3 + " µs" : ns < 1e9 ? ns / 1e6 + " ms" : grouped(ns / 1e9) + " s";

        export const startHeat = () => {
          const canvas = element("heat"), brush = element("heat-brush"), tip = element("heat-tip"), facts = element("heat-facts");
          const differences = startDifferences();
          // The answer of the server, with times in nanoseconds after `origin`.
          let map = null, size = { width: 1, height: 1 }, control = null;

          const plot = () => ({ width: Math.max(1, size.width - margin.left - margin.right), height: Math.max(1, size.height - margin.top - margin.bottom) });
          const xOf = at => margin.left + at / map.length * plot().width;
          const atOf = x => Math.min(Math.max((x - margin.left) / plot().width, 0), 1) * map.length;
          const yOf = duration => margin.top + (map.high - Math.log(Math.max(1, duration))) / (map.high - map.low) * plot().height;
          const durationOf = y => Math.exp(map.high - Math.min(Math.max((y - margin.top) / plot().height, 0), 1) * (map.high - map.low));

          const read = answer => {
            const origin = BigInt(answer.from), length = Math.max(1, Number(BigInt(answer.to) - origin)), { rows } = answer;
            const least = rows[0]?.lower || 1e6, most = rows.at(-1)?.upper || 1e9;
            const points = answer.points?.map(one => ({ ...one, at: Number(BigInt(one.start) - origin) })) ?? null;
            return { ...answer, origin, length, points, low: Math.log(Math.max(1, least)) - 0.15, high: Math.log(Math.max(most, least * 4)) + 0.15 };
          };

          const drawAxes = ({ context, colour, font }) => {
            const { width, height } = size, bottom = height - margin.bottom;
            context.font = "11px " + font;
            context.strokeStyle = colour("line"); context.fillStyle = colour("quiet"); context.lineWidth = 1;
            context.textAlign = "right"; context.textBaseline = "middle";
            const line = (x1, y1, x2, y2) => { context.beginPath(); context.moveTo(x1, y1); context.lineTo(x2, y2); context.stroke(); };
            let last = Infinity;
            for (const duration of roundDurations) {
              const y = Math.round(yOf(duration)) + 0.5;
              if (y < margin.top + 4 || y > bottom - 2 || last - y < 18) continue;
              line(margin.left, y, width - margin.right, y);
              context.fillText(shortTime(duration), margin.left - 7, y);
              last = y;
            }
            line(margin.left, bottom + 0.5, width - margin.right, bottom + 0.5);
            const step = Math.max(1e9, timeStep(map.length / Math.max(2, Math.floor(plot().width / 80)))), origin = Number(map.origin);
            const shift = (zone.utc ? 0 : new Date(origin / 1e6).getTimezoneOffset() * 60e9) % step;
            context.textBaseline = "top";
            for (const at of multiples(origin - shift, origin - shift + map.length, step)) {
              const x = Math.round(xOf(at + shift - origin)) + 0.5, text = clock((at + shift) / 1e6, 0);
              if (x < margin.left || x > width - margin.right) continue;
              line(x, bottom, x, bottom + 4);
              context.textAlign = x < margin.left + 24 ? "left" : x > width - 40 ? "right" : "center";
              context.fillText(step >= 86400e9 ? text.slice(0, 10) : step >= 60e9 ? text.slice(11, 16) : text.slice(11), x, bottom + 7);
            }
          };
          const cross = (context, x, y, half) => {
            context.beginPath();
            context.moveTo(x - half, y - half); context.lineTo(x + half, y + half); context.moveTo(x + half, y - half); context.lineTo(x - half, y + half);
            context.stroke();
          };
          const drawCells = ({ context, colour }) => {
            const { counts, errors, rows, columns } = map, step = plot().width / columns;
            const most = Math.log2(1 + counts.reduce((max, one) => Math.max(max, one[2]), 1));
            context.fillStyle = colour("heat");
            const boxOf = (column, row) => {
              const x = margin.left + column * step, top = yOf(rows[row].upper), bottom = yOf(Math.max(1, rows[row].lower));
              return [x, top, Math.max(1.5, step - 0.5), Math.max(1.5, bottom - top - 0.5)];
            };
            for (const [column, row, count] of counts) {
              context.globalAlpha = 0.25 + 0.75 * Math.log2(1 + count) / most;
              context.fillRect(...boxOf(column, row));
            }
            context.globalAlpha = 1; context.strokeStyle = colour("bad"); context.lineWidth = 1.5;
            for (const [column, row] of errors) {
              const [x, y, width, height] = boxOf(column, row);
              cross(context, x + width / 2, y + height / 2, Math.max(2, Math.min(4, height / 2)));
            }
          };
          const drawPoints = ({ context, colour }) => {
            const half = map.points.length < 300 ? 3 : 2;
            context.fillStyle = colour("heat"); context.globalAlpha = map.points.length < 300 ? 0.85 : 0.6;
            for (const one of map.points) if (!one.error) context.fillRect(xOf(one.at) - half, yOf(one.duration) - half, half * 2, half * 2);
            context.globalAlpha = 1; context.strokeStyle = colour("bad"); context.lineWidth = 1.75;
            for (const one of map.points) if (one.error) cross(context, xOf(one.at), yOf(one.duration), half + 1);
          };
          const placeBrush = (one = selection()) => {
            brush.hidden = !one || !map;
            if (brush.hidden) return;
            const left = Math.max(margin.left, xOf(Number(one.from - map.origin))), right = Math.min(size.width - margin.right, xOf(Number(one.to - map.origin)));
            const top = Math.max(margin.top, yOf(one.max)), bottom = Math.min(size.height - margin.bottom, yOf(one.min));
            if (right < left || bottom < top) { brush.hidden = true; return; }
            brush.style.cssText = `left:${left}px;top:${top}px;width:${right - left}px;height:${bottom - top}px`;
          };
          const draw = () => {
            if (!map || element("overview-panel").hidden) return;
            const surface = canvasOf(canvas);
            size = { width: surface.width, height: surface.height };
            drawAxes(surface);
            if (map.points) drawPoints(surface); else drawCells(surface);
            placeBrush();
          };
          const tell = () => {
            const failed = map.points ? map.points.filter(one => one.error).length : map.errors.reduce((sum, one) => sum + one[2], 0), one = selection();
            const chosen = one ? `Selected: ${clock(Number(one.from) / 1e6, 0).slice(11)} – ${clock(Number(one.to) / 1e6, 0).slice(11)}, ${time(Math.round(one.min))} to ${time(Math.round(one.max))}.` : "";
            const total = !map.total ? "No traces." : `${counted(map.total, "trace")}, ${failed ? grouped(failed) : "none"} with errors.${map.searchedTo ? ` Searched back to ${momentOf(map.searchedTo)}.` : ""}`;
            facts.replaceChildren(chosen || total, ...chosen || !map.total ? [] : [make("span", { class: "key" }, make("i", { class: "heat-key" }), map.points ? "trace" : "traces", make("b", { class: "bad" }, " × "), "with errors"), make("span", { class: "hint" }, "Drag to select.")]);
            canvas.setAttribute("aria-label", `Duration of ${counted(map.total, "trace")} over time. Arrow keys move a selection, with Shift they change its size, Escape removes it.`);
            element("heat-tools").hidden = !one;
          };
          const refresh = async () => {
            control?.abort();
            control = new AbortController();
            const { signal } = control, columns = Math.max(20, Math.min(240, Math.floor(element("main").clientWidth / 7)));
            try {
              const answer = await get("/api/heatmap", { ...filters({ withSelection: false }), columns }, signal);
              if (signal.aborted) return;
              map = read(answer);
              element("overview-panel").classList.toggle("is-empty", map.total === 0);
              draw(); tell();
              await differences.refresh(signal);
            } catch (error) { if (!signal.aborted && error.status !== 400) throw error; }
          };

          const point = event => { const box = canvas.getBoundingClientRect(); return { x: event.clientX - box.left, y: event.clientY - box.top }; };
          const area = (a, b) => ({
            from: map.origin + BigInt(Math.floor(atOf(Math.min(a.x, b.x)))), to: map.origin + BigInt(Math.ceil(atOf(Math.max(a.x, b.x)))),
            min: durationOf(Math.max(a.y, b.y)), max: durationOf(Math.min(a.y, b.y)),
          });
          const nearest = ({ x, y }) => {
            let best = null, least = 12 ** 2;
            for (const one of map?.points ?? []) {
              const distance = (xOf(one.at) - x) ** 2 + (yOf(one.duration) - y) ** 2;
              if (distance < least) { best = one; least = distance; }
            }
            return best;
          };
          const cellAt = ({ x, y }) => {
            const column = Math.floor(atOf(x) / map.length * map.columns), duration = durationOf(y), row = map.rows.findIndex(one => duration >= one.lower && duration < one.upper);
            const of = list => list.find(one => one[0] === column && one[1] === row)?.[2] ?? 0;
            return { count: of(map.counts), errors: of(map.errors), row: map.rows[row] };
          };
          const showTip = at => {
            const one = nearest(at);
            let text = "";
            if (map.points) text = one ? `${clock(Number(BigInt(one.start)) / 1e6, 3).slice(11)}\n${time(one.duration)}${one.error ? ", with errors" : ""}\nClick to open the trace` : "";
            else {
              const { count, errors, row } = cellAt(at);
              if (count) text = `${counted(count, "trace")}${errors ? `, ${grouped(errors)} with errors` : ""}\n${time(Math.round(row.lower))} to ${time(Math.round(row.upper))}`;
            }
            tip.hidden = !text;
            tip.textContent = text;
            tip.style.cssText = `top:${Math.max(0, at.y - 12)}px;` + (at.x > size.width / 2 ? `right:${size.width - at.x + 12}px` : `left:${at.x + 12}px`);
            canvas.style.cursor = map.points && one ? "pointer" : "crosshair";
          };
          let pressed = null;
          canvas.addEventListener("pointerdown", event => { if (map) { pressed = point(event); canvas.setPointerCapture(event.pointerId); tip.hidden = true; } });
          canvas.addEventListener("pointermove", event => {
            if (!map) return;
            const at = point(event);
            if (!pressed) showTip(at);
            else if (Math.hypot(at.x - pressed.x, at.y - pressed.y) > 5) placeBrush(area(pressed, at));
          });
          canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
          canvas.addEventListener("pointercancel", () => { pressed = null; placeBrush(); });
          canvas.addEventListener("pointerup", event => {
            if (!pressed) return;
            const at = point(event), from = pressed, one = nearest(at);
            pressed = null;
            if (Math.hypot(at.x - from.x, at.y - from.y) > 5) go(changed({ sel: selectionText(area(from, at)) }));
            else if (one) go(address(["trace", one.trace]));
            else if (selection()) go(changed({ sel: "" }));
          });
          // With the keyboard: the arrows move the selection, with Shift they move its upper right corner.
          canvas.addEventListener("keydown", event => {
            const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
            if (!moves || !map || event.ctrlKey || event.metaKey) return;
            event.preventDefault();
            const { width, height } = plot(), one = selection();
            let [left, right, top, bottom] = one ? [xOf(Number(one.from - map.origin)), xOf(Number(one.to - map.origin)), yOf(one.max), yOf(one.min)]
              : [margin.left + width * 0.8, margin.left + width, margin.top, margin.top + height / 3];
            const [dx, dy] = [moves[0] * width / 20, moves[1] * height / 10];
            if (one) { right += dx; top += dy; if (!event.shiftKey) { left += dx; bottom += dy; } }
            if (right - left < 4 || bottom - top < 4 || left < margin.left - 1 || right > margin.left + width + 1 || top < margin.top - 1 || bottom > margin.top + height + 1) return;
            go(changed({ sel: selectionText(area({ x: left, y: top }, { x: right, y: bottom })) }), { replace: Boolean(one) });
          });
          element("heat-zoom").onclick = () => { const one = selection(); go(changed({ from: String(one.from), to: String(one.to), sel: "" })); };
          element("heat-clear").onclick = () => go(changed({ sel: "" }));
          element("heat-before").onclick = () => {
            const one = selection(), q = state.params.get("q") ?? "";
            go(address(["compare"], {
              before: q, after: q, beforeFrom: one.from - (one.to - one.from), beforeTo: one.from, afterFrom: one.from, afterTo: one.to, q: "", from: "", to: "", sel: "",
            }));
          };
          new ResizeObserver(() => requestAnimationFrame(draw)).observe(canvas);
          matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
          return { refresh, draw };
        };

        """#
}
