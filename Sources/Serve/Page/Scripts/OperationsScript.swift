extension PageAssets {
    /// Operations with rates, errors and percentiles, and errors by cause.
    static let operationsScript = #"""
        import { make, grouped, counted, quoted, readable } from "./page.js";
        import { address, filters } from "./state.js";
        import { get } from "./api.js";
        import { bar, clockOf, filterLink, momentOf, nothingYet, serviceLabel, share, sortableTable, svg, timeOf, answerView } from "./parts.js";

        const conditionOf = ({ name, service }) => `name=${quoted(name)}` + (service ? ` and service=${quoted(service)}` : "");
        const errorCell = row => row.error_count ? make("span", { class: "bad" }, `× ${grouped(row.error_count)}`) : make("span", { class: "quiet" }, "0");

        // The percentiles on one logarithmic scale: a thin line from the median to the maximum, a thick one to p95.
        const strip = (row, { low, high }) => {
          const x = value => (Math.log(Math.max(1, value)) - low) / Math.max(0.1, high - low) * 116 + 2;
          if (row.p50_ns === null) return "–";
          const { p50_ns: p50, p95_ns: p95, max_ns: max } = row;
          const parts = [svg("line", { class: "thin", x1: x(p50), x2: x(max), y1: 8, y2: 8 })];
          if (p95 !== null) parts.push(svg("line", { class: "thick", x1: x(p50), x2: Math.max(x(p95), x(p50) + 1), y1: 8, y2: 8 }));
          parts.push(svg("line", { class: "median", x1: x(p50), x2: x(p50), y1: 2, y2: 14 }));
          const text = `p50 ${timeOf(p50)}, p95 ${timeOf(p95)}, max ${timeOf(max)}`;
          return svg("svg", { class: "strip", viewBox: "0 0 120 16", role: "img", "aria-label": text }, svg("title", {}, text), ...parts);
        };

        // Percentiles of all spans come from histograms, which have no self times.
        const hasSelf = row => row.self_ns !== null;

        export const operationsView = box => {
          const scale = { low: 0, high: 1, seconds: null };
          const table = sortableTable({
            label: "Operations", order: "self",
            columns: [
              { key: "name", title: "Operation", class: "wide", value: row => row.name, cell: row => filterLink(conditionOf(row), readable(row.name.slice(0, 300)) || "(no name)", "Show its traces") },
              { key: "service", title: "Service", value: row => row.service ?? "", cell: row => serviceLabel(row.service) },
              { key: "count", title: "Runs", number: true, value: row => row.count, cell: row => grouped(row.count) },
              { key: "rate", title: "Per second", number: true, value: row => scale.seconds ? row.count / scale.seconds : null, cell: row => rateText(scale.seconds ? row.count / scale.seconds : null) },
              { key: "errors", title: "Errors", number: true, value: row => row.error_count, cell: errorCell },
              { key: "p50", title: "p50", number: true, value: row => row.p50_ns, cell: row => timeOf(row.p50_ns) },
              { key: "p95", title: "p95", number: true, value: row => row.p95_ns, cell: row => timeOf(row.p95_ns) },
              { key: "p99", title: "p99", number: true, value: row => row.p99_ns, cell: row => timeOf(row.p99_ns) },
              { key: "spread", title: "p50 – p95 – max", cell: row => [strip(row, scale)] },
              { key: "self", title: "Self time", number: true, hint: "Time in the operation without its callees", isShown: hasSelf, value: row => row.self_ns, cell: row => [timeOf(row.self_ns)] },
              { key: "fraction", title: "Share", isShown: hasSelf, cell: row => [make("span", { class: "with-bar" }, bar(row.self_fraction ?? 0), make("span", {}, share(row.self_fraction)))] },
            ],
          });
          const caption = make("p", { class: "quiet", role: "status" });
          const content = make("div", { class: "padded" }, caption, table.box);
          const rateText = rate => rate === null ? "–" : rate >= 100 ? grouped(Math.round(rate)) : rate >= 1 ? rate.toFixed(1) : rate.toFixed(3);
          return {
            follows: () => true,
            ...answerView(box, signal => Promise.all([get("/api/operations", filters(), signal), get("/api/heatmap", { ...filters(), columns: 20 }, signal)]), ([top, map]) => {
              const values = top.rows.flatMap(row => row.p50_ns === null ? [] : [row.p50_ns, row.max_ns]);
              Object.assign(scale, { low: Math.log(Math.max(1, Math.min(...values))), high: Math.log(Math.max(2, ...values)), seconds: Number(BigInt(map.to) - BigInt(map.from)) / 1e9 || null });
              caption.textContent = `${counted(top.total, "operation")}, ${counted(top.span_count, "span")}${top.truncated ? `; the first ${grouped(top.rows.length)} are shown` : ""}. The line is logarithmic: median, p95 and maximum.`;
              box.replaceChildren(top.rows.length ? content : nothingYet("operations"));
              table.draw(top.rows);
            }),
          };
        };

        export const errorsView = box => {
          const table = sortableTable({
            label: "Errors by cause", order: "count",
            columns: [
              { key: "count", title: "Count", number: true, value: row => row.count, cell: row => make("b", { class: "bad" }, grouped(row.count)) },
              { key: "message", title: "Cause", class: "wide message", value: row => row.message ?? row.error_type ?? "", cell: row => [make("b", {}, readable(row.error_type ?? "")), row.error_type && row.message ? " " : "", readable((row.message ?? "").slice(0, 1000)) || (row.error_type ? "" : "(no message)")] },
              { key: "name", title: "Where", value: row => row.name, cell: row => [filterLink(conditionOf(row) + " and error", readable(row.name.slice(0, 200)), "Show the traces in which it failed"), " ", make("small", {}, serviceLabel(row.service))] },
              { key: "fraction", title: "Of its runs", number: true, value: row => row.run_fraction, cell: row => share(row.run_fraction) },
              { key: "first", title: "First", number: true, value: row => row.first_unix_ns, cell: row => make("span", { title: momentOf(row.first_unix_ns) }, row.first_unix_ns ? clockOf(row.first_unix_ns) : "–") },
              { key: "last", title: "Last", number: true, value: row => row.last_unix_ns, cell: row => make("span", { title: momentOf(row.last_unix_ns) }, row.last_unix_ns ? clockOf(row.last_unix_ns) : "–") },
              { key: "trace", title: "Example", cell: row => make("a", { href: address(["trace", row.trace_id], { span: row.span_id }) }, "Open the last one") },
            ],
          });
          const caption = make("p", { class: "quiet", role: "status" }), content = make("div", { class: "padded" }, caption, table.box);
          return {
            follows: () => true,
            ...answerView(box, signal => get("/api/errors", filters(), signal), answer => {
              caption.textContent = `${counted(answer.failure_count, "failure")}, ${counted(answer.total, "cause")}. An error that is passed on to parent spans counts once. Numbers in messages are replaced by “…”.`;
              box.replaceChildren(answer.rows.length ? content : nothingYet("errors", make("p", {}, "No span failed.")));
              table.draw(answer.rows);
            }),
          };
        };

        """#
}
