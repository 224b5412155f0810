extension ReportAssets {
    /// The zoomed window of the waterfall: the overview of the whole trace, and the ruler.
    static let zoomScript = #"""
        // The window in nanoseconds after the start of the trace.
        const zoom = { from: 0, to: 1, whole: 1 };
        // In a long trace, the times of a smaller window could not be told apart.
        const smallestWindow = () => Math.max(10, zoom.whole * 2 ** -45);

        const setZoom = (from, to) => {
          const width = Math.min(Math.max(to - from, smallestWindow()), zoom.whole);
          zoom.from = Math.min(Math.max(from, 0), zoom.whole - width);
          zoom.to = zoom.from + width;
          drawZoom();
          host.zoomed();
        };
        const isZoomed = () => zoom.to - zoom.from < zoom.whole;
        const zoomOut = () => setZoom(0, zoom.whole);
        const zoomBy = (factor, centre = (zoom.from + zoom.to) / 2) => setZoom(centre - (centre - zoom.from) * factor, centre + (zoom.to - centre) * factor);
        const pan = share => { const step = (zoom.to - zoom.from) * share; setZoom(zoom.from + step, zoom.to + step); };
        const zoomTo = span => {
          if (isUntimed(span)) return;
          const edge = Math.max(store.durations[span] * 0.02, 1);
          setZoom(store.starts[span] - edge, store.starts[span] + store.durations[span] + edge);
        };
        const openZoom = trace => {
          zoom.whole = Math.max(store.traceDurations[trace], 10);
          Object.assign(zoom, { from: 0, to: zoom.whole });
          drawZoom();
        };

        const drawRuler = () => {
          const ruler = element("ruler"), box = element("waterfall"), border = 2;
          // The rows are narrower than the box if it has a scroll bar.
          ruler.parentElement.style.paddingRight = 9 + box.offsetWidth - box.clientWidth - border + "px";
          const width = Math.max(1, ruler.clientWidth), span = zoom.to - zoom.from;
          const stepOf = space => Math.max(1, timeStep(span / Math.max(2, Math.floor(width / space))));
          const widest = tickTime(zoom.to, stepOf(90), zoom.to).length * 7 + 12;
          const step = stepOf(Math.max(90, widest));
          ruler.replaceChildren(...multiples(zoom.from, zoom.to, step).map(at => {
            const share = (at - zoom.from) / span, isLast = (1 - share) * width < widest;
            // The last label is at the left of its line, if there is room for two.
            const tick = make("span", { class: isLast ? "end" : "" }, isLast && step / span * width < 2 * widest - 12 ? "" : tickTime(at, step, zoom.to));
            tick.style.left = share * 100 + "%";
            return tick;
          }));
          box.style.setProperty("--grid", step / span * width + "px");
          box.style.setProperty("--grid-at", (Math.ceil(zoom.from / step) * step - zoom.from) / span * width + "px");
        };

        // All spans of the trace as thin lines, and the window. At most one line for each pixel row is drawn in full.
        // The lines are drawn again only if their size or the colours change.
        const lines = { key: "", canvas: document.createElement("canvas") };
        const drawLines = ({ width, height, colour }, ratio) => {
          const { first, last } = fall.state, count = last - first, colours = new Map(), key = [first, last, width, height, ratio, colour("bg")].join();
          if (key === lines.key) return;
          Object.assign(lines.canvas, { width: Math.max(1, Math.round(width * ratio)), height: Math.max(1, Math.round(height * ratio)) });
          const context = lines.canvas.getContext("2d"), bad = colour("bad");
          lines.key = key;
          context.scale(ratio, ratio);
          const serviceColour = service => {
            if (!colours.has(service)) colours.set(service, store.serviceColours[service] < 0 ? colour("quiet") : colour("s" + store.serviceColours[service]));
            return colours.get(service);
          };
          const thickness = Math.max(1, Math.min(4, height / count - 0.5)), every = Math.max(1, Math.floor(count / 20000));
          for (let span = first; span < last; span += every) {
            if (isUntimed(span)) continue;
            context.fillStyle = isFailed(span) ? bad : serviceColour(store.services[span]);
            context.fillRect(store.starts[span] / zoom.whole * width, (span - first) / count * (height - thickness),
              Math.max(1, store.durations[span] / zoom.whole * width), thickness);
          }
        };
        const drawOverview = () => {
          const canvas = element("overview"), surface = canvasOf(canvas), { context, width, height, colour } = surface;
          drawLines(surface, devicePixelRatio || 1);
          context.drawImage(lines.canvas, 0, 0, width, height);
          if (!isZoomed()) return;
          const left = zoom.from / zoom.whole * width, right = zoom.to / zoom.whole * width;
          context.globalAlpha = 0.65; context.fillStyle = colour("panel");
          context.fillRect(0, 0, left, height); context.fillRect(right, 0, width - right, height);
          context.globalAlpha = 1; context.strokeStyle = colour("fg");
          context.strokeRect(left, 0.5, Math.max(1, right - left), height - 1);
        };
        const drawZoom = () => {
          drawRuler(); drawOverview(); fall.redraw();
          element("zoom-all").disabled = element("zoom-out").disabled = !isZoomed();
        };

        // Dragging selects a window; `timeAt` turns a position into a time.
        const dragWindow = (target, timeAt) => {
          let from = null;
          target.addEventListener("pointerdown", event => { from = timeAt(event); target.setPointerCapture(event.pointerId); });
          target.addEventListener("pointercancel", () => { from = null; });
          target.addEventListener("pointerup", event => {
            if (from === null) return;
            const to = timeAt(event), width = target.getBoundingClientRect().width;
            const isDrag = Math.abs(to - from) > 4 / width * (target.id === "ruler" ? zoom.to - zoom.from : zoom.whole);
            if (isDrag) setZoom(Math.min(from, to), Math.max(from, to));
            from = null;
          });
        };
        const shareAt = (target, event) => { const box = target.getBoundingClientRect(); return (event.clientX - box.left) / box.width; };

        function startZoom() {
          const overview = element("overview"), ruler = element("ruler"), box = element("waterfall");
          dragWindow(overview, event => shareAt(overview, event) * zoom.whole);
          dragWindow(ruler, event => zoom.from + shareAt(ruler, event) * (zoom.to - zoom.from));
          element("zoom-in").onclick = () => zoomBy(0.5);
          element("zoom-out").onclick = () => zoomBy(2);
          element("zoom-all").onclick = zoomOut;
          // As in other viewers: with Ctrl or Command the wheel zooms, around the pointer.
          box.addEventListener("wheel", event => {
            if (!event.ctrlKey && !event.metaKey) return;
            event.preventDefault();
            zoomBy(event.deltaY > 0 ? 1.25 : 0.8, zoom.from + shareAt(ruler, event) * (zoom.to - zoom.from));
          }, { passive: false });
          new ResizeObserver(() => requestAnimationFrame(() => { if (view.trace >= 0 && ruler.isConnected) drawZoom(); })).observe(ruler);
          matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (view.trace >= 0) drawZoom(); }, { signal: host.signal });
        }
        """#
}
