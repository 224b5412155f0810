extension ReportAssets {
    /// The flame graph: search, zoom, colours.
    static let flameScript = #"""
        const flame = element("flame");
        const resetFlame = flame ? startFlame() : () => false;

        function startFlame() {
          const total = node => node.total ??= node[2] + node[3].reduce((sum, child) => sum + total(child), 0);
          const top = ["all", 0, 0, data.flame];
          total(top);
          // The children of a box that are too small to be drawn are one box without a name.
          const isGroup = node => node[4] !== undefined;
          const nameOfBox = node => isGroup(node) ? `(${grouped(node[4])} smaller)` : readable(node[0]);
          const search = element("search"), by = element("by"), facts = element("facts");
          let focus = top;

          const change = node => Object.hasOwn(data.changes, node[0]) ? data.changes[node[0]] : undefined;
          const changeColour = c => c === undefined || Math.abs(c) < .01 ? "hsl(0 0% 78%)"
            : c > 0 ? `hsl(8 80% ${80 - Math.min(35, c * 100)}%)` : `hsl(140 50% ${80 - Math.min(35, -c * 100)}%)`;
          const nameColour = name => { let h = 0; for (const c of name) h = (h * 31 + c.codePointAt(0)) % 360; return `hsl(${h} 60% 76%)`; };
          const colour = node => by.value === "change" ? changeColour(change(node)) : by.value === "name" ? nameColour(node[0])
            : isGroup(node) ? "hsl(0 0% 78%)" : `hsl(${48 - 40 * Math.min(1, node[2] / Math.max(1, node.total))} 85% 72%)`;

          const title = node => {
            const c = change(node);
            if (isGroup(node)) return `${nameOfBox(node)}\n${time(node.total)} self time with callees, ${counted(node[1], "run")}; each box is below 0.05 % of the time`;
            return `${nameOfBox(node)}\n${time(node.total)} self time with callees, ${time(node[2])} self time, ${counted(node[1], "run")}` +
              (c === undefined ? "" : `\n${(c * 100).toFixed(1)} % since the earlier run`);
          };
          const makeBox = (node, left, width, depth, state) => {
            const box = make("button", { type: "button", title: title(node), "aria-label": title(node).replaceAll("\n", ", "), class: state });
            box.style.cssText = `left:${left}%;width:${width}%;top:${depth * 20}px;background:${colour(node)}`;
            box.textContent = width > 3 ? nameOfBox(node) : "";
            if (!isGroup(node)) box.onclick = () => { focus = node === focus ? top : node; draw(); flame.firstChild.focus(); };
            box.onmouseenter = box.onfocus = () => { facts.textContent = box.title.replaceAll("\n", " · "); };
            return box;
          };

          const draw = () => {
            const wanted = search.value.toLowerCase(), whole = Math.max(1, focus.total), boxes = [];
            let deepest = 0, matched = 0, hits = 0, groupedTime = 0, left = 0;
            const put = (node, start, depth, inMatch) => {
              const width = node.total / whole * 100;
              const hit = wanted && !isGroup(node) && node[0].toLowerCase().includes(wanted);
              // A match is drawn however short it is.
              if (width < 0.08 && !hit && !wanted) return;
              if (hit) { hits++; if (!inMatch) matched += node.total; }
              if (isGroup(node) && !inMatch) groupedTime += node.total;
              if (boxes.length >= 4000 && (width >= 0.08 || hit)) left++; else if (width >= 0.08 || hit) {
                deepest = Math.max(deepest, depth);
                boxes.push(makeBox(node, start, width, depth, hit ? "hit" : wanted ? "miss" : ""));
              }
              let place = start;
              for (const child of node[3]) { put(child, place, depth + 1, inMatch || hit); place += child.total / whole * 100; }
            };
            put(focus, 0, 0, false);
            flame.replaceChildren(...boxes);
            flame.style.height = (deepest + 1) * 20 + "px";
            const share = part => (part / whole * 100).toFixed(1) + " %", sentences = [];
            if (wanted) sentences.push(`${counted(hits, "box matches", "boxes match")}; ${share(matched)} of the time is in matching operations`);
            if (wanted && groupedTime) sentences.push(`${share(groupedTime)} is in boxes below 0.05 %, which are grouped and not searched`);
            if (left) sentences.push(`${counted(left, "box is", "boxes are")} not drawn`);
            facts.textContent = sentences.join("; ");
          };
          const reset = () => {
            const changed = focus !== top || search.value !== "";
            focus = top; search.value = "";
            if (changed) draw();
            return changed;
          };
          search.oninput = by.onchange = draw;
          element("reset").onclick = reset;
          // The graph is drawn when it comes near the window.
          const near = new IntersectionObserver(seen => { if (seen.some(one => one.isIntersecting)) { near.disconnect(); draw(); } },
            { rootMargin: "600px" });
          near.observe(flame);
          addEventListener("beforeprint", () => { if (!flame.firstChild) draw(); });
          return reset;
        }
        """#
}
