extension PageAssets {
    /// Calls of language models by conversation and by model, and spans that have not ended.
    static let conversationsScript = #"""
        import { make, time, grouped, counted, quoted, readable } from "./page.js";
        import { address, filters } from "./state.js";
        import { get } from "./api.js";
        import { amount, emptyState, filterLink, nothingYet, serviceLabel, share, sortableTable, timeOf, answerView } from "./parts.js";

        const price = row => {
          const costs = row.costs?.length ? row.costs : row.cost === null || row.cost === undefined ? [] : [{ amount: row.cost, currency: row.currency }];
          return costs.map(({ amount, currency }) => `${amount < 0.1 ? amount.toFixed(4) : amount.toFixed(2)} ${currency ?? ""}`.trim()).join(" + ") || "–";
        };
        const callColumns = [
          { key: "calls", title: "Calls", number: true, value: row => row.call_count, cell: row => grouped(row.call_count) },
          { key: "errors", title: "Errors", number: true, value: row => row.error_count, cell: row => row.error_count ? make("span", { class: "bad" }, `× ${grouped(row.error_count)}`) : make("span", { class: "quiet" }, "0") },
          { key: "input", title: "Input tokens", number: true, value: row => row.input_tokens, cell: row => amount(row.input_tokens) },
          { key: "cached", title: "From cache", number: true, value: row => row.cache_read_fraction, cell: row => share(row.cache_read_fraction) },
          { key: "output", title: "Output tokens", number: true, value: row => row.output_tokens, cell: row => amount(row.output_tokens) },
          { key: "first", title: "First token p50", number: true, value: row => row.first_token_p50_ns, cell: row => timeOf(row.first_token_p50_ns) },
          { key: "p50", title: "Call p50", number: true, value: row => row.duration_p50_ns, cell: row => timeOf(row.duration_p50_ns) },
          { key: "p95", title: "Call p95", number: true, value: row => row.duration_p95_ns, cell: row => timeOf(row.duration_p95_ns) },
          { key: "cost", title: "Cost", number: true, value: row => row.cost ?? null, cell: price },
        ];

        export const conversationsView = box => {
          const conversations = sortableTable({
            label: "Conversations", order: "input",
            columns: [
              { key: "name", title: "Conversation", class: "wide", value: row => row.name, cell: row => filterLink(`gen_ai.conversation.id=${quoted(row.name)}`, readable(row.name.slice(0, 200)) || "(none)", "Show its traces") },
              { key: "models", title: "Models", value: row => (row.models ?? []).join(", "), cell: row => readable((row.models ?? []).join(", ").slice(0, 200)) }, ...callColumns,
            ],
          });
          const models = sortableTable({
            label: "Models", order: "input",
            columns: [{ key: "name", title: "Model", class: "wide", value: row => row.name, cell: row => readable(row.name.slice(0, 200)) }, ...callColumns],
          });
          const content = make("div", { class: "padded" }, make("h2", {}, "Conversations"), conversations.box, make("h2", {}, "Models"), models.box);
          return {
            follows: () => true,
            ...answerView(box, signal => Promise.all([get("/api/conversations", filters(), signal), get("/api/models", filters(), signal)]), ([talks, used]) => {
              const isEmpty = !talks.rows.length && !used.rows.length;
              box.replaceChildren(isEmpty ? nothingYet("calls of language models", make("p", {}, "Spans with gen_ai attributes are listed here, by gen_ai.conversation.id: tokens, caching, time to the first token and cost.")) : content);
              conversations.draw(talks.rows); models.draw(used.rows);
            }),
          };
        };

        export const openView = box => {
          const list = make("div", { class: "open-list", role: "list" }), caption = make("p", { class: "quiet", role: "status" });
          const content = make("div", { class: "padded" }, caption, list);
          const rowOf = (one, longest, hasEnded) => {
            const row = make("div", { class: "open-row", role: "listitem" }), name = make("span", { class: "name" });
            name.style.paddingLeft = Math.min(one.depth, 20) * 16 + "px";
            name.append(serviceMark(one), make("a", { href: address(["trace", one.trace_id], { span: one.span_id }), title: "Open its trace" }, readable(one.name.slice(0, 300)) || "(no name)"));
            const meter = make("span", { class: "meter", "aria-hidden": "true" }), inner = make("i");
            inner.style.width = Math.max(0.5, one.age_ns / longest * 100) + "%";
            meter.append(inner);
            const attributes = Object.entries(one.attributes ?? {}).slice(0, 6).map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`).join("  ");
            row.append(name, make("small", { class: "quiet attributes", title: readable(attributes.slice(0, 2000)) }, readable(attributes.slice(0, 300))), meter, make("span", { class: "n" }, time(one.age_ns)), make("small", { class: "quiet" }, `process ${one.process_id}${hasEnded ? " has ended" : ""}`));
            return row;
          };
          const serviceMark = one => { const label = serviceLabel(one.service); label.classList.add("inline"); return label; };
          return {
            follows: () => true,
            ...answerView(box, signal => get("/api/open", {}, signal), answer => {
              if (!answer.rows.length) {
                box.replaceChildren(emptyState("No open spans",
                  make("p", {}, "Spans that have not ended are read from the spools of processes on this machine. Start the server with the folder of a spool:"),
                  make("div", { class: "command" }, make("code", {}, "spankit serve --spool DIR")), make("p", { class: "quiet" }, "Programs that export over OTLP only send spans that have ended.")));
                return;
              }
              const longest = Math.max(1, ...answer.rows.map(one => one.age_ns));
              caption.textContent = `${counted(answer.total, "open span")}, by the time since the start.`;
              const ended = new Set(answer.processes.filter(one => !one.is_running).map(one => one.process_id));
              list.replaceChildren(...answer.rows.slice(0, 500).map(one => rowOf(one, longest, ended.has(one.process_id))));
              if (!content.isConnected) box.replaceChildren(content);
            }),
          };
        };

        """#
}
