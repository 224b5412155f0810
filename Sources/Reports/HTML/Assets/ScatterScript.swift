extension ReportAssets {
    /// The chart of durations over start times: a heat map of the traces, on which the user selects an area or a trace.
    static let scatterScript = #"""
        const chart = list ? startScatter() : null;
        function drawScatter() { if (chart) chart.draw(); }

        function startScatter() {
          const canvas = element("scatter"), brush = element("brush"), mark = element("mark");
          const margin = { left: 56, right: 10, top: 8, bottom: 22 };
          const timed = Uint32Array.from({ length: store.traceCount }, (_, trace) => trace).filter(hasStart);
          // Without a start, a trace has no place in the chart.
          if (!timed.length) { element("chart").hidden = true; return null; }
          const cell = timed.length < 300 ? 8 : timed.length < 1500 ? 6 : 4;
          const range = values => values.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [Infinity, -Infinity]);
          const [firstStart, lastStart] = range(Array.from(timed, trace => store.traceStarts[trace]));
          const [least, most] = range(Array.from(timed, trace => Math.max(1, store.traceDurations[trace])));
          const axis = {
            from: firstStart, to: Math.max(lastStart, firstStart + 1),
            low: Math.log10(least) - 0.1, high: Math.max(Math.log10(most) + 0.1, Math.log10(least) + 0.5),
          };
          const size = { width: 1, height: 1 };
          const plotWidth = () => Math.max(1, size.width - margin.left - margin.right);
          const plotHeight = () => Math.max(1, size.height - margin.top - margin.bottom);
          const xOf = start => margin.left + (start - axis.from) / (axis.to - axis.from) * plotWidth();
          const yOf = duration => margin.top + (axis.high - Math.log10(Math.max(1, duration))) / (axis.high - axis.low) * plotHeight();
          const startAt = x => axis.from + (x - margin.left) / plotWidth() * (axis.to - axis.from);
          const durationAt = y => 10 ** (axis.high - (y - margin.top) / plotHeight() * (axis.high - axis.low));

          // How many traces are in each cell: all, those that are shown, and those with errors.
          const countCells = () => {
            const columns = Math.ceil(size.width / cell), rows = Math.ceil(size.height / cell);
            const all = new Uint32Array(columns * rows), shown = new Uint32Array(columns * rows), failed = new Uint32Array(columns * rows);
            const place = trace => Math.floor(yOf(store.traceDurations[trace]) / cell) * columns + Math.floor(xOf(store.traceStarts[trace]) / cell);
            for (const trace of timed) all[place(trace)]++;
            for (const trace of view.shown) if (hasStart(trace)) { shown[place(trace)]++; if (store.traceErrors[trace]) failed[place(trace)]++; }
            return { columns, all, shown, failed };
          };
          const drawCells = ({ context, colour }) => {
            const { columns, all, shown, failed } = countCells();
            const most = Math.log2(1 + shown.reduce((a, b) => Math.max(a, b), 1));
            const [plain, bad, quiet] = [colour("bar"), colour("bad"), colour("line")];
            for (let place = 0; place < all.length; place++) {
              if (!all[place]) continue;
              const x = place % columns * cell, y = Math.floor(place / columns) * cell;
              context.fillStyle = shown[place] ? plain : quiet;
              context.globalAlpha = shown[place] ? 0.35 + 0.65 * Math.log2(1 + shown[place]) / most : 1;
              context.fillRect(x, y, cell - 1, cell - 1);
              if (!failed[place]) continue;
              // A cross, so that errors can be told apart without their colour.
              context.globalAlpha = 1;
              context.strokeStyle = bad; context.lineWidth = 1.5;
              context.beginPath();
              context.moveTo(x - 1, y - 1); context.lineTo(x + cell, y + cell); context.moveTo(x + cell, y - 1); context.lineTo(x - 1, y + cell);
              context.stroke();
            }
            context.globalAlpha = 1;
          };

          const drawAxes = ({ context, colour, font }) => {
            context.font = "11px " + font;
            context.fillStyle = colour("quiet"); context.strokeStyle = colour("line");
            context.textAlign = "right"; context.textBaseline = "middle";
            for (let power = Math.ceil(axis.low); power <= axis.high; power++) line(context, margin.left, yOf(10 ** power), size.width - margin.right, yOf(10 ** power), shortTime(10 ** power));
            context.textBaseline = "top";
            // The labels have milliseconds.
            const wanted = Math.max(2, Math.floor(plotWidth() / 110)), step = Math.max(1e6, timeStep((axis.to - axis.from) / wanted));
            const shift = (zone.utc ? 0 : new Date(store.origin / 1e6).getTimezoneOffset() * 60e9) % step;
            const origin = store.origin - shift;
            for (const at of multiples(origin + axis.from, origin + axis.to, step)) {
              const start = at - origin, x = xOf(start), text = tickText(start, step);
              context.beginPath(); context.moveTo(x, margin.top); context.lineTo(x, size.height - margin.bottom); context.stroke();
              context.textAlign = x < margin.left + 30 ? "left" : x > size.width - margin.right - 30 ? "right" : "center";
              context.fillText(text, x, size.height - margin.bottom + 5);
            }
          };
          const line = (context, x1, y1, x2, y2, text) => {
            context.beginPath(); context.moveTo(x1, y1); context.lineTo(x2, y2); context.stroke();
            context.fillText(text, x1 - 6, y1);
          };
          const shortTime = ns => ns < 1e3 ? ns + " ns" : ns < 1e6 ? ns / 1e3 + " µs" : ns < 1e9 ? ns / 1e6 + " ms" : grouped(ns / 1e9) + " s";
          const tickText = (start, step) => {
            const text = clock((store.origin + start) / 1e6, step < 1e9 ? 3 : 0);
            return step >= 86400e9 ? text.slice(0, 10) : step >= 60e9 ? text.slice(11, 16) : text.slice(11);
          };

          const placeMark = () => {
            mark.hidden = view.trace < 0 || !hasStart(view.trace);
            if (mark.hidden) return;
            mark.style.left = xOf(store.traceStarts[view.trace]) + "px";
            mark.style.top = yOf(store.traceDurations[view.trace]) + "px";
          };
          const placeBrush = () => {
            brush.hidden = !view.brush;
            if (!view.brush) return;
            const left = xOf(view.brush.from), top = yOf(view.brush.most);
            brush.style.cssText = `left:${left}px;top:${top}px;width:${xOf(view.brush.to) - left}px;height:${yOf(view.brush.least) - top}px`;
          };
          const facts = () => {
            const dates = `${moment(startOf(timed[0]))} – ${moment((store.origin + lastStart) / 1e6)}`;
            element("chart-times").textContent = dates + ". ";
          };
          const draw = () => {
            const surface = canvasOf(canvas);
            Object.assign(size, { width: surface.width, height: surface.height });
            drawAxes(surface); drawCells(surface);
            placeMark(); placeBrush(); facts();
          };

          const nearest = (x, y) => {
            let best = -1, distance = 15 ** 2;
            for (const trace of view.shown) {
              if (!hasStart(trace)) continue;
              const d = (xOf(store.traceStarts[trace]) - x) ** 2 + (yOf(store.traceDurations[trace]) - y) ** 2;
              if (d < distance) { best = trace; distance = d; }
            }
            return best;
          };
          const area = (a, b) => ({
            from: startAt(Math.min(a.x, b.x)), to: startAt(Math.max(a.x, b.x)),
            least: durationAt(Math.max(a.y, b.y)), most: durationAt(Math.min(a.y, b.y)),
          });
          const point = event => { const box = canvas.getBoundingClientRect(); return { x: event.clientX - box.left, y: event.clientY - box.top }; };
          let pressed = null, earlier = null;
          canvas.addEventListener("pointerdown", event => { pressed = point(event); earlier = view.brush; canvas.setPointerCapture(event.pointerId); });
          canvas.addEventListener("pointermove", event => {
            const at = point(event);
            if (!pressed) { canvas.style.cursor = nearest(at.x, at.y) < 0 ? "crosshair" : "pointer"; return; }
            if (Math.hypot(at.x - pressed.x, at.y - pressed.y) > 5) { view.brush = area(pressed, at); placeBrush(); }
          });
          canvas.addEventListener("pointercancel", () => { pressed = null; view.brush = earlier; placeBrush(); });
          canvas.addEventListener("pointerup", event => {
            if (!pressed) return;
            const at = point(event), moved = Math.hypot(at.x - pressed.x, at.y - pressed.y) > 5;
            if (moved) { view.brush = area(pressed, at); list.filter(); } else {
              const trace = nearest(at.x, at.y);
              if (trace >= 0) openTrace(trace); else if (view.brush) { view.brush = null; list.filter(); }
            }
            pressed = null;
          });
          canvas.addEventListener("keydown", event => {
            const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
            if (!step) return;
            event.preventDefault();
            const byStart = view.shown.slice().sort((a, b) => store.traceStarts[a] - store.traceStarts[b] || a - b);
            if (byStart.length) showTrace(byStart[Math.min(Math.max(byStart.indexOf(view.trace) + step, 0), byStart.length - 1)]);
          });
          new ResizeObserver(() => requestAnimationFrame(draw)).observe(canvas);
          matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
          return { draw, placeMark };
        }
        """#
}
