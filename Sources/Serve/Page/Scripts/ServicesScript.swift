extension PageAssets {
    /// Services and their calls: a table first, and a drawing of up to 40 services.
    static let servicesScript = #"""
        import { make, grouped, counted, quoted, readable } from "./page.js";
        import { address, filters, addCondition } from "./state.js";
        import { get } from "./api.js";
        import { colourOf, filterLink, nothingYet, serviceLabel, share, sortableTable, svg, timeOf, answerView } from "./parts.js";

        const mostNodes = 40, width = 168, height = 44, gapX = 84, gapY = 34;
        // Calls of which more fail are marked.
        const badShare = 0.01;
        const errorText = ({ errors }) => errors ? make("span", { class: "bad" }, `× ${grouped(errors)}`) : make("span", { class: "quiet" }, "0");

        // The column of each service: one more than that of its callers. A call that closes a circle is left out.
        const columnsOf = ({ services, calls }) => {
          const columns = new Map(services.map(one => [one.name, 0])), outgoing = new Map(services.map(one => [one.name, []]));
          for (const { from, to } of calls) if (from !== to && outgoing.has(from) && outgoing.has(to)) outgoing.get(from).push(to);
          const visiting = new Set(), order = [], done = new Set();
          const visit = name => {
            if (done.has(name)) return;
            visiting.add(name);
            for (const next of outgoing.get(name)) if (!visiting.has(next)) visit(next);
            visiting.delete(name); done.add(name); order.unshift(name);
          };
          for (const { name } of services) visit(name);
          const rank = new Map(order.map((name, place) => [name, place]));
          for (const name of order) for (const next of outgoing.get(name)) {
            if (rank.get(next) > rank.get(name)) columns.set(next, Math.max(columns.get(next), columns.get(name) + 1));
          }
          return columns;
        };
        // The places of services: those of a column are in the order of the mean of their callers.
        const layout = answer => {
          const columns = columnsOf(answer), groups = [], head = 4 + 18 * Math.max(0, ...columns.values());
          for (const one of answer.services) (groups[columns.get(one.name)] ??= []).push(one.name);
          const places = new Map(), tallest = Math.max(...groups.map(group => group.length));
          groups.forEach((group, column) => {
            const mean = name => {
              const callers = answer.calls.filter(call => call.to === name && places.has(call.from)).map(call => places.get(call.from).y);
              return callers.length ? callers.reduce((a, b) => a + b, 0) / callers.length : 0;
            };
            group.map(name => [name, mean(name)]).sort((a, b) => a[1] - b[1]).forEach(([name], row) => {
              places.set(name, { x: column * (width + gapX) + 4, y: (row + (tallest - group.length) / 2) * (height + gapY) + head });
            });
          });
          return { places, width: groups.length * (width + gapX) - gapX + 8, height: tallest * (height + gapY) - gapY + head + 4 };
        };

        const drawing = answer => {
          const { places, ...size } = layout(answer), most = Math.max(1, ...answer.calls.map(one => one.count));
          const edge = call => {
            const a = places.get(call.from), b = places.get(call.to);
            if (!a || !b || call.from === call.to) return [];
            const [x1, y1, x2, y2] = [a.x + width, a.y + height / 2, b.x, b.y + height / 2], bend = Math.max(40, Math.min(140, Math.abs(x2 - x1) / 2));
            // A call past other services goes around them.
            const columns = Math.round(Math.abs(x2 - x1) / (width + gapX)), lift = columns > 0 ? -(height + 22 * columns) : 0;
            const isBad = call.errors >= call.count * badShare;
            const thickness = 1 + 4 * Math.log(1 + call.count) / Math.log(1 + most);
            const text = `${readable(call.from.slice(0, 200))} calls ${readable(call.to.slice(0, 200))}: ${counted(call.count, "call")}, ${counted(call.errors, "error")}, p95 ${timeOf(call.p95)}`;
            const path = svg("path", { class: "edge" + (isBad ? " failed" : ""), d: `M${x1} ${y1}C${x1 + bend} ${y1 + lift} ${x2 - bend} ${y2 + lift} ${x2 - 5} ${y2}`, "stroke-width": thickness }, svg("title", {}, text));
            const tip = svg("path", { class: "tip" + (isBad ? " failed" : ""), d: `M${x2} ${y2}l-8 -4.5v9z` });
            return [path, tip];
          };
          const node = one => {
            const { x, y } = places.get(one.name), name = readable(one.name.slice(0, 200)), isShort = one.name.length < 2000;
            const mark = svg("rect", { x: x + 10, y: y + 11, width: 9, height: 9, rx: 2 });
            mark.style.fill = colourOf(one.name);
            const text = svg("text", { x: x + 26, y: y + 20 }, name.length > 19 ? name.slice(0, 18) + "…" : name);
            const link = svg("a", { ...isShort ? { href: address(["traces"], { q: addCondition(`service=${quoted(one.name)}`) }) } : {}, "aria-label": `${name}: ${counted(one.spans, "span")}, ${counted(one.errors, "error")}` });
            link.append(svg("title", {}, name), svg("rect", { class: "node", x, y, width, height, rx: 8 }), mark, text,
              svg("text", { class: "small", x: x + 26, y: y + 36 }, `${grouped(one.spans)} spans`),
              ...one.errors ? [svg("text", { class: "small bad", x: x + width - 10, y: y + 36, "text-anchor": "end" }, `× ${grouped(one.errors)}`)] : []);
            return link;
          };
          const picture = svg("svg", { class: "map", viewBox: `0 0 ${size.width} ${size.height}`, role: "group", "aria-label": "Services and their calls" }, ...answer.calls.flatMap(edge), ...answer.services.map(node));
          picture.style.width = size.width + "px";
          return make("div", { class: "scroll map-box" }, picture);
        };

        export const servicesView = box => {
          const calls = sortableTable({
            label: "Calls between services", order: "count", limit: 12,
            columns: [
              { key: "from", title: "Caller", value: row => row.from, cell: row => serviceLabel(row.from) },
              { key: "to", title: "Called service", value: row => row.to, cell: row => filterLink(`service=${quoted(row.to)}`, serviceLabel(row.to), "Show its traces") },
              { key: "count", title: "Calls", number: true, value: row => row.count, cell: row => grouped(row.count) },
              { key: "errors", title: "Errors", number: true, value: row => row.errors, cell: errorText },
              { key: "fraction", title: "Failed", number: true, value: row => row.errors / Math.max(1, row.count), cell: row => share(row.errors / Math.max(1, row.count)) },
              { key: "p50", title: "p50", number: true, value: row => row.p50, cell: row => timeOf(row.p50) },
              { key: "p95", title: "p95", number: true, value: row => row.p95, cell: row => timeOf(row.p95) },
            ],
          });
          const services = sortableTable({
            label: "Services", order: "spans", limit: 12,
            columns: [
              { key: "name", title: "Service", value: row => row.name, cell: row => filterLink(`service=${quoted(row.name)}`, serviceLabel(row.name), "Show its traces") },
              { key: "spans", title: "Spans", number: true, value: row => row.spans, cell: row => grouped(row.spans) },
              { key: "errors", title: "Errors", number: true, value: row => row.errors, cell: errorText },
            ],
          });
          const picture = make("div"), noCalls = make("p", { class: "quiet" }, "No service called another one.");
          const content = make("div", { class: "padded services" }, make("div", { class: "pair-of-tables" }, make("div", {}, make("h2", {}, "Calls"), noCalls, calls.box), make("div", {}, make("h2", {}, "Services"), services.box)), picture);
          return {
            follows: () => true,
            ...answerView(box, signal => get("/api/services", filters(), signal), answer => {
              box.replaceChildren(answer.services.length ? content : nothingYet("services"));
              noCalls.hidden = answer.calls.length > 0; calls.box.hidden = !answer.calls.length;
              calls.draw(answer.calls); services.draw(answer.services);
              // A focused node keeps the focus in the tables only, so the drawing waits while the keyboard is in it.
              if (picture.contains(document.activeElement)) return;
              if (!answer.services.length) picture.replaceChildren();
              else if (answer.services.length > mostNodes) picture.replaceChildren(make("p", { class: "quiet" }, `There are ${grouped(answer.services.length)} services. Up to ${mostNodes} are drawn; filter by one to see its neighbours.`));
              else picture.replaceChildren(drawing(answer));
            }),
          };
        };

        """#
}
